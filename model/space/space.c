/* The space's doors: program records in, MMU records out, answers in.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "internal.h"
#include "twinwalk/pins.h"

#define USER_LIMIT_SV32 0xc0000000u
#define USER_LIMIT_SV39 0x4000000000u

/* The direct map ends below the kernel's code: 255 megapages in Sv32, 166 gigapages in Sv39; one of them for alignment.
 */
#define FRAMES_MAX_SV32 (254u << 10)
#define FRAMES_MAX_SV39 (128u << 18)

static bool space_options_check(tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  if (options->mode != TW_SV32 && options->mode != TW_SV39) return tw_error_set(error, "a space is Sv32 or Sv39");
  if (program && program->kind != TW_TRACE_PROGRAM) return tw_error_set(error, "a space takes program traces only");
  bool sv32 = options->mode == TW_SV32;
  if (!options->frame_base) options->frame_base = 0x80000000u;
  if (!options->frame_count) options->frame_count = sv32 ? 65536 : 262144;
  uint64_t most = sv32 ? FRAMES_MAX_SV32 : FRAMES_MAX_SV39;
  if (options->frame_count > most) {
    return tw_error_set(error, "frames: expected at most %" PRIu64 " in %s, found %" PRIu64, most,
                        tw_mode_row(options->mode)->name, options->frame_count);
  }
  if (options->frame_base % TW_PAGE_BYTES) return tw_error_set(error, "frame base: expected a multiple of 4096");
  /* Behind the frames lies a superpage of kernel code, aligned. */
  uint64_t end = options->frame_base + (options->frame_count << TW_PAGE_BITS) + ((uint64_t)8 << 20);
  if (end < options->frame_base || end >> tw_mode_row(options->mode)->pa_bits) {
    return tw_error_set(error, "frames: they end beyond the %u bits of a physical address",
                        tw_mode_row(options->mode)->pa_bits);
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
  space->process.asid = options->asid;
  if (!frame_open(&space->frames, options->frame_base >> TW_PAGE_BITS, (uint32_t)options->frame_count, options->seed) ||
      !rebase_open(&space->rebase, options->mode == TW_SV32 ? USER_LIMIT_SV32 : USER_LIMIT_SV39)) {
    return tw_error_set(error, "out of memory for %" PRIu64 " frames", options->frame_count);
  }
  return table_open(&space->process.table, options->mode, &space->frames, error) && space_kernel_boot(space, error);
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
  if (space_prepare(space, error)) return space;
  tw_space_close(space);
  return NULL;
}

void tw_space_close(tw_space *space) {
  if (!space) return;
  if (space->process.table.info) table_close(&space->process.table);
  region_free(&space->process.regions);
  rebase_close(&space->rebase);
  frame_close(&space->frames);
  queue_free(&space->urgent);
  free(space);
}

bool tw_space_hungry(const tw_space *space) {
  return !space->ready_count && !space->urgent.count && !space->deferred;
}

/* One half of an access: all of it, unless it crosses a page. */
static void space_ready(tw_space *space, const tw_record *program, uint64_t offset, uint8_t size) {
  space_pending *ready = &space->ready[space->ready_count];
  uint64_t va = program->access.va + offset;
  ready->access = (tw_record_access){.va = va, .kind = program->access.kind, .size = size};
  ready->origin = (queue_origin){.record = program->number, .va = va, .part = offset != 0};
  if (va + size <= space->rebase.identity_end || rebase_address(&space->rebase, va, &ready->access.va)) {
    space->ready_count++;
    return;
  }
  space->counts.unplayed_accesses++;
  space_fault_segfault(space, ready, TW_OK);
}

static void space_feed_access(tw_space *space, const tw_record *program) {
  uint64_t room = TW_PAGE_BYTES - (program->access.va & (TW_PAGE_BYTES - 1));
  uint8_t size = program->access.size;
  space->counts.program_accesses++;
  space->ready_first = 0;
  if (size <= room) {
    space_ready(space, program, 0, size);
    return;
  }
  space->counts.page_crossings++;
  space_ready(space, program, 0, (uint8_t)room);
  space_ready(space, program, room, (uint8_t)(size - room));
}

static bool space_feed_change(tw_space *space, const tw_record *program, tw_error *error) {
  if (!space->pending_count) return space_change_apply(space, program, error);
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

static void space_pend(tw_space *space, const queue_origin *origin, tw_record *mmu) {
  space_link(space, origin, mmu);
  space->counts.kernel_accesses += origin->kernel;
  space->pending[space->pending_count++] = (space_pending){mmu->number, mmu->access, *origin};
}

static void space_take_urgent(tw_space *space, tw_record *mmu) {
  const queue_item *item = queue_front(&space->urgent);
  *mmu = item->record;
  mmu->number = space->number++;
  if (mmu->kind == TW_RECORD_CONTROL) space->control_number = mmu->number;
  if (mmu->kind == TW_RECORD_ACCESS) space_pend(space, &item->origin, mmu);
  queue_pop(&space->urgent);
}

bool tw_space_take(tw_space *space, tw_record *mmu) {
  if (space->pending_count == TW_SPACE_PENDING_MAX) return false;
  if (space->urgent.count) {
    space_take_urgent(space, mmu);
    return true;
  }
  if (!space->ready_count) return false;
  const space_pending *ready = &space->ready[space->ready_first++];
  space->ready_count--;
  *mmu = (tw_record){.kind = TW_RECORD_ACCESS, .number = space->number++, .access = ready->access};
  space_pend(space, &ready->origin, mmu);
  return true;
}

bool tw_space_answer(tw_space *space, const tw_record_answer *answer, tw_error *error) {
  unsigned at = 0;
  while (at < space->pending_count && space->pending[at].number != answer->access) at++;
  if (at == space->pending_count) {
    return tw_error_set(error, "an answer to record %" PRIu64 ", which is no access that waits for one",
                        answer->access);
  }
  const space_pending answered = space->pending[at];
  space->pending[at] = space->pending[--space->pending_count];
  if (answer->status == TW_PIN_FAULT && !space_fault_answer(space, &answered, (tw_reason)answer->reason, error))
    return false;
  if (!space->deferred || space->pending_count || space->urgent.count) return true;
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
