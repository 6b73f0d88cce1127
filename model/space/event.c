/* What a program record asks for that is no access: made once the window is empty (S3).
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <inttypes.h>

/* A fence that was seen where an operating system was traced whole: played for the process that runs, by the ASID that
 * it has here. What was not seen is taken to be x0. */
static bool event_fence(tw_space *space, const tw_record *event, tw_error *error) {
  tw_record_fence fence = event->fence;
  if (fence.unknown) fence = (tw_record_fence){.kind = TW_FENCE_SFENCE_VMA};
  space->counts.unknown_fences += event->fence.unknown;
  if (fence.has_asid) fence.asid = space->running->asid.asid;
  if (fence.has_va && !rebase_address(&space->rebase, fence.va, &fence.va)) return true;
  revoked_fence(space->revoked, &fence);
  space_watch_event(space, TW_SPACE_FENCE, space->running->id, fence.va, 0);
  return space_kernel_enter(space, error) && space_kernel_fence(space, &fence, error) &&
         space_kernel_leave(space, error);
}

static bool event_reclaim(tw_space *space, const tw_record *event, tw_error *error) {
  return space_kernel_enter(space, error) && space_reclaim_pages(space, event->pages, error) &&
         space_kernel_leave(space, error);
}

static bool event_needs_process(tw_record_kind kind) {
  return kind != TW_RECORD_THREAD && kind != TW_RECORD_PROCESS && kind != TW_RECORD_EXIT && kind != TW_RECORD_RECLAIM;
}

static bool event_make(tw_space *space, const tw_record *event, tw_error *error) {
  if (!space->running && event_needs_process(event->kind)) return tw_error_set(error, "no process runs");
  switch (event->kind) {
  case TW_RECORD_ACCESS:
    space_window_nowhere(space, &space->nowhere);
    return true;
  case TW_RECORD_MAP:
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_BREAK:
  case TW_RECORD_ADVISE:
    return space_change_apply(space, event, error);
  case TW_RECORD_CALL:
    return space_call_begin(space, event, error);
  case TW_RECORD_FENCE:
    return event_fence(space, event, error);
  case TW_RECORD_RECLAIM:
    return event_reclaim(space, event, error);
  default:
    return space_process_apply(space, event, error);
  }
}

bool space_event_apply(tw_space *space, const tw_record *event, tw_error *error) {
  tw_error cause = {0};
  space->record = event->number;
  if (event_make(space, event, &cause)) {
    space_watch_update(space);
    return true;
  }
  return tw_error_set(error, "record %" PRIu64 ": %.480s", event->number, cause.text);
}
