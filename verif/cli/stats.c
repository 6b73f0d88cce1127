/* `twinwalk stats`: what a trace does to the TLBs, the walker and the operating system's side, by the model alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "dut_loader.h"
#include "profile.h"
#include "run_options.h"
#include "verdict_text.h"

enum { KEY_SVG = 0x300, KEY_WINDOW };

typedef struct stats_options {
  run_options run;
  const char *svg;
  uint64_t window;
  tw_profile *profile;
  tw_space_watcher watcher;
  tw_source_factory open_source; /* the run's own */
} stats_options;

static const struct argp_option OPTIONS[] = {
    {"svg", KEY_SVG, "FILE", 0, "write plots; - is standard output", 10},
    {"window", KEY_WINDOW, "N", 0,
     "accesses of the program in a window, for what is shown over time (default: so that there are 200 to 400)", 10},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  stats_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->run;
    return 0;
  case KEY_SVG:
    options->svg = argument;
    return 0;
  case KEY_WINDOW:
    options->window = run_number("--window", argument, 1, UINT64_MAX, state);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* The run's source, looked at: by the watcher if it is a program's, else from outside. */
static tw_source *source_open(void *payload, const tw_config *config, tw_error *error) {
  stats_options *options = payload;
  tw_source *source = options->open_source(&options->run, config, error);
  if (!source) return NULL;
  tw_profile_begin(options->profile, source);
  if (tw_source_space(source)) return source;
  tw_source *watched = tw_profile_source(options->profile, source);
  if (!watched) tw_error_set(error, "memory is out");
  return watched;
}

static bool stats_play(stats_options *options, tw_verdict *verdict, tw_error *error) {
  run_options *run = &options->run;
  if (!cli_output_check(options->svg, run->trace, error) || !run_options_prepare(run, "stats", error)) return false;
  options->profile = tw_profile_open(run->session.config.mode, options->window);
  if (!options->profile) return tw_error_set(error, "memory is out");
  options->watcher = tw_profile_watcher(options->profile);
  run->source.watcher = &options->watcher;
  options->open_source = run->session.open_source;
  run->session.open_source = source_open;
  run->session.payload = options;
  const bool ran = tw_session_run(&run->session, verdict, error);
  return tw_profile_check(options->profile, error) && ran;
}

static bool stats_show(const stats_options *options, const tw_verdict *verdict, tw_error *error) {
  const run_options *run = &options->run;
  const verdict_subject subject = {run->trace, run->config_name, "model", run->session.seed};
  const tw_profile_subject drawn = {run->trace, &run->session.config,
                                    options->profile->has_space ? &verdict->outcome.counts : NULL,
                                    verdict->counts.cycles, verdict->counts.accesses};
  if (options->svg && !tw_profile_save(options->profile, &drawn, options->svg, error)) return false;
  if (run->json) {
    json_t *profile = tw_profile_json(options->profile);
    return (profile && verdict_json_with(stdout, &subject, verdict, "profile", profile)) ||
           tw_error_set(error, "standard output: cannot be written");
  }
  if (options->svg && options->svg[0] == '-' && !options->svg[1]) return true;
  printf("%s on the model, configuration %s\n", run->trace, run->config_name);
  verdict_counts_print(stdout, verdict);
  tw_profile_print(options->profile, stdout);
  return true;
}

int cli_stats(int argc, char **argv) {
  static const struct argp_child CHILDREN[] = {{&run_argp, 0, NULL, 0}, {0}};
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "TRACE -c CONFIG",
      "Runs a trace on the cycle model alone and counts: hits, misses, evictions, faults by reason, walks, cycles; "
      "over "
      "time, by segment, process and page size; and how pages are used again. Nothing is compared.",
      CHILDREN,
      NULL,
      NULL};
  stats_options options = {.svg = NULL};
  tw_error error = {0};
  tw_verdict verdict = {0};
  run_options_init(&options.run);
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  options.run.session.dut = tw_dut_model_table();
  options.run.session.compare = TW_COMPARE_NONE;
  const bool ran = stats_play(&options, &verdict, &error);
  cli_progress_end(&options.run.progress);
  int status = ran && stats_show(&options, &verdict, &error) ? CLI_OK : cli_fail(&error);
  run_options_finish(&options.run);
  if (ran && verdict.report) { /* the model broke a rule or hangs */
    fprintf(stderr, "%s", verdict.report);
    status = CLI_DIFFERENT;
  }
  tw_profile_close(options.profile);
  tw_verdict_free(&verdict);
  return status;
}
