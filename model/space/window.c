/* The window: accesses in the order of the program, from feeding to retirement, and precise traps (S1, S2).
 *
 *          head                next               tail
 *   retired | handed out        | to be handed out |
 *
 * An access keeps its place. A trap makes everything in the window ready again; nothing is copied. The kernel's own
 * accesses are older than all that is in the window, and are in a list of their own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "internal.h"
#include "twinwalk/pins.h"

/* For what is seldom done: out of line, so that the path of every access saves no registers for it. */
#define WINDOW_SELDOM __attribute__((noinline))

static window_entry *window_at(tw_space *space, uint32_t place) {
  return &space->window.at[place % SPACE_WINDOW];
}

/* Where an access of the program is played: where it says, or where its region was moved to. Addresses of the kernel's
 * share are played as they are, if the mode has them: they must fault. */
static bool window_address(const tw_space *space, const window_entry *access, uint64_t *va) {
  uint64_t limit = space->options.layout.user_end;
  if (rebase_address(&space->rebase, access->origin, va)) {
    if (*va < limit && access->size <= limit - *va) return true;
  } else {
    *va = access->origin;
  }
  bool has = space->info->xlen == 32 ? *va >> 32 == 0 : tw_va_canonical(space->mode, *va);
  return *va >= limit && (*va >> (space->info->va_bits - 1) & 1) && has && !access->call;
}

void space_window_nowhere(tw_space *space, const window_entry *access) {
  space->counts.unplayed_accesses++;
  space->record = access->record;
  space_fault_segfault(space, access, TW_OK);
}

bool space_window_add(tw_space *space, const window_entry *access) {
  window_entry *entry = window_at(space, space->window.tail);
  uint64_t va;
  if (!window_address(space, access, &va)) return false;
  *entry = *access;
  entry->va = va;
  entry->state = WINDOW_READY;
  space->window.tail++;
  return true;
}

/* An address that cannot be played: a segmentation fault, in its turn. */
static void window_feed_nowhere(tw_space *space, const window_entry *access) {
  if (space_is_idle(space)) {
    space_window_nowhere(space, access);
    return;
  }
  space->nowhere = *access;
  space->event = (tw_record){.kind = TW_RECORD_ACCESS, .number = access->record};
  space->waiting = true;
}

/* One half of an access: all of it, unless it crosses a page. */
static inline bool window_feed(tw_space *space, const tw_record *program, uint64_t offset, uint8_t size) {
  uint64_t va = program->access.va + offset, end = space->rebase.identity_end;
  window_entry *entry = window_at(space, space->window.tail);
  entry->record = program->number;
  entry->origin = va;
  entry->va = va;
  entry->traits = window_traits(program->access.kind, size, offset != 0, WINDOW_READY);
  if (size > end || va > end - size) {
    const window_entry access = *entry;
    if (space_window_add(space, &access)) return true;
    window_feed_nowhere(space, &access);
    return false;
  }
  space->window.tail++;
  return true;
}

static inline void window_feed_whole(tw_space *space, const tw_record *program) {
  uint64_t room = TW_PAGE_BYTES - (program->access.va & SPACE_PAGE_MASK);
  uint8_t size = program->access.size;
  if (size <= room) {
    window_feed(space, program, 0, size);
    return;
  }
  space->counts.page_crossings++;
  if (window_feed(space, program, 0, (uint8_t)room)) window_feed(space, program, room, (uint8_t)(size - room));
}

static void window_feed_count(tw_space *space, size_t accesses) {
  space->counts.program_accesses += accesses;
  space->running->accesses += accesses;
}

void space_window_feed(tw_space *space, const tw_record *program) {
  window_feed_count(space, 1);
  window_feed_whole(space, program);
}

/* Stops where an event waits: an access to no address does. */
size_t tw_space_feed_accesses(tw_space *space, const tw_record *program, size_t count) {
  if (space->urgent.count || space->window.trapped || space->call.active || !space->running) return 0;
  size_t most = space_window_room(space) / 2, fed = 0; /* an access may have two halves */
  if (count < most) most = count;
  while (fed < most && !space->waiting && program[fed].kind == TW_RECORD_ACCESS)
    window_feed_whole(space, &program[fed++]);
  window_feed_count(space, fed);
  return fed;
}

static void window_after(tw_after *after, uint64_t number, uint64_t earlier) {
  after->back[after->count++] = (uint32_t)(number - earlier);
}

/* An access waits for the control write that it is to see, unless something before it on its port did, and a load or
 * store for its instruction's fetch. */
static inline void window_link(space_order *order, const window_entry *entry, tw_record *mmu) {
  unsigned port = entry->kind != TW_FETCH;
  uint64_t number = mmu->number, control = order->control;
  if (entry->call) {
    if (order->kernel_fetch > control) window_after(&mmu->after, number, order->kernel_fetch);
  } else if (port) {
    if (order->fetch[0] > control) window_after(&mmu->after, number, order->fetch[0]);
    if (order->fetch[1] > control) window_after(&mmu->after, number, order->fetch[1]);
  }
  if (!mmu->after.count && order->port[port] <= control) window_after(&mmu->after, number, control);
  order->port[port] = number;
  if (port) return;
  if (!entry->part) order->fetch[1] = 0;
  order->fetch[entry->part] = number;
}

/* The last instruction was fetched behind the last control write, and in one piece. */
static inline bool window_is_calm(const space_order *order) {
  return (order->fetch[0] > order->control) & (order->fetch[1] <= order->control);
}

/* The same as window_link, where things are calm, and without a branch: which port comes next is hard to foretell. */
static inline void window_link_calm(space_order *order, tw_record *mmu) {
  bool data = mmu->access.kind != TW_FETCH;
  uint64_t number = mmu->number;
  mmu->after.count = data;
  mmu->after.back[0] = data ? (uint32_t)(number - order->fetch[0]) : 0;
  order->port[0] = data ? order->port[0] : number;
  order->port[1] = data ? number : order->port[1];
  order->fetch[0] = data ? order->fetch[0] : number;
}

/* What no program's access has. */
static inline void take_plain(tw_record *mmu, uint64_t number) {
  mmu->number = number;
  mmu->hart = 0;
  mmu->delay = 0;
  mmu->after.all = false;
  mmu->after.count = 0;
  mmu->access.speculative = false;
  mmu->access.retries = 0;
  mmu->access.cancel_after = 0;
}

/* Field by field: this is the path of every access, and a copy of the whole record costs more than all the rest. */
static inline void take_entry(window_entry *entry, uint64_t number, space_order *order, tw_record *mmu) {
  take_plain(mmu, number);
  mmu->kind = TW_RECORD_ACCESS;
  mmu->access.va = entry->va;
  mmu->access.kind = (tw_access)entry->kind;
  mmu->access.size = entry->size;
  entry->number = number;
  entry->state = WINDOW_PENDING;
  window_link(order, entry, mmu);
}

/* Hands out so many that are ready. */
static void take_window(tw_space *space, tw_record *mmu, uint32_t count) {
  space_window *window = &space->window;
  space_order order = space->order; /* a copy, which stays in registers */
  const uint32_t first = window->next;
  uint64_t calls = 0;
  for (uint32_t i = 0; i < count; i++) {
    window_entry *entry = window_at(space, first + i);
    calls += entry->call;
    take_entry(entry, order.number++, &order, &mmu[i]);
  }
  space->order = order;
  space->counts.kernel_accesses += calls;
  window->next = first + count;
  window->pending += count;
  window->shift = (uint32_t)order.number - window->next;
}

/* An access that is played where the program has it, in one piece. */
static inline bool pass_is_plain(const tw_record *program, uint64_t end) {
  uint64_t va = program->access.va, size = program->access.size;
  return program->kind == TW_RECORD_ACCESS && (va & SPACE_PAGE_MASK) + size <= TW_PAGE_BYTES && size <= end &&
         va <= end - size;
}

static inline void pass_entry(window_entry *entry, uint64_t number, space_order *order, tw_record *record) {
  entry->va = entry->origin = record->access.va;
  entry->record = record->number;
  take_plain(record, number);
  entry->number = number;
  entry->traits = window_traits(record->access.kind, record->access.size, 0, WINDOW_PENDING);
  if (window_is_calm(order)) {
    window_link_calm(order, record);
  } else {
    window_link(order, entry, record);
  }
}

size_t tw_space_pass_room(const tw_space *space) {
  if (!tw_space_hungry(space) || !space->running) return 0;
  size_t room = space_window_room(space);
  size_t free = TW_SPACE_PENDING_MAX - space->window.pending - space->kernel_pending.count;
  return free < room ? free : room;
}

size_t tw_space_pass_accesses(tw_space *space, tw_record *records, size_t count) {
  space_window *window = &space->window;
  size_t room = tw_space_pass_room(space);
  if (room < count) count = room;
  if (!count) return 0;
  space_order order = space->order; /* a copy, which stays in registers */
  const uint64_t end = space->rebase.identity_end;
  uint32_t place = window->next, passed = 0;
  for (; passed < count && pass_is_plain(&records[passed], end); passed++)
    pass_entry(window_at(space, place++), order.number++, &order, &records[passed]);
  space->order = order;
  window->next = window->tail = place;
  window->pending += passed;
  window->shift = (uint32_t)order.number - place;
  window_feed_count(space, passed);
  return passed;
}

static void take_urgent(tw_space *space, tw_record *mmu) {
  space_order *order = &space->order;
  *mmu = *queue_front(&space->urgent);
  mmu->number = order->number++;
  queue_pop(&space->urgent);
  if (mmu->kind == TW_RECORD_CONTROL) order->control = mmu->number;
  if (mmu->kind != TW_RECORD_ACCESS) return;
  unsigned port = mmu->access.kind != TW_FETCH;
  if (!mmu->after.count && order->port[port] <= order->control) window_after(&mmu->after, mmu->number, order->control);
  order->port[port] = mmu->number;
  if (!port) order->kernel_fetch = mmu->number;
  space->counts.kernel_accesses++;
  space->kernel_pending.access[space->kernel_pending.count] = mmu->access;
  space->kernel_pending.number[space->kernel_pending.count++] = mmu->number;
}

bool tw_space_take(tw_space *space, tw_record *mmu) {
  const space_window *window = &space->window;
  if (window->pending + space->kernel_pending.count == TW_SPACE_PENDING_MAX) return false;
  if (space->urgent.count) {
    take_urgent(space, mmu);
    return true;
  }
  if (window->next == window->tail || window->trapped) return false;
  take_window(space, mmu, 1);
  return true;
}

size_t tw_space_take_accesses(tw_space *space, tw_record *mmu, size_t room) {
  const space_window *window = &space->window;
  if (space->urgent.count || window->trapped) return 0;
  size_t ready = window->tail - window->next;
  size_t free = TW_SPACE_PENDING_MAX - window->pending - space->kernel_pending.count;
  if (ready < room) room = ready;
  if (free < room) room = free;
  if (room) take_window(space, mmu, (uint32_t)room);
  return room;
}

/* Numbers of the window count up, with gaps where the kernel's records are: it is never behind its place without. */
static WINDOW_SELDOM window_entry *window_search(tw_space *space, uint64_t number) {
  const space_window *window = &space->window;
  uint32_t count = window->next - window->head;
  if (!count || number < window_at(space, window->head)->number) return NULL;
  uint64_t distance = number - window_at(space, window->head)->number;
  if (distance >= count) distance = count - 1;
  for (uint32_t place = window->head + (uint32_t)distance + 1; place-- != window->head;) {
    window_entry *entry = window_at(space, place);
    if (entry->number == number) return entry->state == WINDOW_PENDING ? entry : NULL;
    if (entry->number < number) return NULL;
  }
  return NULL;
}

/* It nearly always is where the one that was handed out last says. */
static inline window_entry *window_find(tw_space *space, uint64_t number) {
  window_entry *entry = window_at(space, (uint32_t)number - space->window.shift);
  return entry->number == number && entry->state == WINDOW_PENDING ? entry : window_search(space, number);
}

/* Everything in the window is to be handed out again, behind the handler. */
static void window_squash(tw_space *space) {
  space_window *window = &space->window;
  space->counts.squashed += window->next - window->head - 1;
  for (uint32_t place = window->head; place != window->next; place++) window_at(space, place)->state = WINDOW_READY;
  window->next = window->head;
  window->trapped = window->faulted = false;
  space->order.fetch[0] = space->order.fetch[1] = 0;
}

/* The oldest access has ended as it is, and so has its second half; of a system call, all that is left of it. */
static void window_drop(tw_space *space, bool segfault) {
  space_window *window = &space->window;
  const window_entry *oldest = window_at(space, window->head++);
  window->next = window->head;
  if (oldest->call && segfault) {
    space_call_abandon(space);
    window->head = window->next = window->tail;
  }
  if (oldest->part || oldest->call) return;
  if (space->waiting && space->event.kind == TW_RECORD_ACCESS && space->nowhere.part &&
      space->nowhere.record == oldest->record)
    space->waiting = false;
  if (window->head == window->tail) return;
  const window_entry *second = window_at(space, window->head);
  if (second->part && second->record == oldest->record) window->next = ++window->head;
}

static WINDOW_SELDOM bool window_trap(tw_space *space, tw_error *error) {
  window_entry *oldest = window_at(space, space->window.head);
  uint64_t segfaults = space->counts.segmentation_faults;
  space->record = oldest->record;
  window_squash(space);
  fault_outcome outcome = space_fault_answer(space, oldest, error);
  if (outcome == FAULT_OVER) {
    if (space->watcher.retired) space_watch_retired(space, oldest, false);
    window_drop(space, space->counts.segmentation_faults != segfaults);
  }
  space_watch_update(space);
  return outcome != FAULT_ERROR;
}

static bool window_retire(tw_space *space, tw_error *error) {
  space_window *window = &space->window;
  while (window->head != window->next) {
    window_entry *oldest = window_at(space, window->head);
    if (oldest->state != WINDOW_DONE) {
      window->trapped = oldest->state == WINDOW_FAULTED;
      return true;
    }
    if (space->watchful && !space_watch_retire(space, oldest, error)) return false;
    window->head++;
  }
  return true;
}

/* Nothing is pending any more. */
static WINDOW_SELDOM bool window_settle(tw_space *space, tw_error *error) {
  space_window *window = &space->window;
  if (window->trapped && !window_trap(space, error)) return false;
  if (window->head != window->tail) return true;
  if (space->call.active) return space_call_go_on(space, error);
  if (!space->waiting) return true;
  space->waiting = false;
  return space_event_apply(space, &space->event, error);
}

/* The kernel's accesses are granted: its map is complete. A bus error is nobody's fault. */
static WINDOW_SELDOM bool answer_kernel(tw_space *space, const tw_record_answer *answer, tw_error *error) {
  space_urgent *pending = &space->kernel_pending;
  unsigned at = 0;
  while (at < pending->count && pending->number[at] != answer->access) at++;
  if (at == pending->count) {
    return tw_error_set(error, "an answer to record %" PRIu64 ", which is no access that waits for one",
                        answer->access);
  }
  const tw_record_access access = pending->access[at];
  pending->count--;
  pending->access[at] = pending->access[pending->count];
  pending->number[at] = pending->number[pending->count];
  if (space->watcher.retired) space_watch_kernel(space, &access, answer);
  if (answer->status == TW_PIN_TRANSLATED) return true;
  if (tw_reason_cause((tw_reason)answer->reason, access.kind) < TW_CAUSE_FETCH_PAGE_FAULT) {
    space->counts.access_faults++;
    return true;
  }
  return tw_error_set(error,
                      "the kernel's own %s of 0x%" PRIx64 " faulted (%s): its map is complete, so the MMU is wrong",
                      tw_access_name(access.kind), access.va, tw_reason_name((tw_reason)answer->reason));
}

static void answer_window(tw_space *space, window_entry *entry, const tw_record_answer *answer) {
  space->window.pending--;
  if (space->watcher.retired) space->window.answers[entry - space->window.at] = *answer;
  if (answer->status != TW_PIN_TRANSLATED) {
    entry->state = WINDOW_FAULTED;
    entry->reason = answer->reason;
    space->window.faulted = true;
    return;
  }
  entry->state = WINDOW_DONE;
  entry->pa = answer->pa;
  if (space->options.adue && !answer->hit) space_watch_learn(space, entry->va, answer->flags);
}

/* Whether accesses need not retire yet: nothing waits for it, and there is room. Looking at each is dear, for
 * whether the oldest is done is hard to foretell. */
static inline bool window_may_wait(const tw_space *space) {
  const space_window *window = &space->window;
  return window->pending && !window->faulted && window->tail - window->head < SPACE_WINDOW * 3 / 4;
}

bool tw_space_answer(tw_space *space, const tw_record_answer *answer, tw_error *error) {
  window_entry *entry = window_find(space, answer->access);
  if (entry) {
    answer_window(space, entry, answer);
  } else if (!answer_kernel(space, answer, error)) {
    return false;
  }
  if (space->kernel_pending.count || window_may_wait(space)) return true;
  if (!window_retire(space, error)) return false;
  return space->window.pending || window_settle(space, error);
}
