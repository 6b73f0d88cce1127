/* What is done when an access retires: content, isolation, staleness (S16), and whoever watches.
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

static uint8_t watch_right(uint8_t kind) {
  return kind == TW_FETCH ? TW_PTE_X : kind == TW_LOAD ? TW_PTE_R : TW_PTE_W;
}

void space_watch_event(tw_space *space, tw_space_event_kind kind, uint32_t process, uint64_t va, uint64_t pa) {
  if (!space->watcher.event) return;
  const tw_space_event event = {kind, process, space->record, va, pa};
  space->watcher.event(space->watcher.payload, &event);
}

void space_watch_update(tw_space *space) {
  space->watchful = space->content || space->options.check_isolation || space->watcher.retired ||
                    (space->revoked && revoked_count(space->revoked));
}

/* Where the entry says that an access leads; UINT64_MAX if it does not grant it. */
static uint64_t watch_expected(tw_space *space, const window_entry *access) {
  const table_slot *slot = space_process_look(space->running, access->va);
  uint64_t wanted = TW_PTE_V | watch_right(access->kind), span = table_span(&space->running->table, slot->level);
  if (wanted & ~*slot->entry) return UINT64_MAX;
  return (table_slot_ppn(slot) << TW_PAGE_BITS) + (access->va & (span - 1));
}

static void watch_told(tw_space *space, window_entry *access, const revoked_item *item, bool used) {
  if (used) {
    space->counts.stale_uses++;
  } else {
    space->counts.stale_chances++;
  }
  access->told = true;
  space_watch_event(space, TW_SPACE_STALE, space->running->id, access->va & ~SPACE_PAGE_MASK, item->old_pa);
  if (space->stale_count == TW_SPACE_STALE_KEPT) return;
  bool page = item->length && !item->table;
  uint64_t distance = page ? (access->va & ~SPACE_PAGE_MASK) - item->va : 0;
  space->stale[space->stale_count++] = (tw_space_stale){.record = access->record,
                                                        .revoked = item->record,
                                                        .process = space->running->id,
                                                        .va = access->va & ~SPACE_PAGE_MASK,
                                                        .old_pa = page ? item->old_pa + distance : 0,
                                                        .new_pa = page && item->new_pa ? item->new_pa + distance : 0,
                                                        .event = item->event,
                                                        .used = used};
}

/* The item that an access may have met, and that would have led it elsewhere than its entry does, or where that does
 * not let it. */
static const revoked_item *watch_stale(tw_space *space, const window_entry *access, uint64_t expected) {
  if (!revoked_count(space->revoked)) return NULL;
  const revoked_item *item = revoked_find(space->revoked, space->running->asid.asid, access->va);
  if (!item || !(item->lost & watch_right(access->kind))) return NULL;
  bool same = item->length && !item->table && expected == item->old_pa + (access->va - item->va);
  return same ? NULL : item;
}

void space_watch_faulted(tw_space *space, window_entry *faulted) {
  if (faulted->told) return;
  const revoked_item *item = watch_stale(space, faulted, watch_expected(space, faulted));
  if (item) watch_told(space, faulted, item, false);
}

/* Whether a page of the process that runs lies in the frame that an access reached, as the frame itself knows. */
static bool watch_owned(const tw_space *space, const window_entry *done) {
  const frame *lies = frame_find(space->frames, done->pa >> TW_PAGE_BITS);
  if (!lies || (lies->kind != FRAME_ANONYMOUS && lies->kind != FRAME_FILE)) return false;
  uint64_t page = (done->va & ~SPACE_PAGE_MASK) - (((done->pa >> TW_PAGE_BITS) - lies->ppn) << TW_PAGE_BITS);
  for (uint32_t i = 0; i < lies->mapping_count; i++) {
    if (lies->mappings[i].process == space->running->index && lies->mappings[i].va == page) return true;
  }
  return false;
}

/* Where the access went. If not where its entry says, a translation that was revoked without a fence, and led there, is
 * the software's fault (true); anything else is the MMU's. */
static bool watch_misled(tw_space *space, window_entry *done) {
  uint64_t expected = watch_expected(space, done);
  bool right = done->pa == expected;
  const revoked_item *led = right ? NULL : revoked_used(space->revoked, space->running->asid.asid, done->va, done->pa);
  const revoked_item *item = led || (done->told && right) ? led : watch_stale(space, done, expected);
  if (item && !done->told) watch_told(space, done, item, !right);
  bool misled = led != NULL;
  if (misled && (done->kind == TW_STORE || done->kind == TW_AMO)) space->misled = true;
  if (!space->options.check_isolation) return misled;
  space->counts.checked_accesses++;
  space->counts.isolation_errors += right ? !watch_owned(space, done) : !misled;
  return misled;
}

static void watch_load(tw_space *space, const window_entry *done, bool misled) {
  uint64_t expected = 0, found = content_load(space->content, done->pa, done->size);
  bool there = reference_load(space->reference, space->running->index, done->va, done->size, &expected);
  space->counts.checked_loads++;
  bool wrong = !there || found != expected;
  space->counts.content_errors += wrong;
  space->counts.content_unexplained += wrong && !misled && !space->misled;
  /* How many words a system call moves at a time is the machine's, not the program's. */
  if (!done->call) space->counts.content_digest = content_digest(space->counts.content_digest, found);
}

static bool watch_store(tw_space *space, const window_entry *done, tw_error *error) {
  uint64_t stamp = done->record + 1;
  return (content_stamp(space->content, done->pa, done->size, stamp) &&
          reference_store(space->reference, space->running->index, done->va, done->size, stamp)) ||
         tw_error_set(error, "out of memory for what programs store");
}

void space_watch_retired(tw_space *space, const window_entry *done, bool granted) {
  const tw_space_retired retired = {.record = done->record,
                                    .process = space->running->id,
                                    .va = done->va,
                                    .kind = (tw_access)done->kind,
                                    .size = done->size,
                                    .granted = granted,
                                    .answer = &space->window.answers[done - space->window.at]};
  space->watcher.retired(space->watcher.payload, &retired);
}

bool space_watch_retire(tw_space *space, window_entry *done, tw_error *error) {
  space->record = done->record;
  bool stale = revoked_count(space->revoked), misled = false;
  if (space->options.check_isolation || stale) misled = watch_misled(space, done);
  if (space->watcher.retired) space_watch_retired(space, done, true);
  if (!space->content) return true;
  if (done->kind != TW_STORE) watch_load(space, done, misled);
  return done->kind == TW_FETCH || done->kind == TW_LOAD || watch_store(space, done, error);
}

void space_watch_kernel(tw_space *space, const tw_record_access *access, const tw_record_answer *answer) {
  const tw_space_retired retired = {.record = space->record,
                                    .process = space->running ? space->running->id : SPACE_NO_ID,
                                    .va = access->va,
                                    .kind = access->kind,
                                    .size = access->size,
                                    .kernel = true,
                                    .granted = answer->status == 0,
                                    .answer = answer};
  space->watcher.retired(space->watcher.payload, &retired);
}

void space_watch_learn(tw_space *space, uint64_t va, uint8_t flags) {
  const table_slot *slot = space_process_look(space->running, va);
  uint64_t learnt = flags & (TW_PTE_A | TW_PTE_D) & ~*slot->entry;
  if (!learnt || !(*slot->entry & TW_PTE_V)) return;
  table_set(slot, *slot->entry | learnt);
  if (!(learnt & TW_PTE_D)) return;
  frame *lies = space_page_frame(space, slot);
  if (lies) space_page_dirtied(space, lies);
}
