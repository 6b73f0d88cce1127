/* Stories of random stimulus: a few records that belong together, for what chance alone would seldom bring about.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "random_internal.h"

#define CARPET_PAGES 85u

static tw_record *queue_add(random_source *self) {
  tw_record *record = &self->queue[(self->queue_first + self->queue_count++) % RANDOM_QUEUE];
  *record = (tw_record){0};
  return record;
}

/* Misses on one page at once: walks that merge, then hits. */
static void burst_queue(random_source *self) {
  const uint64_t va = random_page_draw(self);
  tw_record *fence = queue_add(self);
  fence->kind = TW_RECORD_FENCE;
  fence->fence = (tw_record_fence){.va = va, .has_va = random_chance(self, 70), .kind = TW_FENCE_SFENCE_VMA};
  if (!fence->fence.has_va) fence->fence.va = 0;
  for (unsigned i = 3 + random_below(self, 6); i > 0; i--) {
    tw_record *record = queue_add(self);
    random_access_fill(self, record, va | (random_draw(self) & 0xff8));
    record->access.speculative = random_chance(self, 10);
    if (random_chance(self, 20)) record->delay = random_below(self, 4);
    self->counts.accesses++;
  }
  self->counts.bursts++;
}

/* Somebody else writes to the leaf of a page while the design is about to set its A or D. */
static void race_queue(random_source *self) {
  const uint64_t va = random_page_draw(self);
  entry_place *leaf = random_leaf_of(self, va);
  if (!leaf) return;
  const uint64_t all = self->mode.pte_bytes == 4 ? 0xffffffffu : ~0ull;
  tw_record *clear = queue_add(self);
  clear->kind = TW_RECORD_STORE;
  clear->store = (tw_record_store){.pa = leaf->pa, .width = (uint8_t)self->mode.pte_bytes, .first = all};
  clear->store.first &= ~(uint64_t)(TW_PTE_A | TW_PTE_D);
  tw_record *fence = queue_add(self);
  fence->kind = TW_RECORD_FENCE;
  fence->fence = (tw_record_fence){.va = va, .has_va = true, .kind = TW_FENCE_SFENCE_VMA};
  fence->after.back[fence->after.count++] = 1;
  tw_record *access = queue_add(self);
  random_access_fill(self, access, va | (random_draw(self) & 0xff8));
  access->after.back[access->after.count++] = 1;
  self->counts.accesses++;
  for (uint64_t i = 0, count = random_below(self, 24); i < count; i++) { /* RSW counts: every store changes it */
    tw_record *store = queue_add(self);
    store->kind = TW_RECORD_STORE;
    store->store = (tw_record_store){.pa = leaf->pa, .width = (uint8_t)self->mode.pte_bytes, .first = all & ~0x300ull};
    store->store.second = (i & 3) << 8;
    if (i == 0) store->after.back[store->after.count++] = 2;
    if (random_chance(self, 30)) store->delay = random_below(self, 3);
  }
  self->counts.races++;
}

static void store_queue(random_source *self, entry_place *place, uint64_t value) {
  tw_record *store = queue_add(self);
  store->kind = TW_RECORD_STORE;
  store->store = (tw_record_store){.pa = place->pa, .width = (uint8_t)self->mode.pte_bytes, .second = value};
  place->value = value;
}

/* For a while, an entry on the way to a page points to where none may. */
static void misstep_queue(random_source *self) {
  const uint64_t va = random_page_draw(self);
  entry_place *place = random_entry_of(self, va, 1 + random_below(self, tw_mode_row(self->selected)->levels - 1));
  if (!place) return;
  const uint64_t before = place->value;
  store_queue(self, place, random_misstep_draw(self));
  tw_record *fence = queue_add(self);
  fence->kind = TW_RECORD_FENCE;
  fence->after.all = true;
  for (unsigned i = 0; i < 3; i++) {
    tw_record *access = queue_add(self);
    random_access_fill(self, access, va | (random_draw(self) & 0xff8));
    access->after.back[access->after.count++] = 1;
    self->counts.accesses++;
  }
  store_queue(self, place, before);
  self->queue[(self->queue_first + self->queue_count - 1) % RANDOM_QUEUE].after.all = true;
}

/* Many good pages, nearly all executed: more than the fetch TLB has entries for. */
static void carpet_queue(random_source *self) {
  const uint64_t good = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_A | TW_PTE_D;
  const uint64_t user = random_chance(self, 50) ? TW_PTE_U : 0;
  const tw_mode_info *row = tw_mode_row(self->selected);
  const tw_satp satp = {self->selected, (uint16_t)random_below(self, 4),
                        random_table_frame(self, row->levels - 1, self->root)};
  tw_record *control = queue_add(self);
  control->kind = TW_RECORD_CONTROL;
  control->after.all = true;
  control->control = (tw_record_control){
      .satp = tw_satp_encode(&satp), .privilege = user ? TW_USER : TW_SUPERVISOR, .sum = random_chance(self, 50)};
  const unsigned first = random_below(self, RANDOM_PAGES);
  for (unsigned i = 0; i < CARPET_PAGES; i++) {
    const uint64_t va = self->pages[(first + i) % RANDOM_PAGES];
    entry_place *leaf = random_leaf_of(self, va);
    if (!leaf || !tw_va_canonical(self->selected, va)) continue;
    if (!(leaf->value & TW_PTE_N)) store_queue(self, leaf, (leaf->value & ~0x3ffull) | good | user);
    tw_record *access = queue_add(self);
    random_access_fill(self, access, va | (random_draw(self) & 0xff8));
    access->access.kind = random_chance(self, 80) ? TW_FETCH : access->access.kind;
    if (random_chance(self, 50)) access->after.back[access->after.count++] = 1;
    self->counts.accesses++;
  }
}

void random_story_queue(random_source *self, bool calm) {
  const unsigned story = random_below(self, calm ? 8000 : 1000);
  if (story < 12) burst_queue(self);
  if (story >= 12 && story < 28 && random_has(self, TW_EXT_SVADU)) race_queue(self);
  if (story >= 28 && story < 32) misstep_queue(self);
  if (calm && story >= 32 && story < 49) carpet_queue(self);
}
