/* Counts and events by their names, and what an MMU trace says of the space that made it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "internal.h"

#define COUNT(name)                                                                                                    \
  { #name, offsetof(tw_space_counts, name) }

static const struct {
  const char *name;
  size_t offset;
} counts_table[] = {
    COUNT(program_accesses),
    COUNT(page_crossings),
    COUNT(squashed),
    COUNT(page_faults),
    COUNT(minor_faults),
    COUNT(major_faults),
    COUNT(pages_mapped),
    COUNT(accessed_set),
    COUNT(dirty_set),
    COUNT(copies),
    COUNT(reuses),
    COUNT(spurious_faults),
    COUNT(segmentation_faults),
    COUNT(access_faults),
    COUNT(unplayed_accesses),
    COUNT(swapped_out),
    COUNT(swapped_in),
    COUNT(dropped),
    COUNT(file_reads),
    COUNT(aged),
    COUNT(promotions),
    COUNT(splits),
    COUNT(napot_runs),
    COUNT(processes),
    COUNT(forks),
    COUNT(execs),
    COUNT(exits),
    COUNT(switches),
    COUNT(rollovers),
    COUNT(calls),
    COUNT(fences),
    COUNT(fences_page),
    COUNT(fences_page_asid),
    COUNT(fences_asid),
    COUNT(fences_all),
    COUNT(unknown_fences),
    COUNT(stores),
    COUNT(kernel_accesses),
    COUNT(frames_used),
    COUNT(frames_peak),
    COUNT(regions_rebased),
    COUNT(checked_loads),
    COUNT(content_errors),
    COUNT(content_unexplained),
    COUNT(content_digest),
    COUNT(checked_accesses),
    COUNT(isolation_errors),
    COUNT(stale_uses),
    COUNT(stale_chances),
};

enum { COUNTS = sizeof counts_table / sizeof counts_table[0] };
_Static_assert(COUNTS * sizeof(uint64_t) == sizeof(tw_space_counts), "every count has a name");

void tw_space_count(const tw_space *space, tw_space_counts *counts) {
  *counts = space->counts;
  counts->frames_used = frame_used(space->frames);
  counts->frames_peak = frame_peak(space->frames);
  counts->regions_rebased = space->rebase.moved_total;
}

bool tw_space_count_named(const tw_space_counts *counts, const char *name, uint64_t *value) {
  for (size_t i = 0; i < COUNTS; i++) {
    if (strcmp(counts_table[i].name, name) != 0) continue;
    memcpy(value, (const char *)counts + counts_table[i].offset, sizeof *value);
    return true;
  }
  return false;
}

const char *tw_space_count_name(size_t n) {
  return n < COUNTS ? counts_table[n].name : NULL;
}

const char *tw_space_event_name(tw_space_event_kind kind) {
  static const char *const names[TW_SPACE_EVENT_COUNT] = {"minor fault",
                                                          "major fault",
                                                          "bits fault",
                                                          "copy",
                                                          "reuse",
                                                          "spurious fault",
                                                          "segmentation fault",
                                                          "access fault",
                                                          "swap out",
                                                          "swap in",
                                                          "drop",
                                                          "fork",
                                                          "exec",
                                                          "exit",
                                                          "switch",
                                                          "rollover",
                                                          "promotion",
                                                          "split",
                                                          "fence",
                                                          "stale translation"};
  return (unsigned)kind < TW_SPACE_EVENT_COUNT ? names[kind] : "unknown";
}

static unsigned count_bits(uint64_t value) {
  unsigned bits = 0;
  while (bits < 64 && value >> bits) bits++;
  return bits;
}

/* Extensions that what the kernel does depends on. */
static const char *describe_extensions(const tw_space_options *options, const tw_fence_policy *fences) {
  static const char *const names[] = {"",       "svadu",        "svnapot",        "svadu,svnapot",
                                      "svvptc", "svadu,svvptc", "svnapot,svvptc", "svadu,svnapot,svvptc"};
  bool napot = options->huge && options->svnapot, lax = fences->svvptc && options->svvptc;
  return names[(options->adue ? 1 : 0) + (napot ? 2 : 0) + (lax ? 4 : 0)];
}

static bool describe_machine(const tw_space *space, tw_trace_header *mmu) {
  const tw_space_options *options = &space->options;
  return tw_trace_header_set(mmu, "space.frames", "%" PRIu64, options->frame_count) &&
         tw_trace_header_set(mmu, "space.frame-base", "0x%" PRIx64, options->frame_base) &&
         tw_trace_header_set(mmu, "space.seed", "%" PRIu64, options->seed) &&
         tw_trace_header_set(mmu, "space.swap", "%" PRIu64, options->swap_pages) &&
         tw_trace_header_set(mmu, "space.layout", "%s", options->layout.name) &&
         tw_trace_header_set(mmu, "space.fences", "%s", space->fences.name) &&
         tw_trace_header_set(mmu, "space.rebase", "regions that do not end below 0x%" PRIx64 " are moved as a whole",
                             space->rebase.limit + 1);
}

bool tw_space_describe(const tw_space *space, tw_trace_header *mmu, tw_error *error) {
  const tw_space_options *options = &space->options;
  const char *extensions = describe_extensions(options, &space->fences);
  uint64_t last = space->kernel.text_pa + table_span(&space->kernel.table, 1) - 1;
  bool done = tw_trace_header_set(mmu, "source", "space") &&
              tw_trace_header_set(mmu, "needs.mode", "%s", space->info->name) &&
              tw_trace_header_set(mmu, "needs.xlen", "%u", space->info->xlen) &&
              tw_trace_header_set(mmu, "needs.asid-bits", "%u", count_bits(space->asids.count - 1)) &&
              tw_trace_header_set(mmu, "needs.pa-bits", "%u", count_bits(last)) &&
              tw_trace_header_set(mmu, "needs.ad", options->adue ? "svadu" : "svade") &&
              (!*extensions || tw_trace_header_set(mmu, "needs.extensions", "%s", extensions)) &&
              tw_trace_header_set(mmu, "memory.fill", "0x0") && describe_machine(space, mmu);
  return done || tw_error_set(error, "out of memory for the header");
}
