/* Replays recorded vectors against the oracle: cause, trap value, physical address, changed entries, and what PMP
 * registers read after each write and at the end.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "replay.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static bool differ(vector_replay *replay, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(replay->difference, sizeof replay->difference, format, arguments);
  va_end(arguments);
  return false;
}

static bool begin_scene(vector_replay *replay, const vector_scene *scene) {
  replay->scene = *scene;
  replay->pmp = (tw_pmp){.count = scene->pmp_count,
                         .grain = scene->pmp_grain,
                         .xlen = scene->xlen,
                         .smepmp = scene->extensions & TW_EXT_SMEPMP};
  tw_pmp_reset(&replay->pmp);
  replay->regions.count = 0;
  replay->context = (vector_context){.status = {.privilege = TW_MACHINE}};
  replay->word_count = 0;
  return true;
}

static bool add_region(vector_replay *replay, const tw_pma *region) {
  if (replay->regions.count == TW_PMA_MAX) return differ(replay, "too many regions");
  replay->regions.region[replay->regions.count++] = *region;
  return true;
}

static vector_entry *find_word(vector_replay *replay, uint64_t pa) {
  for (unsigned i = 0; i < replay->word_count; i++) {
    if (replay->words[i].pa == pa) return &replay->words[i];
  }
  return NULL;
}

static bool add_word(vector_replay *replay, const vector_entry *word) {
  vector_entry *there = find_word(replay, word->pa);
  if (!there && replay->word_count == REPLAY_WORDS_MAX) return differ(replay, "too many words");
  if (!there) there = &replay->words[replay->word_count++];
  *there = *word;
  return true;
}

/* A pmpcfg register holds one byte for each of xlen/8 entries; on RV64 those with an odd number do not exist. */
static uint64_t cfg_read(const vector_replay *replay, unsigned index) {
  uint64_t value = 0;
  for (unsigned i = 0; i < replay->scene.xlen / 8 && 4 * index + i < TW_PMP_MAX; i++) {
    value |= (uint64_t)replay->pmp.cfg[4 * index + i] << (8 * i);
  }
  return value;
}

static uint64_t register_read(const vector_replay *replay, vector_bank bank, unsigned index) {
  if (bank == VECTOR_ADDR) return tw_pmp_read_addr(&replay->pmp, index);
  return bank == VECTOR_CFG ? cfg_read(replay, index) : replay->pmp.mseccfg;
}

static void register_write(vector_replay *replay, const vector_register *written) {
  if (written->bank == VECTOR_ADDR) tw_pmp_write_addr(&replay->pmp, written->index, written->value);
  if (written->bank == VECTOR_SEC) tw_pmp_write_mseccfg(&replay->pmp, written->value);
  if (written->bank != VECTOR_CFG) return;
  for (unsigned i = 0; i < replay->scene.xlen / 8 && 4 * written->index + i < TW_PMP_MAX; i++) {
    tw_pmp_write_cfg(&replay->pmp, 4 * written->index + i, (uint8_t)(written->value >> (8 * i)));
  }
}

static const char *const bank_names[] = {[VECTOR_ADDR] = "pmpaddr", [VECTOR_CFG] = "pmpcfg", [VECTOR_SEC] = "mseccfg"};

static bool check_write(vector_replay *replay, const vector_write *write) {
  const vector_register *written = &write->written;
  register_write(replay, written);
  const uint64_t read = register_read(replay, written->bank, written->index);
  if (read == write->read) return true;
  return differ(replay, "%s%u written %" PRIx64 " reads %" PRIx64 ", recorded %" PRIx64, bank_names[written->bank],
                written->index, written->value, read, write->read);
}

/* What was recorded of a register that may read 0. */
static uint64_t recorded_value(const vector_all *all, vector_bank bank, unsigned index) {
  for (unsigned i = 0; i < all->count; i++) {
    if (all->registers[i].bank == bank && all->registers[i].index == index) return all->registers[i].value;
  }
  return 0;
}

static bool check_all(vector_replay *replay, const vector_all *all) {
  const unsigned counts[] = {[VECTOR_ADDR] = TW_PMP_MAX, [VECTOR_CFG] = 16, [VECTOR_SEC] = 1};
  for (vector_bank bank = VECTOR_ADDR; bank <= VECTOR_SEC; bank++) {
    const unsigned step = bank == VECTOR_CFG ? replay->scene.xlen / 32 : 1;
    for (unsigned i = 0; i < counts[bank]; i += step) {
      const uint64_t read = register_read(replay, bank, i), recorded = recorded_value(all, bank, i);
      if (read == recorded) continue;
      return differ(replay, "at the end %s%u reads %" PRIx64 ", recorded %" PRIx64, bank_names[bank], i, read,
                    recorded);
    }
  }
  return true;
}

static bool read_entry(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  vector_replay *replay = payload;
  const vector_entry *word = find_word(replay, pa);
  *pte = word ? word->value : 0;
  return bytes == replay->scene.xlen / 8;
}

/* The updates are kept aside: each access finds memory as the scene has it. */
static bool update_entry(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  vector_replay *replay = payload;
  uint64_t found;
  const bool fits = read_entry(payload, pa, bytes, &found);
  if (found == *expected && replay->changed_count < VECTOR_ENTRIES_MAX) {
    replay->changed[replay->changed_count++] = (vector_entry){pa, desired};
  }
  *expected = found;
  return fits;
}

/* A write of satp with a reserved MODE has no effect (rule satp_mode_op_unsupported): Bare stays. */
static tw_context make_context(const vector_replay *replay, const tw_machine *machine, tw_access access) {
  const vector_context *recorded = &replay->context;
  tw_context context = {.privilege = tw_privilege_effective(&recorded->status, access),
                        .sum = recorded->sum,
                        .mxr = recorded->mxr,
                        .xlen = replay->scene.xlen,
                        .machine = machine};
  context.extensions = tw_extensions_in_force(replay->scene.extensions, recorded->pbmte, recorded->adue);
  tw_satp_decode(context.xlen, recorded->satp, &context.satp);
  return context;
}

static bool check_changed(vector_replay *replay, const vector_access *recorded) {
  if (replay->changed_count != recorded->changed_count) {
    return differ(replay, "%u entries change, recorded %u", replay->changed_count, recorded->changed_count);
  }
  for (unsigned i = 0; i < recorded->changed_count; i++) {
    const vector_entry *ours = &replay->changed[i], *theirs = &recorded->changed[i];
    if (ours->pa == theirs->pa && ours->value == theirs->value) continue;
    return differ(replay, "%" PRIx64 " becomes %" PRIx64 ", recorded: %" PRIx64 " becomes %" PRIx64, ours->pa,
                  ours->value, theirs->pa, theirs->value);
  }
  return true;
}

static bool check_access(vector_replay *replay, const vector_access *recorded) {
  const tw_machine machine = {.pa_bits = replay->scene.pa_bits, .pmp = &replay->pmp, .regions = &replay->regions};
  const tw_context context = make_context(replay, &machine, recorded->request.access);
  const tw_table_memory memory = {.read = read_entry, .update = update_entry, .payload = replay};
  replay->changed_count = 0;
  tw_walk_run(&context, &recorded->request, &memory, &replay->walk);
  const tw_walk *walk = &replay->walk;
  if (walk->retry) return differ(replay, "asks for another try");
  if ((uint64_t)walk->cause != recorded->cause) {
    return differ(replay, "cause %u (%s), recorded %" PRIu64, (unsigned)walk->cause, tw_reason_name(walk->reason),
                  recorded->cause);
  }
  if (walk->pa != recorded->pa) {
    return differ(replay, "address %" PRIx64 ", recorded %" PRIx64, walk->pa, recorded->pa);
  }
  const uint64_t tval = walk->reason == TW_OK ? 0 : recorded->request.va; /* rule P17 of docs/pins.md */
  if (tval != recorded->tval) {
    return differ(replay, "trap value %" PRIx64 ", recorded %" PRIx64, tval, recorded->tval);
  }
  return check_changed(replay, recorded);
}

bool replay_record(vector_replay *replay, const vector_record *record) {
  replay->difference[0] = '\0';
  switch (record->kind) {
  case VECTOR_SCENE:
    return begin_scene(replay, &record->of.scene);
  case VECTOR_REGION:
    return add_region(replay, &record->of.region);
  case VECTOR_WORD:
    return add_word(replay, &record->of.word);
  case VECTOR_WRITE:
    return check_write(replay, &record->of.write);
  case VECTOR_ALL:
    return check_all(replay, &record->of.all);
  case VECTOR_CONTEXT:
    replay->context = record->of.context;
    return true;
  case VECTOR_ACCESS:
    return check_access(replay, &record->of.access);
  case VECTOR_END:
    break;
  }
  return true;
}
