/* Oracles with one decision broken: the update of A and D.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "broken.h"

static void speculation_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                tw_walk *walk) {
  tw_request broken = *request;
  broken.speculative = false;
  tw_walk_run(context, &broken, memory, walk);
}

static void speculation_faults(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                               tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  if (!walk->retry) return;
  walk->retry = false;
  walk->reason = tw_accessed_dirty_check(walk->flags, request->access);
  walk->cause = tw_reason_cause(walk->reason, request->access);
}

static void never_by_hardware(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                              tw_walk *walk) {
  tw_context broken = *context;
  broken.extensions &= ~(unsigned)TW_EXT_SVADU;
  tw_walk_run(&broken, request, memory, walk);
}

/* Updates by hardware without menvcfg.ADUE. */
static void adue_ignored(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                         tw_walk *walk) {
  tw_context broken = *context;
  broken.extensions |= TW_EXT_SVADU;
  tw_walk_run(&broken, request, memory, walk);
}

/* An entry that PMP lets nobody write is updated. */
static void update_without_pmp(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                               tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  if (walk->reason != TW_REASON_UPDATE_PMP) return;
  const tw_step *leaf = &walk->steps[walk->step_count - 1];
  uint64_t found = leaf->pte, desired = tw_pte_updated(leaf->pte, request->access);
  memory->update(memory->payload, leaf->pa, tw_mode_row(context->satp.mode)->pte_bytes, &found, desired);
  walk->reason = TW_OK;
  walk->cause = TW_CAUSE_NONE;
}

/* How a broken updater uses memory. */
typedef struct updater {
  const tw_table_memory *memory;
  uint64_t (*desire)(uint64_t expected, uint64_t desired);
  bool blind; /* writes whatever it finds there, and says that all is well */
} updater;

static bool updater_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const updater *through = payload;
  return through->memory->read(through->memory->payload, pa, bytes, pte);
}

static bool updater_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  const updater *through = payload;
  uint64_t found = *expected, fresh = through->desire(*expected, desired);
  bool good = through->memory->update(through->memory->payload, pa, bytes, &found, fresh);
  if (good && through->blind && found != *expected) {
    return through->memory->update(through->memory->payload, pa, bytes, &found, fresh);
  }
  *expected = found;
  return good;
}

static void updater_walk(updater *through, const tw_context *context, const tw_request *request, tw_walk *walk) {
  const tw_table_memory broken = {.read = updater_read, .update = updater_update, .payload = through};
  tw_walk_run(context, request, &broken, walk);
}

static uint64_t as_desired(uint64_t expected, uint64_t desired) {
  (void)expected;
  return desired;
}

static uint64_t always_dirty(uint64_t expected, uint64_t desired) {
  (void)expected;
  return desired | TW_PTE_D;
}

static uint64_t never_dirty(uint64_t expected, uint64_t desired) {
  return (desired & ~(uint64_t)TW_PTE_D) | (expected & TW_PTE_D);
}

static void plain_write(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                        tw_walk *walk) {
  updater through = {.memory = memory, .desire = as_desired, .blind = true};
  updater_walk(&through, context, request, walk);
}

static void dirty_by_loads(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                           tw_walk *walk) {
  updater through = {.memory = memory, .desire = always_dirty};
  updater_walk(&through, context, request, walk);
}

static void clean_after_stores(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                               tw_walk *walk) {
  updater through = {.memory = memory, .desire = never_dirty};
  updater_walk(&through, context, request, walk);
}

/* A lost update ends the access instead of beginning the step again. */
static void lost_update_retries(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  for (unsigned i = 0; i < walk->step_count; i++) {
    if (!walk->steps[i].lost) continue;
    walk->retry = true;
    walk->reason = TW_OK;
    walk->cause = TW_CAUSE_NONE;
    walk->pa = 0;
    return;
  }
}

static void flags_before_the_update(const tw_context *context, const tw_request *request, const tw_table_memory *memory,
                                    tw_walk *walk) {
  tw_walk_run(context, request, memory, walk);
  bool updated = walk->step_count > 1 && walk->steps[walk->step_count - 1].update;
  if (updated) walk->flags = (uint8_t)(walk->steps[walk->step_count - 2].pte | (walk->flags & TW_PTE_G));
}

#define WALKS(text, function)                                                                                          \
  { text, function, tw_pmp_write_cfg, tw_pmp_write_addr, tw_pmp_write_mseccfg }

const subject *broken_updates(size_t *count) {
  static const subject list[] = {
      WALKS("speculation ignored", speculation_ignored),
      WALKS("speculation faults", speculation_faults),
      WALKS("A and D by fault only", never_by_hardware),
      WALKS("ADUE ignored", adue_ignored),
      WALKS("update without a write check", update_without_pmp),
      WALKS("plain write, no compare", plain_write),
      WALKS("D set by loads", dirty_by_loads),
      WALKS("D never set", clean_after_stores),
      WALKS("lost update retries", lost_update_retries),
      WALKS("flags from before the update", flags_before_the_update),
  };
  *count = sizeof list / sizeof list[0];
  return list;
}
