/* System calls: the kernel reads and writes the program's memory with SUM=1 (S5).
 *
 * Its copying loop fetches once for as many words as it moves in a turn. An access of it that faults is answered as a
 * program's is, and asked again in S-mode; one that the regions do not allow ends the call, as EFAULT does.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define CALL_TURN 8u /* words */

/* The first word of what is left to read, then of what is left to write. */
static bool call_next(space_call *call, uint8_t word, window_entry *access) {
  tw_record_call *left = &call->left;
  bool reads = left->reads_length != 0;
  uint64_t *va = reads ? &left->reads : &left->writes;
  uint32_t *length = reads ? &left->reads_length : &left->writes_length;
  if (!*length) return false;
  uint64_t room = word - (*va & (word - 1u));
  uint8_t size = (uint8_t)(*length < room ? *length : room);
  *access = (window_entry){
      .origin = *va, .record = call->record, .kind = (uint8_t)(reads ? TW_LOAD : TW_STORE), .size = size, .call = true};
  *va += size;
  *length -= size;
  return true;
}

static bool call_end(tw_space *space, tw_error *error) {
  space->call.active = false;
  space->kernel.inside = true;
  return space_kernel_control(space, space->running, TW_SUPERVISOR, false, error) && space_kernel_leave(space, error);
}

/* The loop's fetch goes before the words of its turn, so it is queued while nothing else is to be handed out. */
static bool call_fetch(tw_space *space, tw_error *error) {
  space->call.turn = CALL_TURN;
  return space_kernel_fetch(space, TEXT_COPY, error);
}

bool space_call_go_on(tw_space *space, tw_error *error) {
  space_call *call = &space->call;
  window_entry access;
  if (space->window.head != space->window.tail) return true;
  if (!call->left.reads_length && !call->left.writes_length) return call_end(space, error);
  if (!call_fetch(space, error)) return false;
  while (call->turn-- && call_next(call, (uint8_t)space->info->pte_bytes, &access)) {
    if (space_window_add(space, &access)) continue;
    space_window_nowhere(space, &access);
    space_call_abandon(space);
    break;
  }
  return space->window.head != space->window.tail || call_end(space, error);
}

void space_call_abandon(tw_space *space) {
  space->call.left.reads_length = space->call.left.writes_length = 0;
}

bool space_call_begin(tw_space *space, const tw_record *event, tw_error *error) {
  space->counts.calls++;
  if (!space_kernel_enter(space, error) || !space_kernel_fetch(space, TEXT_CALL, error)) return false;
  if (!event->call.reads_length && !event->call.writes_length) return space_kernel_leave(space, error);
  space->call = (space_call){.active = true, .left = event->call, .record = event->number};
  /* A fault of the copying loop is a way in of its own. */
  space->kernel.inside = false;
  return space_kernel_control(space, space->running, TW_SUPERVISOR, true, error) && space_call_go_on(space, error);
}
