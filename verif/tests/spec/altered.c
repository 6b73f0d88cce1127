/* An oracle to which memory shows other entries than it holds.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "altered.h"

typedef struct altered_memory {
  const tw_table_memory *memory;
  uint64_t (*alter)(uint64_t pte);
  unsigned count;
  uint64_t held[TW_MAX_STEPS]; /* by step: what memory held, or 0 after a bus error */
  uint64_t last;
} altered_memory;

static void held_note(altered_memory *altered, uint64_t pte) {
  if (altered->count < TW_MAX_STEPS) altered->held[altered->count++] = pte;
  altered->last = pte;
}

static bool altered_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  altered_memory *altered = payload;
  uint64_t held = 0;
  bool good = altered->memory->read(altered->memory->payload, pa, bytes, &held);
  held_note(altered, held);
  *pte = bytes == 8 ? altered->alter(held) : held;
  return good;
}

/* What was shown last is expected: what is held is asked for, and A and D are set in that. */
static bool altered_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  altered_memory *altered = payload;
  uint64_t held = altered->last, shown = *expected;
  uint64_t fresh = held | (desired & (TW_PTE_A | TW_PTE_D));
  bool good = altered->memory->update(altered->memory->payload, pa, bytes, &held, fresh);
  if (good && held != altered->last) *expected = ~shown; /* another entry than was expected, in any case */
  held_note(altered, good ? held : 0);
  return good;
}

void altered_walk(uint64_t (*alter)(uint64_t pte), const tw_context *context, const tw_request *request,
                  const tw_table_memory *memory, tw_walk *walk) {
  altered_memory altered = {.memory = memory, .alter = alter};
  const tw_table_memory shown = {.read = altered_read, .update = altered_update, .payload = &altered};
  tw_walk_run(context, request, &shown, walk);
  for (unsigned i = 0; i < walk->step_count; i++) {
    tw_step *step = &walk->steps[i];
    step->pte = altered.held[i];
    if (step->update && i > 0) step->desired = altered.held[i - 1] | (step->desired & (TW_PTE_A | TW_PTE_D));
  }
}
