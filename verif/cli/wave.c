/* `twinwalk wave`: opens GTKWave on a waveform, or on a trace that is run for it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "fst_file.h"
#include "viewer.h"

#define PASSED_ON 8u /* options for the run, each with its value */

typedef struct wave_options {
  char *input, *config, *file, *screenshot;
  char *passed[2 * PASSED_ON]; /* as `twinwalk cosim` takes them */
  unsigned passed_count;
  char dut[8], seed[8], max[16]; /* names of options, because argv is not const */
  bool has_cycle, has_access;
  uint64_t cycle, access;
} wave_options;

enum { KEY_AT = 0x100, KEY_ACCESS, KEY_DUT, KEY_SEED, KEY_MAX, KEY_WAVE, KEY_SCREENSHOT };

static const struct argp_option OPTIONS[] = {
    {"at", KEY_AT, "CYCLE", 0, "look at this cycle", 0},
    {"access", KEY_ACCESS, "N", 0, "look at this access (its number in the trace)", 0},
    {"config", 'c', "CONFIG", 0, "run TRACE with this configuration", 1},
    {"dut", KEY_DUT, "NAME", 0, "run TRACE on this design (default: rtl)", 1},
    {"seed", KEY_SEED, "N", 0, "run TRACE with this seed", 1},
    {"max-accesses", KEY_MAX, "N", 0, "run the first N accesses of TRACE", 1},
    {"wave", KEY_WAVE, "FILE.fst", 0, "keep the waveform of TRACE there (default: a temporary file, which stays)", 1},
    {"screenshot", KEY_SCREENSHOT, "FILE.png", 0, "write a picture and quit", 2},
    {0}};

static uint64_t parse_number(const char *text, struct argp_state *state) {
  char *end;
  errno = 0;
  const uint64_t value = strtoull(text, &end, 0);
  if (errno || *end || end == text || *text == '-') argp_error(state, "expected a number, found '%s'", text);
  return value;
}

/* The option and its value, for the run. */
static void pass_on(wave_options *options, char *option, char *argument, struct argp_state *state) {
  if (options->passed_count + 2 > 2 * PASSED_ON)
    argp_error(state, "expected at most %u options for the run", PASSED_ON);
  options->passed[options->passed_count++] = option;
  options->passed[options->passed_count++] = argument;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  wave_options *options = state->input;
  switch (key) {
  case KEY_AT:
    options->has_cycle = true;
    options->cycle = parse_number(argument, state);
    return 0;
  case KEY_ACCESS:
    options->has_access = true;
    options->access = parse_number(argument, state);
    return 0;
  case 'c':
    options->config = argument;
    return 0;
  case KEY_DUT:
    pass_on(options, options->dut, argument, state);
    return 0;
  case KEY_SEED:
    pass_on(options, options->seed, argument, state);
    return 0;
  case KEY_MAX:
    pass_on(options, options->max, argument, state);
    return 0;
  case KEY_WAVE:
    options->file = argument;
    return 0;
  case KEY_SCREENSHOT:
    options->screenshot = argument;
    return 0;
  case ARGP_KEY_ARG:
    if (options->input) argp_error(state, "one waveform or trace at a time");
    options->input = argument;
    return 0;
  case ARGP_KEY_NO_ARGS:
    argp_error(state, "which waveform or trace?");
    return EINVAL;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static bool is_waveform(const char *path) {
  const size_t length = strlen(path);
  return length > 4 && strcmp(path + length - 4, ".fst") == 0;
}

/* Runs the trace as `twinwalk cosim` does, with a waveform. */
static int run_trace(const wave_options *options, char *file, size_t size, tw_error *error) {
  char made[512];
  if (options->file) {
    snprintf(file, size, "%s", options->file);
  } else {
    const char *folder = getenv("TMPDIR");
    snprintf(made, sizeof made, "%s/twinwalk-XXXXXX", folder && *folder ? folder : "/tmp");
    if (!mkdtemp(made)) {
      tw_error_set(error, "%s: %s", made, strerror(errno));
      return cli_fail(error);
    }
    snprintf(file, size, "%s/wave.fst", made);
  }
  char cosim[] = "cosim", with_config[] = "--config", with_wave[] = "--wave";
  char *argv[6 + 2 * PASSED_ON + 1] = {cosim, options->input, with_config, options->config, with_wave, file};
  for (unsigned i = 0; i < options->passed_count; i++) argv[6 + i] = options->passed[i];
  const int status = cli_cosim((int)(6 + options->passed_count), argv);
  if (status != CLI_FAILED) fprintf(stderr, "waveform: %s\n", file);
  if (status == CLI_FAILED && !options->file) (void)rmdir(made);
  return status;
}

static int open_waveform(const wave_options *options, const char *file) {
  tw_error error = {0};
  tw_viewer_options viewer = {
      .fst_path = file, .has_cycle = options->has_cycle, .cycle = options->cycle, .screenshot = options->screenshot};
  if (options->has_access && !viewer.has_cycle) {
    if (!tw_viewer_find_access(file, options->access, &viewer.cycle, &error)) return cli_fail(&error);
    viewer.has_cycle = true;
  }
  return tw_viewer_open(&viewer, &error) ? CLI_OK : cli_fail(&error);
}

int cli_wave(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "FILE.fst\nTRACE -c CONFIG",
      "Opens GTKWave on a waveform of `twinwalk cosim --wave`, at the first difference or "
      "else at the first fault; or runs TRACE in lockstep first, with a waveform.\v"
      "docs/waveforms.md says what is to be seen. The exit status is that of the run: 1 if "
      "a difference was found, 2 if something could not be done.",
      NULL,
      NULL,
      NULL};
  wave_options options = {.dut = "--dut", .seed = "--seed", .max = "--max-accesses"};
  char file[1024];
  tw_error error = {0};
  int status = CLI_OK;
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  if (!cli_output_check(options.screenshot, options.input, &error) ||
      !cli_output_check(options.file, options.input, &error))
    return cli_fail(&error);
  if (!tw_viewer_check(&error)) return cli_fail(&error);
  if (is_waveform(options.input)) {
    if (!fst_path_check(options.input, &error)) return cli_fail(&error);
    snprintf(file, sizeof file, "%s", options.input);
  } else if (!options.config) {
    tw_error_set(&error, "%s: expected a waveform (FILE.fst), or a trace with -c CONFIG", options.input);
    return cli_fail(&error);
  } else {
    status = run_trace(&options, file, sizeof file, &error);
    if (status == CLI_FAILED) return status;
  }
  const int opened = open_waveform(&options, file);
  return opened == CLI_OK ? status : opened;
}
