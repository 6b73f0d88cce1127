/* Lets the collector look on at a lockstep run.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "coverage_watch.h"

static bool watch_begin(void *payload, const tw_config *config, tw_memory *memory, tw_error *error) {
  coverage_watch *watch = payload;
  watch->coverage = tw_coverage_open(config);
  if (!watch->coverage) return tw_error_set(error, "memory is out");
  watch->tables = tw_memory_oracle(memory);
  tw_coverage_tables(watch->coverage, &watch->tables);
  return true;
}

static void watch_before(void *payload, const tw_mmu *model, const tw_pins_in *in) {
  tw_coverage_before(((coverage_watch *)payload)->coverage, model, in);
}

static void watch_after(void *payload, const tw_pins_in *in, const tw_pins_out *out) {
  tw_coverage_after(((coverage_watch *)payload)->coverage, in, out);
}

void coverage_watch_attach(coverage_watch *watch, tw_session_options *session) {
  if (!watch->file) return;
  session->watch = (tw_cycle_watch){watch, watch_begin, watch_before, watch_after};
}

bool coverage_watch_write(const coverage_watch *watch, tw_error *error) {
  if (!watch->file) return true;
  if (!watch->coverage) return tw_error_set(error, "--coverage goes with --compare cycle");
  return tw_coverage_write(watch->coverage, watch->file, error);
}

void coverage_watch_close(coverage_watch *watch) {
  tw_coverage_close(watch->coverage);
}
