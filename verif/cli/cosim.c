/* `twinwalk cosim`: a trace on a design and on the model, compared.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "coverage_watch.h"
#include "dut_loader.h"
#include "run_options.h"
#include "verdict_text.h"
#include "wave_difference.h"

typedef struct cosim_options {
  run_options run;
  const char *dut, *golden, *wave, *junit;
  bool checked, windowed;
  wave_difference difference;
  coverage_watch coverage;
  char repeat[1024];
} cosim_options;

enum {
  KEY_DUT = 0x300,
  KEY_COMPARE,
  KEY_VARIANT,
  KEY_CHECKED,
  KEY_HANG,
  KEY_KEEP,
  KEY_GOLDEN,
  KEY_WAVE,
  KEY_WAVE_FROM,
  KEY_WAVE_CYCLES,
  KEY_WAVE_DIFFERENCE,
  KEY_WAVE_WINDOW,
  KEY_JUNIT,
  KEY_COVERAGE
};

static const struct argp_option OPTIONS[] = {
    {"dut", KEY_DUT, "NAME", 0, "device under test, as `twinwalk duts` lists them, or a path (default: rtl)", 10},
    {"compare", KEY_COMPARE, "LEVEL", 0,
     "cycle: every pin on every cycle; walk: every answer and page-table read; arch: every answer is legal (default: "
     "cycle if the design's cycles are predicted, else arch)",
     10},
    {"variant", KEY_VARIANT, "N", 0, "mutant N of a design that holds some (default: 0, the design itself)", 10},
    {"checked", KEY_CHECKED, NULL, 0, "the build of the design with assertions", 10},
    {"hang", KEY_HANG, "N", 0, "report a hang when nothing has happened for N cycles (default: 100000)", 11},
    {"keep-going", KEY_KEEP, NULL, 0, "count all differences; the first is explained", 11},
    {"golden", KEY_GOLDEN, "FILE", 0, "write the golden trace as well (.twt: text, else binary)", 12},
    {"wave", KEY_WAVE, "FILE.fst", 0, "write a waveform (takes the checked build)", 12},
    {"wave-from", KEY_WAVE_FROM, "CYCLE", 0, "with --wave: from this cycle on", 12},
    {"wave-cycles", KEY_WAVE_CYCLES, "N", 0, "with --wave: for N cycles", 12},
    {"wave-difference", KEY_WAVE_DIFFERENCE, "FILE.fst", 0,
     "if there is a difference, run again and write a waveform of the cycles around the first one", 12},
    {"wave-window", KEY_WAVE_WINDOW, "BEFORE[+AFTER]", 0,
     "with --wave-difference: so many cycles around it (default: 200+20)", 12},
    {"coverage", KEY_COVERAGE, "FILE", 0, "count the functional points that the run reaches, with --compare cycle", 12},
    {"junit", KEY_JUNIT, "FILE", 0, "write the verdict as a JUnit file", 12},
    {0}};

/* "BEFORE" or "BEFORE+AFTER" */
static void window_parse(wave_difference *difference, char *text, const struct argp_state *state) {
  char *after = strchr(text, '+');
  if (after) {
    *after = '\0'; /* the command was copied before */
    difference->after = run_number("--wave-window BEFORE+", after + 1, 0, UINT32_MAX, state);
  }
  difference->before = run_number("--wave-window", text, 0, UINT32_MAX, state);
}

/* The options of waveforms that go only with others. */
static void waves_check(const cosim_options *options, const struct argp_state *state) {
  const tw_wave_window *window = &options->run.session.window;
  if ((window->first || window->cycles) && !options->wave)
    argp_error(state, "--wave-from and --wave-cycles go with --wave");
  if (options->windowed && !options->difference.file) argp_error(state, "--wave-window goes with --wave-difference");
  if (options->wave && options->difference.file) argp_error(state, "expected --wave or --wave-difference, found both");
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  cosim_options *options = state->input;
  tw_session_options *session = &options->run.session;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->run;
    return 0;
  case KEY_DUT:
    options->dut = argument;
    return 0;
  case KEY_COMPARE:
    if (!tw_compare_from_name(argument, &session->compare))
      argp_error(state, "--compare: expected cycle, walk or arch, found \"%s\"", argument);
    return 0;
  case KEY_VARIANT:
    session->variant = (unsigned)run_number("--variant", argument, 0, UINT32_MAX, state);
    return 0;
  case KEY_CHECKED:
    options->checked = true;
    return 0;
  case KEY_HANG:
    session->hang = run_number("--hang", argument, 1, UINT64_MAX, state);
    return 0;
  case KEY_KEEP:
    session->keep_going = true;
    return 0;
  case KEY_GOLDEN:
    options->golden = argument;
    return 0;
  case KEY_WAVE:
    options->wave = argument;
    options->checked = true;
    return 0;
  case KEY_WAVE_FROM:
    session->window.first = run_number("--wave-from", argument, 0, UINT64_MAX, state);
    return 0;
  case KEY_WAVE_CYCLES:
    session->window.cycles = run_number("--wave-cycles", argument, 1, UINT64_MAX, state);
    return 0;
  case KEY_WAVE_DIFFERENCE:
    options->difference.file = argument;
    return 0;
  case KEY_WAVE_WINDOW:
    window_parse(&options->difference, argument, state);
    options->windowed = true;
    return 0;
  case ARGP_KEY_END:
    waves_check(options, state);
    return 0;
  case KEY_JUNIT:
    options->junit = argument;
    return 0;
  case KEY_COVERAGE:
    options->coverage.file = argument;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static bool is_plain(const char *word) {
  return word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+=:,@%")] == '\0' &&
         *word;
}

/* The command line as a shell takes it. */
static void repeat_make(char *text, size_t size, int argc, char **argv) {
  size_t used = 0;
  for (int i = 0; i < argc && used < size; i++) {
    bool plain = i == 0 || is_plain(argv[i]);
    used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i ? " " : "", plain ? "" : "'", argv[i],
                             plain ? "" : "'");
  }
}

/* Loads the design; the subject is named after it. A second one, if a second run may be needed that makes waveforms. */
static bool dut_prepare(cosim_options *options, tw_dut_plugin *plugin, tw_dut_plugin *waving, tw_error *error) {
  const tw_dut_choice choice = {options->dut, options->run.session.config.name, options->checked};
  if (!tw_dut_load(&choice, plugin, error)) return false;
  tw_session_options *session = &options->run.session;
  session->dut = plugin->table;
  session->golden = options->golden;
  session->wave = options->wave;
  session->repeat = options->repeat;
  coverage_watch_attach(&options->coverage, session);
  const char *dot = options->golden ? strrchr(options->golden, '.') : NULL;
  session->golden_form = dot && strcmp(dot, ".twt") == 0 ? TW_TRACE_TEXT : TW_TRACE_BINARY;
  if (session->compare == TW_COMPARE_WALK && strcmp(options->run.trace, "-") == 0)
    return tw_error_set(error, "--compare walk reads the trace twice, which standard input cannot: give a file");
  if (session->compare == TW_COMPARE_WALK && options->run.source.swap_path)
    return tw_error_set(error, "--compare walk has two operating system's sides, and --swap-file is for one: leave it");
  options->difference.choice = choice;
  options->difference.trace = options->run.trace;
  return !options->difference.file || wave_difference_load(&options->difference, waving, error);
}

/* A window may lie beyond the run's end. */
static void waves_remark(const cosim_options *options, const tw_verdict *verdict) {
  if (!options->wave || verdict->wave_cycles) return;
  fprintf(stderr, "twinwalk: %s is empty: the run ends in cycle %llu, before --wave-from %llu\n", options->wave,
          (unsigned long long)verdict->counts.cycles, (unsigned long long)options->run.session.window.first);
}

static int verdict_report(const cosim_options *options, const verdict_subject *subject, const tw_verdict *verdict,
                          tw_error *error) {
  if (options->run.json) {
    if (!verdict_json(stdout, subject, verdict)) {
      tw_error_set(error, "standard output: cannot be written");
      return cli_fail(error);
    }
  } else {
    verdict_print(stdout, subject, verdict, cli_colours(stdout));
  }
  if (options->junit && !verdict_junit(options->junit, subject, verdict, NULL, error)) return cli_fail(error);
  return verdict->passed ? CLI_OK : CLI_DIFFERENT;
}

/* What there is to see of a difference. */
static void difference_show(const cosim_options *options, const tw_dut_plugin *waving, tw_verdict *verdict) {
  const wave_difference *difference = &options->difference;
  if (verdict->differences == 0) return;
  if (difference->file) {
    wave_difference_make(difference, &options->run.session, waving, verdict);
  } else if (!options->wave && strcmp(options->run.trace, "-") != 0) {
    wave_difference_hint(difference, options->repeat, verdict);
  }
}

/* No output may be the trace. */
static bool outputs_check(const cosim_options *options, tw_error *error) {
  const char *outputs[] = {options->golden, options->wave, options->difference.file, options->junit,
                           options->coverage.file};
  for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
    if (!cli_output_check(outputs[i], options->run.trace, error)) return false;
  return true;
}

static int cosim_run(cosim_options *options) {
  tw_error error = {0}, ignored;
  tw_dut_plugin plugin = {0}, waving = {0};
  tw_verdict verdict = {0};
  run_options *run = &options->run;
  if (!outputs_check(options, &error)) return cli_fail(&error);
  bool ran = run_options_prepare(run, "cosim", &error) && dut_prepare(options, &plugin, &waving, &error) &&
             tw_session_run(&run->session, &verdict, &error) && coverage_watch_write(&options->coverage, &error);
  if (ran) difference_show(options, &waving, &verdict);
  if (ran) waves_remark(options, &verdict);
  run_options_finish(run);
  const verdict_subject subject = {run->trace, run->config_name, options->dut, run->session.seed};
  int status;
  if (ran) {
    status = verdict_report(options, &subject, &verdict, &error);
  } else {
    status = cli_fail(&error);
    if (options->junit) verdict_junit(options->junit, &subject, NULL, &error, &ignored);
  }
  coverage_watch_close(&options->coverage);
  tw_verdict_free(&verdict);
  tw_dut_unload(&plugin);
  tw_dut_unload(&waving);
  return status;
}

int cli_cosim(int argc, char **argv) {
  static const struct argp_child CHILDREN[] = {{&run_argp, 0, NULL, 0}, {0}};
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "TRACE -c CONFIG",
      "Runs a trace on a device under test and on the cycle model, and compares. TRACE is a "
      "program, MMU or golden trace, or - for standard input, or random:N for N random records; a "
      "golden trace is judged against its own answers, without the model.\v"
      "The exit status is 0 if everything compared equal and came as the trace expects, 1 if there was a difference, "
      "which is then explained, or an expectation that does not hold, and 2 if the run could not be done or compared "
      "nothing.",
      CHILDREN,
      NULL,
      NULL};
  cosim_options options = {.dut = "rtl",
                           .difference = {.before = WAVE_DIFFERENCE_BEFORE, .after = WAVE_DIFFERENCE_AFTER}};
  run_options_init(&options.run);
  repeat_make(options.repeat, sizeof options.repeat, argc, argv);
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  return cosim_run(&options);
}
