/* Sets a run up, chooses its kind, and turns what came of it into a verdict.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "needs.h"
#include "rehearse.h"
#include "session_internal.h"
#include "session_wave.h"

static const char *const compare_names[] = {"default", "cycle", "walk", "arch", "none"};

const char *tw_compare_name(tw_compare compare) {
  return compare_names[compare];
}

bool tw_compare_from_name(const char *name, tw_compare *compare) {
  for (unsigned i = TW_COMPARE_CYCLE; i <= TW_COMPARE_ARCH; i++) {
    if (strcmp(name, compare_names[i]) != 0) continue;
    *compare = (tw_compare)i;
    return true;
  }
  return false;
}

static void golden_taken(void *payload, const tw_record *record) {
  session *run = payload;
  tw_golden_taken(run->writer, record);
}

static void golden_answered(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  session *run = payload;
  (void)flight;
  tw_golden_answered(run->writer, answer, run->sides[0].judgement == TW_JUDGED_ONLY);
}

static void golden_read(void *payload, const tw_memory_read *read) {
  session *run = payload;
  tw_golden_read(run->writer, read);
}

void session_golden_observer(session *run, tw_observer *observer) {
  *observer = (tw_observer){.payload = run, .taken = golden_taken, .answered = golden_answered, .read = golden_read};
}

static void memory_choose(session *run) {
  const tw_session_memory *given = &run->options->memory;
  if (given->has_latency) {
    run->memory.latency.minimum = given->latency.minimum;
    run->memory.latency.span = given->latency.span;
  }
  if (given->stall >= 0) run->memory.latency.stall_span = (unsigned)given->stall;
  if (given->error_rate >= 0) run->memory.error_rate = (uint64_t)given->error_rate;
  if (run->options->has_seed) run->memory.seed = run->options->seed;
}

/* A golden trace's cycles are those of one configuration. */
static bool golden_fits(session *run, tw_error *error) {
  const tw_trace_header *header = run->sources[0]->header;
  uint64_t hash = tw_config_hash(&run->config), recorded;
  if (!tw_trace_header_number(header, "config.hash", hash, &recorded, error)) return false;
  if (run->compare != TW_COMPARE_CYCLE || hash == recorded) return true;
  const char *name = tw_trace_header_get(header, "config.name");
  return tw_error_set(
      error,
      "the golden trace was made with configuration %s (0x%016llx), not with %s and this memory (0x%016llx): "
      "cycles cannot be compared (--compare walk or arch can)",
      name ? name : "?", (unsigned long long)recorded, run->config.name, (unsigned long long)hash);
}

/* A golden trace is that of the MMU trace that the program trace becomes. */
static bool program_rehearse(session *run, tw_error *error) {
  const tw_rehearsal how = {
      .config = &run->config, .memory = &run->memory, .beside = run->options->golden, .cut = run->options->cut};
  tw_source *program = run->sources[0];
  const char *name = program->name;
  run->sources[0] = tw_rehearse(&how, program, &run->verdict->outcome, error);
  run->verdict->has_space = run->sources[0] != NULL;
  if (run->sources[0]) run->sources[0]->name = name;
  session_sample_note(run, program);
  program->close(program);
  return run->verdict->has_space;
}

/* Comparing with the model wants all that the configuration has; the oracle judges a design by what it says it has. */
static bool config_reduce(session *run, tw_error *error) {
  const tw_dut_description *design = run->options->dut->describe();
  if (run->compare == TW_COMPARE_CYCLE || run->compare == TW_COMPARE_WALK)
    return tw_dut_fits(design, &run->config, error);
  return tw_dut_reduce(design, &run->config, error);
}

static bool trace_prepare(session *run, tw_error *error) {
  const tw_session_options *options = run->options;
  const tw_dut_description *design = options->dut->describe();
  run->config = options->config;
  if (!config_reduce(run, error)) return false;
  run->sources[0] = options->open_source(options->payload, &run->config, error);
  if (!run->sources[0]) return false;
  const tw_trace_header *header = run->sources[0]->header;
  run->golden = run->sources[0]->kind == TW_TRACE_GOLDEN;
  run->memory = (tw_memory_options){.latency = options->config.memory, .seed = options->seed};
  if (!tw_needs_check(header, design, &run->config, error) || !tw_needs_memory(header, &run->memory, error))
    return tw_source_blame(run->sources[0], error);
  memory_choose(run);
  run->config.memory = run->memory.latency;
  if (!tw_config_validate(&run->config, error)) return false;
  if (options->golden && run->sources[0]->kind == TW_TRACE_PROGRAM) return program_rehearse(run, error);
  return !run->golden || golden_fits(run, error) || tw_source_blame(run->sources[0], error);
}

/* One side. The model's name is its own also when it stands in for a design. */
static bool side_start(session *run, unsigned which, const tw_dut_table *table, bool follows, bool judged,
                       const tw_observer *observer, tw_error *error) {
  const tw_session_options *options = run->options;
  const char *name = table->describe()->name;
  if (which == 1 && strcmp(name, run->sides[0].options.name) == 0) name = "the design";
  const tw_side_options how = {
      .name = name,
      .table = table,
      .config = &run->config,
      .seed = options->seed,
      .variant = table == options->dut ? options->variant : 0,
      .source = follows ? NULL : run->sources[which],
      .memory = run->memory,
      .judged = judged,
      .observer = observer ? *observer : (tw_observer){0},
  };
  if (!tw_side_open(&run->sides[which], &how, error)) return false;
  run->side_count = which + 1;
  return true;
}

static bool golden_begin(session *run, tw_error *error) {
  const tw_golden_options how = {
      .path = run->options->golden,
      .form = run->options->golden_form,
      .config = &run->config,
      .header = run->sources[0]->header,
      .memory = &run->memory,
      .seed = run->options->seed,
  };
  if (run->options->golden) run->writer = tw_golden_create(&how, error);
  return !run->options->golden || run->writer;
}

static bool sides_start(session *run, tw_error *error) {
  const tw_session_options *options = run->options;
  const tw_dut_table *model = tw_dut_model_table();
  tw_observer observer = {0};
  bool alone = run->golden || run->compare == TW_COMPARE_ARCH || run->compare == TW_COMPARE_NONE;
  if (run->writer) session_golden_observer(run, &observer);
  if (alone) {
    bool judged = run->writer || run->compare == TW_COMPARE_ARCH;
    if (!run->writer && run->compare != TW_COMPARE_NONE) session_alone_observer(run, &observer);
    return side_start(run, 0, options->dut, false, judged, &observer, error);
  }
  if (run->compare == TW_COMPARE_CYCLE)
    return side_start(run, 0, model, false, run->writer != NULL, &observer, error) &&
           side_start(run, 1, options->dut, true, false, NULL, error);
  run->sources[1] = options->open_source(options->payload, &run->config, error);
  if (!run->sources[1]) return false;
  session_walk_observer(run, 0, &observer);
  if (!side_start(run, 0, model, false, false, &observer, error)) return false;
  session_walk_observer(run, 1, &observer);
  const bool updates = (run->config.extensions & TW_EXT_SVADU) != 0; /* that it makes, the oracle must call for */
  return side_start(run, 1, options->dut, false, updates, &observer, error);
}

static void expect_take(void *payload, const tw_record *record) {
  session *run = payload;
  if (!tw_golden_expect(run->check, record)) run->failed = true;
}

static bool check_begin(session *run, tw_error *error) {
  if (!run->golden || run->compare == TW_COMPARE_NONE) return true;
  const tw_golden_levels levels = {.cycles = run->compare == TW_COMPARE_CYCLE,
                                   .reads = run->compare != TW_COMPARE_ARCH,
                                   .only = run->compare == TW_COMPARE_ARCH};
  run->check = tw_golden_check_open(&levels);
  if (!run->check) return tw_error_set(error, "memory is out");
  run->sources[0]->expect = expect_take;
  run->sources[0]->payload = run;
  return true;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool run_loop(session *run, tw_error *error) {
  if (run->writer && (run->compare == TW_COMPARE_WALK || run->compare == TW_COMPARE_ARCH || run->golden)) {
    tw_error_set(error, "a golden trace is written by a run at --compare cycle of a program or MMU trace");
    return tw_source_blame(run->sources[0], error);
  }
  if (run->side_count == 1) return session_run_alone(run, error);
  if (session_goes_ahead(run)) {
    run->again = !session_run_ahead(run);
    return !run->again;
  }
  return run->compare == TW_COMPARE_CYCLE ? session_run_cycle(run, error) : session_run_walk(run, error);
}

/* A run that a difference, a limit or a cut ended has no end to judge. */
static bool outcome_make(session *run, tw_error *error) {
  tw_verdict *verdict = run->verdict;
  const bool whole = !run->options->cut && tw_player_done(run->sides[0].player);
  verdict->has_space = tw_outcome_take(run->sources[0], whole, &verdict->outcome, error);
  return verdict->has_space;
}

static bool verdict_make(session *run, tw_error *error) {
  tw_verdict *verdict = run->verdict;
  verdict->counts = *tw_player_counted(run->sides[0].player);
  verdict->counted = run->side_count == 2 && run->compare == TW_COMPARE_CYCLE;
  verdict->counters = run->counters;
  verdict->compared = run->check ? tw_golden_compared(run->check) : verdict->counts.accesses;
  if (run->compare == TW_COMPARE_NONE) verdict->compared = 0;
  verdict->golden = run->check != NULL;
  if (verdict->counted) session_counters_compare(run);
  session_sample_note(run, run->sources[0]);
  if (run->sources[0]->space && !outcome_make(run, error)) return false;
  verdict->space = verdict->outcome.counts;
  verdict->passed = verdict->differences == 0 && tw_outcome_good(&verdict->outcome);
  if (verdict->differences == 0 && verdict->compared == 0 && run->compare != TW_COMPARE_NONE) {
    tw_error_set(error, "nothing was compared: no access got an answer%s in %llu cycles",
                 run->check ? " that the trace knows" : "", (unsigned long long)verdict->counts.cycles);
    return tw_source_blame(run->sources[0], error);
  }
  return true;
}

static void session_close(session *run) {
  (void)session_wave_end(run, NULL);
  tw_golden_abandon(run->writer);
  tw_golden_check_close(run->check);
  for (unsigned i = 0; i < 2; i++) {
    tw_side_close(&run->sides[i]);
    if (run->sources[i]) run->sources[i]->close(run->sources[i]);
    free(run->reads[i]);
  }
  free(run->open);
  free(run);
}

bool tw_session_run(const tw_session_options *options, tw_verdict *verdict, tw_error *error) {
  *verdict = (tw_verdict){0};
  const tw_dut_description *design = options->dut->describe();
  session *run = calloc(1, sizeof *run);
  if (!run) return tw_error_set(error, "memory is out");
  run->options = options;
  run->verdict = verdict;
  run->compare = options->compare;
  if (run->compare == TW_COMPARE_DEFAULT) run->compare = design->cycles_predicted ? TW_COMPARE_CYCLE : TW_COMPARE_ARCH;
  verdict->compare = run->compare;
  bool done = trace_prepare(run, error) && golden_begin(run, error) && check_begin(run, error) &&
              sides_start(run, error) && session_wave_begin(run, error);
  if (done) session_sample_begin(run);
  if (done) {
    double begun = seconds_now();
    done = run_loop(run, error) && verdict_make(run, error);
    verdict->seconds = seconds_now() - begun;
  }
  done = done && session_wave_end(run, error);
  if (done && run->writer) {
    tw_golden_writer *writer = run->writer;
    run->writer = NULL;
    done = tw_golden_commit(writer, error);
  }
  const bool again = run->again;
  session_close(run);
  if (!again) return done;
  tw_verdict_free(verdict);
  tw_session_options direct = *options;
  direct.reopens = false;
  return tw_session_run(&direct, verdict, error);
}

void tw_verdict_free(tw_verdict *verdict) {
  free(verdict->report);
  verdict->report = NULL;
  tw_outcome_free(&verdict->outcome);
}
