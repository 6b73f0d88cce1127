/* Parses what all runs share.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "run_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config_file.h"
#include "needs.h"
#include "random.h"

enum {
  KEY_SEED = 0x200,
  KEY_LATENCY,
  KEY_STALL,
  KEY_ERRORS,
  KEY_ACCESSES,
  KEY_CYCLES,
  KEY_JSON,
  KEY_MACHINE,
  KEY_SWAP,
  KEY_CHECKS,
  KEY_SAMPLE
};

#define RANDOM "random:"
#define RANDOM_MAX 1000000000000ull

static const struct argp_option OPTIONS[] = {
    {"config", 'c', "CONFIG", 0,
     "a named configuration (tiny32, base39, ...) or a YAML file; a golden trace names its own", 0},
    {"max-accesses", KEY_ACCESSES, "N", 0, "stop after the first N accesses of the trace", 1},
    {"limit-cycles", KEY_CYCLES, "N", 0, "stop after N cycles", 1},
    {"seed", KEY_SEED, "N", 0, "of frames, latencies and bus errors, and registers at start (default: 0)", 2},
    {"latency", KEY_LATENCY, "MIN[+SPAN]", 0, "cycles of a page-table read (default: as trace and configuration say)",
     2},
    {"stall", KEY_STALL, "N", 0, "a page-table request waits for ready for up to N cycles", 2},
    {"error-rate", KEY_ERRORS, "1/N", 0, "one page-table read in N is a bus error; 0: none", 2},
    {"sample", KEY_SAMPLE, "SKIP:WARM:MEASURE", 0,
     "of a program trace: skip so many accesses, play so many, play and count so many, and again", 1},
    {"machine", KEY_MACHINE, "KEY=VALUE", 0,
     "of a program trace: the machine's frames, frame-base, seed, swap, swap-latency, fences, asids or huge, instead "
     "of "
     "what the trace says (docs/traces.md, machine.*); may be repeated",
     2},
    {"swap-file", KEY_SWAP, "FILE", 0, "of a program trace: the swap device's file (default: one without a name)", 2},
    {"checks", KEY_CHECKS, "WHICH", 0,
     "of a program trace: none, content, isolation or all, on every access (default: none if the trace says that it is "
     "of one process, expects nothing and has no swap; else all)",
     2},
    {"json", KEY_JSON, NULL, 0, "print JSON", 3},
    {0}};

uint64_t run_number(const char *option, const char *text, uint64_t low, uint64_t high, const struct argp_state *state) {
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 0);
  if (text[0] < '0' || text[0] > '9' || *end || errno || value < low || value > high)
    argp_error(state, "%s: expected a number, %llu to %llu, found \"%s\"", option, (unsigned long long)low,
               (unsigned long long)high, text);
  return value;
}

/* "1/N", or "0" for none. */
static int64_t rate_parse(const char *text, const struct argp_state *state) {
  if (strcmp(text, "0") == 0) return 0;
  if (strncmp(text, "1/", 2) != 0) argp_error(state, "--error-rate: expected 1/N or 0, found \"%s\"", text);
  return (int64_t)run_number("--error-rate 1/", text + 2, 1, INT32_MAX, state);
}

/* "KEY=VALUE"; what the value may be, the space says. */
void run_machine_take(tw_trace_header *machine, const char *text, const struct argp_state *state) {
  static const char *const KEYS[] = {"frames", "frame-base", "seed", "swap", "swap-latency", "fences", "asids", "huge"};
  const size_t length = strcspn(text, "=");
  char key[40];
  for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
    if (strlen(KEYS[i]) != length || strncmp(KEYS[i], text, length) != 0 || text[length] != '=') continue;
    snprintf(key, sizeof key, "machine.%s", KEYS[i]);
    if (!tw_trace_header_set(machine, key, "%s", text + length + 1))
      argp_error(state, "--machine: \"%s\" has a value that cannot be one", text);
    return;
  }
  argp_error(state,
             "--machine: expected frames, frame-base, seed, swap, swap-latency, fences, asids or huge, = and a value, "
             "found \"%s\"",
             text);
}

/* What is said of the operating system's side, and the rest. */
static error_t space_parse(int key, char *argument, struct argp_state *state) {
  run_options *options = state->input;
  tw_error error = {0};
  switch (key) {
  case KEY_MACHINE:
    run_machine_take(&options->machine, argument, state);
    return 0;
  case KEY_SWAP:
    options->source.swap_path = argument;
    return 0;
  case KEY_CHECKS:
    if (!tw_checks_from_name(argument, &options->source.checks))
      argp_error(state, "--checks: expected none, content, isolation or all, found \"%s\"", argument);
    return 0;
  case KEY_JSON:
    options->json = true;
    return 0;
  case KEY_SAMPLE:
    if (!tw_sample_parse(argument, &options->source.sample, &error)) argp_error(state, "--sample: %s", error.text);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static void trace_take(run_options *options, const char *argument, const struct argp_state *state) {
  if (options->trace) argp_error(state, "one trace at a time");
  options->trace = argument;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  run_options *options = state->input;
  tw_session_options *session = &options->session;
  tw_error error = {0};
  switch (key) {
  case 'c':
    options->config_name = argument;
    return 0;
  case KEY_ACCESSES:
    options->max_accesses = run_number("--max-accesses", argument, 1, UINT64_MAX, state);
    return 0;
  case KEY_CYCLES:
    session->limit_cycles = run_number("--limit-cycles", argument, 1, UINT64_MAX, state);
    return 0;
  case KEY_SEED:
    session->seed = run_number("--seed", argument, 0, UINT64_MAX, state);
    session->has_seed = true;
    return 0;
  case KEY_LATENCY:
    if (!tw_latency_parse("--latency", argument, &session->memory.latency, &error)) argp_error(state, "%s", error.text);
    session->memory.has_latency = true;
    return 0;
  case KEY_STALL:
    session->memory.stall = (int64_t)run_number("--stall", argument, 0, 1000, state);
    return 0;
  case KEY_ERRORS:
    session->memory.error_rate = rate_parse(argument, state);
    return 0;
  case ARGP_KEY_ARG:
    trace_take(options, argument, state);
    return 0;
  case ARGP_KEY_END:
    if (!options->trace) argp_error(state, "which trace?");
    return 0;
  default:
    return space_parse(key, argument, state);
  }
}

const struct argp run_argp = {OPTIONS, parse, NULL, NULL, NULL, NULL, NULL};

void run_options_init(run_options *options) {
  *options = (run_options){.session = TW_SESSION_OPTIONS};
  tw_trace_header_init(&options->machine, TW_TRACE_PROGRAM);
}

static bool is_random(const char *trace) {
  return strncmp(trace, RANDOM, sizeof RANDOM - 1) == 0;
}

static tw_source *trace_open(void *payload, const tw_config *config, tw_error *error) {
  const run_options *options = payload;
  const tw_random_options random = {
      .config = config, .seed = options->session.seed, .records = options->random_records};
  if (options->random_records) return tw_random_open(&random, error);
  tw_source_options source = options->source;
  source.config = config;
  return tw_source_open(&source, error);
}

static void progress_show(void *payload, const tw_source *source) {
  run_options *options = payload;
  uint64_t done, total;
  if (!options->progress.enabled || !source->progress) return;
  source->progress(source, &done, &total);
  cli_progress_update(&options->progress, done, total);
}

/* Standard input and pipes can be read once. */
static bool is_file(const char *path) {
  struct stat status;
  return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Whether there is an option that only an operating system's side could heed. */
static bool space_is_told(const run_options *options) {
  const tw_source_options *source = &options->source;
  return options->machine.count || source->swap_path || source->checks != TW_CHECKS_DEFAULT || source->sample.measure;
}

static bool random_choose(run_options *options, tw_error *error) {
  if (!is_random(options->trace)) return true;
  char *end;
  options->random_records = strtoull(options->trace + sizeof RANDOM - 1, &end, 10);
  const bool good = *end == '\0' && options->random_records > 0 && options->random_records <= RANDOM_MAX;
  if (good && space_is_told(options))
    return tw_error_set(error, "%s: --machine, --swap-file, --checks and --sample are for program traces",
                        options->trace);
  if (good) return true;
  return tw_error_set(error, "%s: expected " RANDOM "N, N records from 1 to %llu", options->trace, RANDOM_MAX);
}

/* The configuration that was asked for, or the one that a golden trace was made with. */
static bool config_choose(run_options *options, tw_error *error) {
  if (options->config_name) return true;
  if (is_file(options->trace)) {
    tw_trace_reader *reader = tw_trace_open(options->trace, error);
    if (!reader) return false;
    const char *name = tw_trace_header_get(tw_trace_reader_header(reader), "config.name");
    if (name) snprintf(options->header_config, sizeof options->header_config, "%s", name);
    tw_trace_close(reader);
  }
  if (options->header_config[0]) options->config_name = options->header_config;
  return options->config_name || tw_error_set(error, "%s: which configuration? (-c CONFIG)", options->trace);
}

bool run_options_prepare(run_options *options, const char *label, tw_error *error) {
  tw_session_options *session = &options->session;
  if (!random_choose(options, error) || !config_choose(options, error)) return false;
  if (!cli_output_check(options->source.swap_path, options->trace, error)) return false;
  if (!tw_config_load(options->config_name, &session->config, error)) return false;
  tw_source_options *source = &options->source;
  source->path = options->trace;
  source->config = &session->config;
  source->seed = session->seed;
  source->has_seed = session->has_seed;
  source->max_accesses = options->max_accesses;
  source->machine = &options->machine;
  session->open_source = trace_open;
  session->payload = options;
  session->reopens = is_random(options->trace) || is_file(options->trace);
  session->cut = options->max_accesses != 0;
  session->progress = progress_show;
  session->progress_payload = options;
  cli_progress_begin(&options->progress, label);
  return true;
}

void run_options_finish(run_options *options) {
  cli_progress_end(&options->progress);
  tw_trace_header_free(&options->machine);
}
