/* The space's doors: program records in, MMU records out, answers in.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "internal.h"
#include "twinwalk/pins.h"

static bool space_options_check(tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  const space_layout *layout = space_layout_of(options->mode);
  if (!layout) return tw_error_set(error, "a space is Sv32, Sv39, Sv48 or Sv57");
  if (program && program->kind != TW_TRACE_PROGRAM) return tw_error_set(error, "a space takes program traces only");
  if (!options->frame_base) options->frame_base = 0x80000000u;
  if (!options->frame_count) options->frame_count = options->mode == TW_SV32 ? 65536 : 262144;
  if (!options->pa_bits) options->pa_bits = tw_mode_row(options->mode)->pa_bits;
  if (options->frame_count > layout->frames_max) {
    return tw_error_set(error, "frames: expected at most %" PRIu64 " in %s, found %" PRIu64, layout->frames_max,
                        tw_mode_row(options->mode)->name, options->frame_count);
  }
  if (options->frame_base % TW_PAGE_BYTES) return tw_error_set(error, "frame base: expected a multiple of 4096");
  /* Behind the frames lies a superpage of kernel code, aligned. */
  uint64_t end = options->frame_base + (options->frame_count << TW_PAGE_BITS) + ((uint64_t)8 << 20);
  if (end < options->frame_base || end >> options->pa_bits) {
    return tw_error_set(error, "frames: they end beyond the %u bits of a physical address", options->pa_bits);
  }
  if (options->asid >> tw_mode_row(options->mode)->asid_bits) {
    return tw_error_set(error, "ASID: expected at most %u bits", tw_mode_row(options->mode)->asid_bits);
  }
  return true;
}

static bool space_prepare(tw_space *space, tw_error *error) {
  const tw_space_options *options = &space->options;
  space->mode = options->mode;
  space->info = tw_mode_row(options->mode);
  space->layout = space_layout_of(options->mode);
  space->process.asid = options->asid;
  if (!frame_open(&space->frames, options->frame_base >> TW_PAGE_BITS, (uint32_t)options->frame_count, options->seed) ||
      !rebase_open(&space->rebase, space->layout->user_limit)) {
    return tw_error_set(error, "out of memory for %" PRIu64 " frames", options->frame_count);
  }
  return table_open(&space->process.table, options->mode, &space->frames, error) && space_kernel_boot(space, error);
}

static void space_slot_free(space_slots *slots, uint8_t slot) {
  slots->free[slots->free_count++] = slot;
}

tw_space *tw_space_open(const tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  tw_space_options checked = *options;
  if (!space_options_check(&checked, program, error)) return NULL;
  tw_space *space = calloc(1, sizeof *space);
  if (!space) {
    tw_error_set(error, "out of memory for a space");
    return NULL;
  }
  space->options = checked;
  while (space->slots.free_count < SPACE_SLOTS) space_slot_free(&space->slots, (uint8_t)space->slots.free_count);
  if (space_prepare(space, error)) return space;
  tw_space_close(space);
  return NULL;
}

void tw_space_close(tw_space *space) {
  if (!space) return;
  if (space->process.table.info) table_close(&space->process.table);
  tw_region_free(&space->process.regions);
  rebase_close(&space->rebase);
  frame_close(&space->frames);
  queue_free(&space->urgent);
  free(space);
}

bool tw_space_hungry(const tw_space *space) {
  return !space->slots.ready_count && !space->urgent.count && !space->deferred;
}

/* One half of an access: all of it, unless it crosses a page. */
static void space_ready(tw_space *space, const tw_record *program, uint64_t offset, uint8_t size) {
  space_slots *slots = &space->slots;
  uint8_t slot = slots->free[slots->free_count - 1];
  space_pending *ready = &slots->at[slot];
  uint64_t va = program->access.va + offset;
  ready->access.va = va;
  ready->access.kind = program->access.kind;
  ready->access.size = size;
  ready->origin.record = program->number;
  ready->origin.va = va;
  ready->origin.part = offset != 0;
  ready->origin.kernel = false;
  ready->origin.again = false;
  if (va + size <= space->rebase.identity_end || rebase_address(&space->rebase, va, &ready->access.va)) {
    slots->free_count--;
    slots->ready[slots->ready_count++] = slot;
    return;
  }
  space->counts.unplayed_accesses++;
  space_fault_segfault(space, ready, TW_OK);
}

static void space_feed_access(tw_space *space, const tw_record *program) {
  uint64_t room = TW_PAGE_BYTES - (program->access.va & (TW_PAGE_BYTES - 1));
  uint8_t size = program->access.size;
  space->counts.program_accesses++;
  space->slots.ready_first = 0;
  if (size <= room) {
    space_ready(space, program, 0, size);
    return;
  }
  space->counts.page_crossings++;
  space_ready(space, program, 0, (uint8_t)room);
  space_ready(space, program, room, (uint8_t)(size - room));
}

static bool space_feed_change(tw_space *space, const tw_record *program, tw_error *error) {
  if (!space->slots.pending_count) return space_change_apply(space, program, error);
  space->change = *program;
  space->change.map.name = NULL;
  space->deferred = true;
  return true;
}

bool tw_space_feed(tw_space *space, const tw_record *program, tw_error *error) {
  if (!tw_space_hungry(space)) return tw_error_set(error, "the space was fed before it was hungry");
  /* docs/traces.md: the upper half of a thread's id says whose it is; 0 is the process of this space. */
  if (program->kind == TW_RECORD_THREAD) space->foreign = program->id >> 16;
  if (space->foreign) {
    space->counts.foreign_records++;
    return true;
  }
  switch (program->kind) {
  case TW_RECORD_ACCESS:
    space_feed_access(space, program);
    return true;
  case TW_RECORD_MAP:
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_BREAK:
    return space_feed_change(space, program, error);
  case TW_RECORD_THREAD:
  case TW_RECORD_FORK:
  case TW_RECORD_EXIT:
    return true;
  default:
    return tw_error_set(error, "record %" PRIu64 " is none of a program trace", program->number);
  }
}

static void space_after(tw_after *after, uint64_t number, uint64_t earlier) {
  after->back[after->count++] = (uint32_t)(number - earlier);
}

/* An access waits for the control write that it is to see, unless something before it on its port did, and a
 * load or store for its instruction's fetch. */
static void space_link(tw_space *space, const queue_origin *origin, tw_record *mmu) {
  unsigned port = mmu->access.kind != TW_FETCH;
  uint64_t number = mmu->number, control = space->control_number, *fetch = space->fetch_number;
  if (port && !origin->kernel) {
    if (fetch[0] > control) space_after(&mmu->after, number, fetch[0]);
    if (fetch[1] > control) space_after(&mmu->after, number, fetch[1]);
  }
  if (!mmu->after.count && space->port_number[port] <= control) space_after(&mmu->after, number, control);
  space->port_number[port] = number;
  if (port || origin->kernel) return;
  if (!origin->part) fetch[1] = 0;
  fetch[origin->part] = number;
}

/* Hands out the access of a slot. */
static void space_pend(tw_space *space, uint8_t slot, tw_record *mmu) {
  space_slots *slots = &space->slots;
  const space_pending *pending = &slots->at[slot];
  mmu->number = space->number++;
  space_link(space, &pending->origin, mmu);
  space->counts.kernel_accesses += pending->origin.kernel;
  slots->pending[slots->pending_count] = slot;
  slots->number[slots->pending_count++] = mmu->number;
}

static void space_take_urgent(tw_space *space, tw_record *mmu) {
  const queue_item *item = queue_front(&space->urgent);
  *mmu = item->record;
  if (mmu->kind == TW_RECORD_ACCESS) {
    uint8_t slot = space->slots.free[--space->slots.free_count];
    space->slots.at[slot] = (space_pending){item->record.access, item->origin};
    space_pend(space, slot, mmu);
  } else {
    if (mmu->kind == TW_RECORD_CONTROL) space->control_number = space->number;
    mmu->number = space->number++;
  }
  queue_pop(&space->urgent);
}

/* Field by field: this is the path of every access, and a copy of the whole record costs more than all the rest. */
static void space_take_ready(tw_space *space, tw_record *mmu) {
  uint8_t slot = space->slots.ready[space->slots.ready_first++];
  const tw_record_access *access = &space->slots.at[slot].access;
  space->slots.ready_count--;
  mmu->kind = TW_RECORD_ACCESS;
  mmu->hart = 0;
  mmu->delay = 0;
  mmu->after.all = false;
  mmu->after.count = 0;
  mmu->access.va = access->va;
  mmu->access.kind = access->kind;
  mmu->access.size = access->size;
  mmu->access.speculative = false;
  mmu->access.retries = 0;
  mmu->access.cancel_after = 0;
  space_pend(space, slot, mmu);
}

bool tw_space_take(tw_space *space, tw_record *mmu) {
  if (space->slots.pending_count == TW_SPACE_PENDING_MAX) return false;
  if (space->urgent.count) {
    space_take_urgent(space, mmu);
    return true;
  }
  if (!space->slots.ready_count) return false;
  space_take_ready(space, mmu);
  return true;
}

bool tw_space_answer(tw_space *space, const tw_record_answer *answer, tw_error *error) {
  space_slots *slots = &space->slots;
  unsigned at = 0;
  while (at < slots->pending_count && slots->number[at] != answer->access) at++;
  if (at == slots->pending_count) {
    return tw_error_set(error, "an answer to record %" PRIu64 ", which is no access that waits for one",
                        answer->access);
  }
  uint8_t slot = slots->pending[at];
  slots->pending[at] = slots->pending[--slots->pending_count];
  slots->number[at] = slots->number[slots->pending_count];
  if (answer->status == TW_PIN_FAULT &&
      !space_fault_answer(space, &slots->at[slot], (tw_reason)answer->reason, error)) {
    return false;
  }
  space_slot_free(slots, slot);
  if (!space->deferred || slots->pending_count || space->urgent.count) return true;
  space->deferred = false;
  return space_change_apply(space, &space->change, error);
}

void tw_space_count(const tw_space *space, tw_space_counts *counts) {
  *counts = space->counts;
  counts->frames_used = space->frames.used;
  counts->regions_rebased = space->rebase.moved_total;
}

bool tw_space_rebased(const tw_space *space, size_t n, tw_space_rebase *rebase) {
  if (n >= space->rebase.moved_count) return false;
  *rebase = space->rebase.moved[n];
  return true;
}

bool tw_space_segfault_at(const tw_space *space, size_t n, tw_space_segfault *fault) {
  if (n >= space->counts.segmentation_faults || n >= TW_SPACE_SEGFAULTS_KEPT) return false;
  *fault = space->segfaults[n];
  return true;
}

static unsigned space_bits(uint64_t value) {
  unsigned bits = 0;
  while (bits < 64 && value >> bits) bits++;
  return bits;
}

bool tw_space_describe(const tw_space *space, tw_trace_header *mmu, tw_error *error) {
  const tw_space_options *options = &space->options;
  uint64_t last = space->kernel.text_pa + ((uint64_t)1 << (TW_PAGE_BITS + space->info->vpn_bits)) - 1;
  bool done =
      tw_trace_header_set(mmu, "source", "space") && tw_trace_header_set(mmu, "needs.mode", "%s", space->info->name) &&
      tw_trace_header_set(mmu, "needs.xlen", "%u", space->info->xlen) &&
      tw_trace_header_set(mmu, "needs.asid-bits", "%u", space_bits(options->asid)) &&
      tw_trace_header_set(mmu, "needs.pa-bits", "%u", space_bits(last)) &&
      tw_trace_header_set(mmu, "needs.ad", "svade") && tw_trace_header_set(mmu, "memory.fill", "0x0") &&
      tw_trace_header_set(mmu, "space.frames", "%" PRIu64, options->frame_count) &&
      tw_trace_header_set(mmu, "space.frame-base", "0x%" PRIx64, options->frame_base) &&
      tw_trace_header_set(mmu, "space.seed", "%" PRIu64, options->seed) &&
      tw_trace_header_set(mmu, "space.rebase", "regions that do not end below 0x%" PRIx64 " are moved as a whole",
                          space->rebase.limit + 1);
  return done || tw_error_set(error, "out of memory for the header");
}
