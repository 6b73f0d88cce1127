/* The oracle on tables of its own, behind a small cache of translations that any change empties.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <stdlib.h>
#include <string.h>

#define CACHE 8192u    /* translations, a power of two */
#define UPDATES_MAX 4u /* of one walk: one, or more if it lost some, which nobody else makes it */

/* What an access of one kind under one control state gets in a page. */
typedef struct cached {
  uint64_t page, satp; /* virtual page number, and the root it was found under */
  uint64_t age;        /* of the tables when it was found; others than now are no entries */
  uint64_t frame;      /* physical page number */
  uint8_t way;         /* kind of access, privilege, SUM and MXR */
  uint8_t level, flags, attribute;
  bool napot;
} cached;

struct tw_forward {
  const tw_config *config;
  tw_memory *memory;
  tw_control_state control;
  tw_pmp pmp;
  tw_machine machine;
  uint64_t age;
  tw_record_store updates[UPDATES_MAX];
  unsigned update_count;
  bool failed;
  cached cache[CACHE];
};

tw_forward *tw_forward_open(const tw_config *config, uint64_t fill) {
  const tw_mode_info *mode = tw_mode_row(config->mode);
  const tw_memory_options options = {.latency = {.minimum = 1}, .fill = fill};
  tw_forward *forward = calloc(1, sizeof *forward);
  if (!forward) return NULL;
  forward->config = config;
  forward->age = 1;
  forward->control.privilege = TW_MACHINE;
  forward->pmp = (tw_pmp){.count = config->pmp_entries,
                          .grain = config->pmp_grain,
                          .xlen = mode->xlen,
                          .smepmp = (config->extensions & TW_EXT_SMEPMP) != 0};
  tw_pmp_reset(&forward->pmp);
  forward->machine = (tw_machine){.pa_bits = config->pa_bits, .pmp = &forward->pmp, .regions = &config->regions};
  forward->memory = tw_memory_open(&options);
  if (forward->memory) return forward;
  tw_forward_close(forward);
  return NULL;
}

void tw_forward_close(tw_forward *forward) {
  if (!forward) return;
  tw_memory_close(forward->memory);
  free(forward);
}

const tw_control_state *tw_forward_control(const tw_forward *forward) {
  return &forward->control;
}

static void pmp_follow(tw_forward *forward, const tw_record_pmp *write) {
  if (write->target == TW_PMP_CFG) tw_pmp_write_cfg(&forward->pmp, write->index, (uint8_t)write->value);
  if (write->target == TW_PMP_ADDR) tw_pmp_write_addr(&forward->pmp, write->index, write->value);
  if (write->target == TW_PMP_MSECCFG) tw_pmp_write_mseccfg(&forward->pmp, write->value);
  forward->age++;
}

bool tw_forward_follow(tw_forward *forward, const tw_record *record) {
  switch (record->kind) {
  case TW_RECORD_IMAGE:
    forward->age++;
    return tw_memory_write(forward->memory, record->image.pa, 8, record->image.value);
  case TW_RECORD_STORE:
    forward->age++;
    return tw_memory_store(forward->memory, &record->store, NULL);
  case TW_RECORD_CONTROL: {
    const uint8_t adue = forward->control.adue, pbmte = forward->control.pbmte;
    tw_control_apply(&forward->control, forward->config, &record->control);
    if (forward->control.adue != adue || forward->control.pbmte != pbmte) forward->age++;
    return true;
  }
  case TW_RECORD_PMP:
    pmp_follow(forward, &record->pmp);
    return true;
  default:
    return true;
  }
}

/* Sets A and D, and keeps what was set for tw_forward_update. */
static bool update_make(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  tw_forward *forward = payload;
  const uint64_t found = tw_memory_read_value(forward->memory, pa, bytes), all = bytes == 4 ? UINT32_MAX : UINT64_MAX;
  const bool same = found == *expected;
  *expected = found;
  if (!same) return true;
  if (!tw_memory_write(forward->memory, pa, bytes, desired)) forward->failed = true;
  if (forward->update_count < UPDATES_MAX)
    forward->updates[forward->update_count++] =
        (tw_record_store){.pa = pa, .width = (uint8_t)bytes, .first = all, .second = desired & ~found};
  return true;
}

static bool entry_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *entry) {
  *entry = tw_memory_read_value(((tw_forward *)payload)->memory, pa, bytes);
  return true;
}

static void answer_fill(tw_record_answer *answer, const tw_walk *walk) {
  if (walk->reason != TW_OK) {
    answer->status = TW_PIN_FAULT;
    answer->reason = (uint8_t)walk->reason;
    return;
  }
  answer->status = TW_PIN_TRANSLATED;
  answer->pa = walk->pa;
  answer->level = walk->level;
  answer->flags = walk->flags;
  answer->attribute = walk->attribute;
  answer->napot = walk->napot;
}

static void cache_fill(cached *slot, const tw_record_answer *answer) {
  slot->frame = answer->pa >> TW_PAGE_BITS;
  slot->level = answer->level;
  slot->flags = answer->flags;
  slot->attribute = answer->attribute;
  slot->napot = answer->napot;
}

static bool walk(tw_forward *forward, const tw_control_state *control, const tw_record_access *access,
                 tw_record_answer *answer) {
  const tw_request request = {.access = access->kind, .va = access->va, .bytes = access->size};
  const tw_table_memory tables = {entry_read, update_make, forward};
  tw_context context;
  tw_walk outcome;
  tw_control_context(control, forward->config, &forward->machine, access->kind, &context);
  tw_walk_run(&context, &request, &tables, &outcome);
  answer_fill(answer, &outcome);
  return !forward->failed;
}

bool tw_forward_access(tw_forward *forward, const tw_control_state *control, const tw_record_access *access,
                       tw_record_answer *answer) {
  const uint64_t page = access->va >> TW_PAGE_BITS;
  const uint8_t way = (uint8_t)((unsigned)access->kind | (unsigned)control->privilege << 2 |
                                (unsigned)(control->sum != 0) << 4 | (unsigned)(control->mxr != 0) << 5);
  cached *slot = &forward->cache[(page * 4 + (unsigned)access->kind + control->satp) % CACHE];
  if (slot->age == forward->age && slot->page == page && slot->satp == control->satp && slot->way == way &&
      !control->mprv) {
    answer->status = TW_PIN_TRANSLATED;
    answer->pa = slot->frame << TW_PAGE_BITS | (access->va & (TW_PAGE_BYTES - 1));
    answer->level = slot->level;
    answer->flags = slot->flags;
    answer->attribute = slot->attribute;
    answer->napot = slot->napot;
    return true;
  }
  if (!walk(forward, control, access, answer)) return false;
  if (answer->status != TW_PIN_TRANSLATED) return true;
  *slot = (cached){.page = page, .satp = control->satp, .age = forward->age, .way = way};
  cache_fill(slot, answer);
  return true;
}

bool tw_forward_update(tw_forward *forward, tw_record *store) {
  if (forward->update_count == 0) return false;
  *store = (tw_record){.kind = TW_RECORD_STORE, .store = forward->updates[--forward->update_count]};
  return true;
}
