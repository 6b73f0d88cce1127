/* The space's doors: opening, feeding and closing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define PROCESS_NUMBERS ((size_t)1 << 16)
#define FRAMES_KEPT_FREE 64u /* one in so many, at least */
#define FRAMES_KEPT_FREE_MIN 4u

/* What was left to the space to choose. */
static bool options_complete(tw_space_options *options, tw_error *error) {
  const tw_layout *usual = tw_layout_of(options->mode);
  if (!usual) return tw_error_set(error, "a space is Sv32, Sv39, Sv48 or Sv57");
  if (!options->frame_base) options->frame_base = 0x80000000u;
  if (!options->frame_count) options->frame_count = options->mode == TW_SV32 ? 65536 : 262144;
  if (!options->pa_bits) options->pa_bits = tw_mode_row(options->mode)->pa_bits;
  if (!options->fences) options->fences = tw_fence_policy_find("linux");
  if (!options->layout.user_end) options->layout = *usual;
  return tw_layout_check(&options->layout, options->mode, error);
}

static bool options_check(const tw_space_options *options, tw_error *error) {
  const tw_mode_info *info = tw_mode_row(options->mode);
  uint64_t room = (uint64_t)1 << options->pa_bits, text = (uint64_t)1 << (TW_PAGE_BITS + info->vpn_bits);
  if (options->pa_bits > info->pa_bits) {
    return tw_error_set(error, "physical addresses: expected at most %u bits in %s, found %u", info->pa_bits,
                        info->name, options->pa_bits);
  }
  if (options->frame_base % TW_PAGE_BYTES) return tw_error_set(error, "frame base: expected a multiple of 4096");
  /* Behind the frames lies a superpage of kernel code, aligned. */
  if (options->frame_base >= room || options->frame_count > (room - options->frame_base) >> TW_PAGE_BITS ||
      room - options->frame_base - (options->frame_count << TW_PAGE_BITS) < 2 * text) {
    return tw_error_set(error,
                        "frames: 0x%" PRIx64 " of them from 0x%" PRIx64 " on, and the kernel's code behind them, end "
                        "beyond the %u bits of a physical address",
                        options->frame_count, options->frame_base, options->pa_bits);
  }
  if (options->asid_bits > info->asid_bits) {
    return tw_error_set(error, "ASID: expected at most %u bits in %s, found %u", info->asid_bits, info->name,
                        options->asid_bits);
  }
  /* A slot's number takes the place of a page number in an entry. */
  if (options->swap_pages >> info->ppn_bits) {
    return tw_error_set(error, "swap: expected at most 2^%u pages in %s, found %" PRIu64, info->ppn_bits, info->name,
                        options->swap_pages);
  }
  return true;
}

/* What the machine has, by what was asked for. */
static bool space_prepare_machine(tw_space *space, tw_error *error) {
  const tw_space_options *options = &space->options;
  uint64_t direct_page = (uint64_t)1 << (TW_PAGE_BITS + space->info->vpn_bits * options->layout.direct_level);
  uint64_t covered = options->layout.direct_bytes - (options->frame_base & (direct_page - 1));
  space->frames_low = covered >> TW_PAGE_BITS < options->frame_count ? covered >> TW_PAGE_BITS : options->frame_count;
  const frame_pool_options pool = {.base_ppn = options->frame_base >> TW_PAGE_BITS,
                                   .count = options->frame_count,
                                   .low_count = space->frames_low,
                                   .block_bits = space->info->vpn_bits,
                                   .seed = options->seed};
  space->frames = frame_open(&pool, error);
  if (!space->frames) return false;
  if (options->swap_pages) space->swap = swap_open(options->swap_path, options->swap_pages, error);
  if (options->swap_pages && !space->swap) return false;
  space->frames_kept_free = options->frame_count / FRAMES_KEPT_FREE;
  if (space->frames_kept_free < FRAMES_KEPT_FREE_MIN) space->frames_kept_free = FRAMES_KEPT_FREE_MIN;
  if (options->keep_clean) space->frames_kept_free = 0;
  asid_open(&space->asids, options->asid_bits, options->asids);
  return true;
}

static bool space_prepare(tw_space *space, tw_error *error) {
  const tw_space_options *options = &space->options;
  space->mode = options->mode;
  space->info = tw_mode_row(options->mode);
  space->fences = *options->fences;
  if (space->fences.svvptc && options->svvptc) space->fences.on[TW_FENCED_NEW] = TW_FENCE_NONE;
  space->process_of = calloc(PROCESS_NUMBERS, sizeof *space->process_of);
  space->revoked = revoked_open();
  bool done = space->process_of && space->revoked && rebase_open(&space->rebase, options->layout.user_end);
  if (options->check_content) {
    space->content = content_open();
    space->reference = reference_open();
    done = done && space->content && space->reference;
  }
  if (!done) return tw_error_set(error, "out of memory for a space");
  if (!space_prepare_machine(space, error) || !space_kernel_boot(space, error)) return false;
  space_watch_update(space);
  return true;
}

tw_space *tw_space_open(const tw_space_options *options, const tw_trace_header *program, tw_error *error) {
  tw_space_options complete = *options;
  if (program && program->kind != TW_TRACE_PROGRAM) {
    tw_error_set(error, "a space takes program traces only");
    return NULL;
  }
  if (!options_complete(&complete, error) || !options_check(&complete, error)) return NULL;
  tw_space *space = calloc(1, sizeof *space);
  if (!space) {
    tw_error_set(error, "out of memory for a space");
    return NULL;
  }
  space->options = complete;
  if (space_prepare(space, error)) return space;
  tw_space_close(space);
  return NULL;
}

void tw_space_close(tw_space *space) {
  if (!space) return;
  for (size_t i = 0; i < space->process_count; i++) space_process_close(space->processes[i]);
  table_close(&space->kernel.table);
  space_cache_close(space);
  free(space->process_of);
  map_free(&space->swap_frames);
  rebase_close(&space->rebase);
  queue_free(&space->urgent);
  revoked_close(space->revoked);
  reference_close(space->reference);
  content_close(space->content);
  swap_close(space->swap);
  frame_close(space->frames);
  free(space);
}

bool tw_space_hungry(const tw_space *space) {
  const space_window *window = &space->window;
  return window->next == window->tail && !space->urgent.count && !window->trapped && !space->waiting &&
         !space->call.active && space_window_room(space) >= 2 &&
         window->pending + space->kernel_pending.count < TW_SPACE_PENDING_MAX;
}

/* The name is the caller's until the next record: an event that waits has its own. */
static bool feed_later(tw_space *space, const tw_record *program) {
  space->event = *program;
  const char *name = program->kind == TW_RECORD_MAP ? program->map.name : NULL;
  if (program->kind == TW_RECORD_PROCESS || program->kind == TW_RECORD_EXEC) name = program->name;
  space->event_name[0] = 0;
  if (name) strncat(space->event_name, name, sizeof space->event_name - 1);
  if (program->kind == TW_RECORD_MAP) space->event.map.name = space->event_name;
  if (name && program->kind != TW_RECORD_MAP) space->event.name = space->event_name;
  space->waiting = true;
  return true;
}

static bool feed_event(tw_space *space, const tw_record *program, tw_error *error) {
  return space_is_idle(space) ? space_event_apply(space, program, error) : feed_later(space, program);
}

bool tw_space_feed(tw_space *space, const tw_record *program, tw_error *error) {
  if (!tw_space_hungry(space)) return tw_error_set(error, "the space was fed before it was hungry");
  switch (program->kind) {
  case TW_RECORD_ACCESS:
    if (!space->running) return tw_error_set(error, "record %" PRIu64 ": no process runs", program->number);
    space_window_feed(space, program);
    return true;
  case TW_RECORD_ALLOC:
  case TW_RECORD_FREE:
    return true;
  case TW_RECORD_MAP:
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
  case TW_RECORD_BREAK:
  case TW_RECORD_ADVISE:
  case TW_RECORD_THREAD:
  case TW_RECORD_PROCESS:
  case TW_RECORD_FORK:
  case TW_RECORD_EXEC:
  case TW_RECORD_EXIT:
  case TW_RECORD_CALL:
  case TW_RECORD_PLACE:
  case TW_RECORD_FENCE:
  case TW_RECORD_RECLAIM:
    return feed_event(space, program, error);
  default:
    return tw_error_set(error, "record %" PRIu64 " is none of a program trace", program->number);
  }
}

bool tw_space_rebased(const tw_space *space, size_t n, tw_space_rebase *rebase) {
  if (n >= space->rebase.moved_count) return false;
  *rebase = space->rebase.moved[n];
  return true;
}

bool tw_space_segfault_at(const tw_space *space, size_t n, tw_space_segfault *fault) {
  if (n >= space->segfault_count) return false;
  *fault = space->segfaults[n];
  return true;
}

bool tw_space_stale_at(const tw_space *space, size_t n, tw_space_stale *stale) {
  if (n >= space->stale_count) return false;
  *stale = space->stale[n];
  return true;
}

void tw_space_watch(tw_space *space, const tw_space_watcher *watcher) {
  space->watcher = watcher ? *watcher : (tw_space_watcher){0};
  space_watch_update(space);
}
