/* `twinwalk gen`: a scenario becomes a program trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../scenario/scenario.h"
#include "cli.h"
#include "config_file.h"

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "where to write the trace; - is standard output", 0},
    {"format", 'f', "FORM", 0, "text or binary; if not given: text if FILE ends in .twt", 0},
    {"seed", 's', "N", 0, "seed of everything that is drawn, in place of the scenario's", 0},
    {"layout", 'l', "LAYOUT", 0, "a layout's name or file, in place of the scenario's", 0},
    {0}};

typedef struct gen_arguments {
  const char *scenario, *output;
  tw_trace_form form;
  uint64_t seed;
  scenario_options options;
} gen_arguments;

static void seed_parse(gen_arguments *arguments, const char *text, struct argp_state *state) {
  char *end;
  errno = 0;
  arguments->seed = strtoull(text, &end, 0);
  if (errno || end == text || *end || *text == '-') argp_error(state, "expected --seed=NUMBER, found `%s`", text);
  arguments->options.seed = &arguments->seed;
}

static void arguments_complete(gen_arguments *arguments, struct argp_state *state) {
  if (!arguments->scenario) argp_error(state, "which SCENARIO?");
  if (!arguments->output) argp_error(state, "where to? (--output FILE)");
  if (arguments->form) return;
  const size_t length = strlen(arguments->output);
  const bool text = length > 4 && strcmp(arguments->output + length - 4, ".twt") == 0;
  arguments->form = text ? TW_TRACE_TEXT : TW_TRACE_BINARY;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  gen_arguments *arguments = state->input;
  switch (key) {
  case 'o':
    arguments->output = argument;
    return 0;
  case 'f':
    if (strcmp(argument, "text") && strcmp(argument, "binary"))
      argp_error(state, "expected --format=text or --format=binary, found `%s`", argument);
    arguments->form = argument[0] == 't' ? TW_TRACE_TEXT : TW_TRACE_BINARY;
    return 0;
  case 's':
    seed_parse(arguments, argument, state);
    return 0;
  case 'l':
    arguments->options.layout = argument;
    return 0;
  case ARGP_KEY_ARG:
    if (arguments->scenario) argp_error(state, "one scenario at a time");
    arguments->scenario = argument;
    return 0;
  case ARGP_KEY_END:
    arguments_complete(arguments, state);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* The folder of layouts: $TWINWALK_LAYOUTS, or beside the program as it is installed or built. */
static void layouts_find(char *path, size_t size) {
  static const char *const places[] = {"../share/twinwalk/layouts", "../../share/twinwalk/layouts"};
  const char *set = getenv("TWINWALK_LAYOUTS");
  char program[4096] = ".";
  if (set) {
    snprintf(path, size, "%s", set);
    return;
  }
  tw_program_directory(program, sizeof program);
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    snprintf(path, size, "%s/%s", program, places[i]);
    if (access(path, R_OK) == 0) return;
  }
}

typedef struct writing {
  tw_trace_writer *writer;
  cli_progress progress;
  uint64_t records, accesses;
} writing;

static bool record_write(void *payload, const tw_record *record, tw_error *error) {
  writing *to = payload;
  to->records++;
  to->accesses += record->kind == TW_RECORD_ACCESS;
  return tw_trace_write(to->writer, record, error);
}

static void progress_show(void *payload, uint64_t done, uint64_t total) {
  writing *to = payload;
  if (done % 1024 == 0) cli_progress_update(&to->progress, done, total);
}

static bool trace_write(const scenario *story, const gen_arguments *arguments, writing *to, tw_error *error) {
  tw_trace_header header;
  const scenario_sink sink = {record_write, progress_show, to};
  tw_trace_header_init(&header, TW_TRACE_PROGRAM);
  if (scenario_describe(story, &header, error))
    to->writer = tw_trace_create(arguments->output, arguments->form, &header, error);
  tw_trace_header_free(&header);
  if (!to->writer) return false;
  cli_progress_begin(&to->progress, "gen");
  const bool played = scenario_play(story, &sink, error);
  cli_progress_end(&to->progress);
  if (played) return tw_trace_commit(to->writer, error);
  tw_trace_abandon(to->writer);
  return false;
}

int cli_gen(int argc, char **argv) {
  static const struct argp ARGP = {OPTIONS,
                                   parse,
                                   "SCENARIO.yaml -o FILE",
                                   "Makes a program trace of a scenario: what processes do, with machine and "
                                   "expectations in the trace's header. The "
                                   "same scenario and seed give the same bytes on every machine.",
                                   NULL,
                                   NULL,
                                   NULL};
  char layouts[4200];
  gen_arguments arguments = {0};
  writing to = {0};
  tw_error error = {""};
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &arguments) != 0) return CLI_FAILED;
  layouts_find(layouts, sizeof layouts);
  arguments.options.layouts = layouts;
  if (!cli_output_check(arguments.output, arguments.scenario, &error)) return cli_fail(&error);
  scenario *story = scenario_open(arguments.scenario, &arguments.options, &error);
  const bool written = story && trace_write(story, &arguments, &to, &error);
  scenario_close(story);
  if (!written) return cli_fail(&error);
  fprintf(stderr, "%s: %" PRIu64 " records, %" PRIu64 " accesses\n", arguments.output, to.records, to.accesses);
  return CLI_OK;
}
