/* Processes: begin, fork, exec, exit, and who runs (S6, S7, S11).
 * SPDX-License-Identifier: Apache-2.0 */
#include "huge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS_NUMBERS ((size_t)1 << 16)

space_process *space_process_find(const tw_space *space, uint32_t id) {
  uint32_t index = space->process_of[id >> 16];
  return index ? space->processes[index - 1] : NULL;
}

void space_process_forget_hints(space_process *process) {
  memset(process->hints, 0, SPACE_HINTS * sizeof *process->hints);
}

/* What was found above level 0 is remembered only as long as it is a large page. */
const table_slot *space_process_look(space_process *process, uint64_t va) {
  uint64_t page = va >> TW_PAGE_BITS;
  space_hint *hint = &process->hints[page % SPACE_HINTS];
  if (hint->page != page + 1 || (hint->slot.level && !(*hint->slot.entry & (TW_PTE_R | TW_PTE_X)))) {
    table_find(&process->table, va, &hint->slot);
    hint->page = page + 1;
  }
  return &hint->slot;
}

void space_process_close(space_process *process) {
  if (!process) return;
  table_close(&process->table);
  tw_region_free(&process->regions);
  free(process->places);
  free(process->hints);
  free(process->name);
  free(process);
}

static bool process_list(tw_space *space, space_process *made, const char *name, tw_error *error) {
  made->name = strdup(name ? name : "");
  made->hints = calloc(SPACE_HINTS, sizeof *made->hints);
  if (!made->name || !made->hints) return tw_error_set(error, "out of memory for a process");
  if (space->reference && !reference_begin(space->reference, made->index))
    return tw_error_set(error, "out of memory for a process's content");
  return true;
}

space_process *space_process_new(tw_space *space, uint32_t id, const char *name, tw_error *error) {
  const space_process *same = space_process_find(space, id);
  if (same && same->alive) {
    tw_error_set(error, "process 0x%" PRIx32 " is there already", id);
    return NULL;
  }
  if (space->process_count == TW_SPACE_PROCESSES_MAX) {
    tw_error_set(error, "process 0x%" PRIx32 ": there were %u already, the most that a space keeps account of", id,
                 TW_SPACE_PROCESSES_MAX);
    return NULL;
  }
  space_process *made = calloc(1, sizeof *made);
  if (!made) {
    tw_error_set(error, "out of memory for a process");
    return NULL;
  }
  *made = (space_process){.id = id & 0xffff0000u, .index = (uint32_t)space->process_count, .alive = true};
  space->processes[space->process_count++] = made;
  space->process_of[id >> 16] = made->index + 1;
  space->counts.processes++;
  return process_list(space, made, name, error) && space_kernel_root_make(space, &made->table, error) ? made : NULL;
}

static bool process_begin(tw_space *space, const tw_record *event, tw_error *error) {
  return space_kernel_enter(space, error) && space_process_new(space, event->id, event->name, error) &&
         space_kernel_leave(space, error);
}

/* A page of the parent, as it is now, becomes the child's, too. Pages of objects are found again when touched. */
static bool fork_page(tw_space *space, space_flush *flush, space_process *child, const table_slot *from,
                      tw_error *error) {
  table_slot to;
  frame *lies = table_is_swapped(*from->entry) ? NULL : space_page_frame(space, from);
  if (lies && lies->kind == FRAME_FILE) return true;
  if (!space_kernel_reach(space, &child->table, from->va, 0, &to, error)) return false;
  /* The child's table may have cost the page its frame. */
  if (table_is_swapped(*from->entry)) {
    swap_hold(space->swap, table_entry_ppn(*from->entry));
    child->swapped++;
    return space_kernel_write(space, &to, 0, *from->entry, error);
  }
  lies = space_page_frame(space, from);
  bool writable = *from->entry & TW_PTE_W;
  if (writable && !space_flush_write(space, flush, from, ~(uint64_t)TW_PTE_W, 0, error)) return false;
  return space_page_map(space, child, from->va, lies, error) && space_kernel_write(space, &to, 0, *from->entry, error);
}

static bool fork_pages(tw_space *space, space_process *parent, space_process *child, tw_error *error) {
  space_flush flush = {.event = TW_FENCED_FORK, .process = parent};
  table_slot slot;
  for (uint64_t va = 0; table_next(&parent->table, &va, space->options.layout.user_end, &slot); va += TW_PAGE_BYTES) {
    if (!fork_page(space, &flush, child, &slot, error)) return false;
  }
  return space_flush_end(space, &flush, error);
}

static bool process_fork(tw_space *space, const tw_record *event, tw_error *error) {
  space_process *parent = space->running;
  if (!space_kernel_enter(space, error)) return false;
  space_process *child = space_process_new(space, event->id, parent->name, error);
  if (!child) return false;
  child->heap_known = parent->heap_known;
  child->heap_from = parent->heap_from;
  child->heap_start = parent->heap_start;
  child->heap_end = parent->heap_end;
  if (!tw_region_copy(&child->regions, &parent->regions)) return tw_error_set(error, "out of memory for regions");
  if (space->reference && !reference_fork(space->reference, parent->index, child->index))
    return tw_error_set(error, "out of memory for a process's content");
  space->counts.forks++;
  space_watch_event(space, TW_SPACE_FORK, parent->id, 0, child->id);
  return space_huge_break(space, parent, 0, space->options.layout.user_end, error) &&
         fork_pages(space, parent, child, error) && space_kernel_leave(space, error);
}

/* Pages, tables and regions go; the root stays. */
static bool process_empty(tw_space *space, space_process *process, space_flush *flush, tw_error *error) {
  uint64_t end = space->options.layout.user_end;
  space_page_unplace(space, process, 0, UINT64_MAX);
  tw_region_free(&process->regions);
  process->heap_known = false;
  if (space->reference) reference_end(space->reference, process->index);
  return space_change_clear(space, flush, 0, end, error) && space_flush_tables(space, flush, 0, end, error);
}

static bool process_exec(tw_space *space, const tw_record *event, tw_error *error) {
  space_process *process = space->running;
  space_flush flush = {.event = TW_FENCED_UNMAP, .process = process};
  char *name = strdup(event->name ? event->name : "");
  if (!name) return tw_error_set(error, "out of memory for a process's name");
  free(process->name);
  process->name = name;
  space->counts.execs++;
  space_watch_event(space, TW_SPACE_EXEC, process->id, 0, 0);
  if (!process_empty(space, process, &flush, error)) return false;
  if (space->reference && !reference_begin(space->reference, process->index))
    return tw_error_set(error, "out of memory for a process's content");
  space_cache_collect(space);
  return space_flush_end(space, &flush, error) && space_kernel_leave(space, error);
}

/* The kernel goes on with its own tables if it is the running process that ends. */
static bool process_exit(tw_space *space, const tw_record *event, tw_error *error) {
  space_process *process = space_process_find(space, event->id);
  space_flush flush = {.event = TW_FENCED_EXIT, .process = process, .tables = true};
  if (!space_kernel_enter(space, error)) return false;
  if (process == space->running) {
    if (!space_kernel_control(space, NULL, TW_SUPERVISOR, false, error)) return false;
    space->running = NULL;
  }
  space->counts.exits++;
  space_watch_event(space, TW_SPACE_EXIT, process->id, 0, 0);
  if (!process_empty(space, process, &flush, error) || !space_kernel_root_free(space, &process->table, error) ||
      !space_flush_end(space, &flush, error))
    return false;
  process->alive = false;
  free(process->hints);
  process->hints = NULL;
  space_cache_collect(space);
  return space_kernel_leave(space, error);
}

/* Every process that has an ASID of the last generation: what the MMU holds under it is of another address space now.
 */
static bool switch_revoke(tw_space *space, tw_fence_event event, tw_error *error) {
  for (size_t i = 0; i < space->process_count; i++) {
    const space_process *process = space->processes[i];
    if (!process->alive || !process->asid.generation) continue;
    const revoked_item item = {.asid = process->asid.asid,
                               .lost = TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_U,
                               .event = event,
                               .process = process->id,
                               .record = space->record};
    if (!revoked_add(space->revoked, &item)) return tw_error_set(error, "out of memory for revoked translations");
  }
  return true;
}

static bool process_switch(tw_space *space, space_process *to, tw_error *error) {
  if (!space_kernel_enter(space, error) || !space_kernel_fetch(space, TEXT_SWITCH, error)) return false;
  bool told_apart = space->asids.count > 1;
  bool rollover = asid_get(&space->asids, &to->asid);
  tw_fence_event event = rollover ? TW_FENCED_ROLLOVER : told_apart ? TW_FENCED_SWITCH : TW_FENCED_NO_ASID;
  if (event != TW_FENCED_SWITCH && !switch_revoke(space, event, error)) return false;
  space->running = to;
  space->counts.switches++;
  space->counts.rollovers += rollover;
  space_watch_event(space, TW_SPACE_SWITCH, to->id, 0, 0);
  if (rollover) space_watch_event(space, TW_SPACE_ROLLOVER, to->id, 0, 0);
  return space_kernel_control(space, to, TW_SUPERVISOR, false, error) && space_flush_all(space, event, to, error) &&
         space_kernel_leave(space, error);
}

static bool process_place(tw_space *space, const tw_record *event, tw_error *error) {
  uint64_t va;
  if (!rebase_address(&space->rebase, event->place.va, &va) || va >= space->options.layout.user_end)
    return tw_error_set(error, "place: 0x%" PRIx64 " is no address of the user part", event->place.va);
  return space_page_place(space, space->running, va, event->place.pa, error);
}

bool space_process_apply(tw_space *space, const tw_record *event, tw_error *error) {
  const space_process *named = space_process_find(space, event->id);
  bool gone = !named || !named->alive;
  switch (event->kind) {
  case TW_RECORD_PROCESS:
    return process_begin(space, event, error);
  case TW_RECORD_FORK:
    return process_fork(space, event, error);
  case TW_RECORD_EXEC:
    return process_exec(space, event, error);
  case TW_RECORD_PLACE:
    return process_place(space, event, error);
  default:
    if (event->kind == TW_RECORD_EXIT && (event->id & 0xffffu)) return true; /* a thread's */
    if (gone) return tw_error_set(error, "there is no process 0x%" PRIx32, event->id & 0xffff0000u);
    if (event->kind == TW_RECORD_EXIT) return process_exit(space, event, error);
    return space_process_find(space, event->id) == space->running ||
           process_switch(space, space_process_find(space, event->id), error);
  }
}
