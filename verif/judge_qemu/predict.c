/* What the oracle says will come of an attempt.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "image.h"
#include "vector.h"

#include <string.h>

enum { CAUSE_ILLEGAL_INSTRUCTION = 2, CAUSE_USER_CALL = 8 };

static uint64_t sign_extend(uint64_t value, unsigned bytes) {
  return (uint64_t)((int64_t)(value << (64 - 8 * bytes)) >> (64 - 8 * bytes));
}

static uint64_t xlen_cut(const judge_place *place, uint64_t value) {
  return place->plan->variant->xlen == 32 ? (uint32_t)value : value;
}

/* What is granted reads, and writes, memory; a0 is what it was, or what a load or amo puts there. */
static uint64_t memory_access(const judge_place *place, const judge_access *access, uint64_t pa, uint64_t value) {
  uint8_t *at = judge_ram_at(place->ram, pa, access->bytes);
  uint64_t found = 0;
  memcpy(&found, at, access->bytes);
  if (access->kind != TW_LOAD && access->kind != TW_FETCH && place->keep) memcpy(at, &value, access->bytes);
  if (access->kind == TW_STORE) return value;
  if (access->kind == TW_AMO) found = sign_extend(found, access->bytes);
  return xlen_cut(place, found);
}

static void granted(const judge_place *place, const judge_access *access, const judge_vector *vector,
                    judge_prediction *prediction) {
  judge_result *result = &prediction->result;
  uint64_t value = memory_access(place, access, prediction->walk.pa, vector->value);
  if (access->kind == TW_FETCH) {
    *result = (judge_result){CAUSE_ILLEGAL_INSTRUCTION, vector->pc, value, vector->value};
    return;
  }
  uint64_t call = CAUSE_USER_CALL + (uint64_t)access->status.privilege;
  *result = (judge_result){call, vector->pc + 4, 0, value};
}

typedef judge_answer (*asker)(const judge_place *place, const judge_access *access);

/* First the stub has to be fetched, unless the attempt is a fetch itself. */
static judge_prediction predict(asker ask, const judge_place *place, const judge_access *access,
                                const judge_vector *vector) {
  judge_prediction prediction = {.access = *access};
  judge_answer answer = {0};
  bool updated = false;
  if (access->kind != TW_FETCH) {
    prediction.access = (judge_access){.kind = TW_FETCH, .va = vector->pc, .bytes = 4, .status = access->status};
    answer = ask(place, &prediction.access);
    prediction.of_stub = answer.walk.reason != TW_OK;
    updated = answer.updated;
  }
  if (!prediction.of_stub) {
    prediction.access = *access;
    answer = ask(place, access);
  }
  prediction.walk = answer.walk;
  prediction.updated[0] = updated;
  prediction.updated[1] = answer.updated;
  if (answer.walk.reason == TW_OK)
    granted(place, access, vector, &prediction);
  else
    prediction.result = (judge_result){answer.walk.cause, vector->pc, answer.tval, vector->value};
  return prediction;
}

judge_prediction judge_predict(const judge_place *place, const judge_access *access, const judge_vector *vector) {
  judge_place untouched = *place;
  untouched.keep = false;
  judge_prediction oracle = predict(judge_ask, &untouched, access, vector);
  judge_prediction qemu = predict(judge_ask_as_qemu, place, access, vector);
  if (memcmp(&oracle.result, &qemu.result, sizeof qemu.result) == 0 &&
      memcmp(oracle.updated, qemu.updated, sizeof qemu.updated) == 0)
    return oracle;
  oracle.deviation = judge_deviation_of(place->plan, &oracle.walk);
  oracle.result = qemu.result;
  return oracle;
}
