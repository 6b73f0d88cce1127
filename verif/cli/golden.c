/* `twinwalk golden`: operating system's side and cycle model make a golden trace of a program or MMU trace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dut_loader.h"
#include "run_options.h"
#include "verdict_text.h"

typedef struct golden_options {
  run_options run;
  const char *output;
  tw_trace_form form;
  bool has_form;
} golden_options;

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "where to write; - is standard output", 10},
    {"format", 'f', "FORM", 0, "text or binary (default: text if FILE ends in .twt or is -, else binary)", 10},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  golden_options *options = state->input;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &options->run;
    return 0;
  case 'o':
    options->output = argument;
    return 0;
  case 'f':
    options->has_form = true;
    options->form = strcmp(argument, "text") == 0 ? TW_TRACE_TEXT : TW_TRACE_BINARY;
    if (options->form != TW_TRACE_TEXT && strcmp(argument, "binary") != 0)
      argp_error(state, "--format: expected text or binary, found \"%s\"", argument);
    return 0;
  case ARGP_KEY_END:
    if (!options->output) argp_error(state, "where to? (-o FILE)");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static tw_trace_form form_choose(const golden_options *options) {
  if (options->has_form) return options->form;
  const char *dot = strrchr(options->output, '.');
  bool text = strcmp(options->output, "-") == 0 || (dot && strcmp(dot, ".twt") == 0);
  return text ? TW_TRACE_TEXT : TW_TRACE_BINARY;
}

static int golden_run(golden_options *options) {
  tw_error error = {0};
  tw_verdict verdict = {0};
  run_options *run = &options->run;
  if (!cli_output_check(options->output, run->trace, &error)) return cli_fail(&error);
  run->session.dut = tw_dut_model_table();
  run->session.compare = TW_COMPARE_NONE;
  run->session.golden = options->output;
  run->session.golden_form = form_choose(options);
  bool ran = run_options_prepare(run, "golden", &error) && tw_session_run(&run->session, &verdict, &error);
  run_options_finish(run);
  int status = ran ? CLI_OK : cli_fail(&error);
  bool piped = strcmp(options->output, "-") == 0;
  const verdict_subject subject = {run->trace, run->config_name, "model", run->session.seed};
  FILE *stream = piped ? stderr : stdout;
  if (ran && verdict.differences) { /* the model broke a rule or hangs */
    fprintf(stderr, "%s", verdict.report ? verdict.report : verdict.first);
    status = CLI_DIFFERENT;
  } else if (ran && run->json) {
    verdict_json(stream, &subject, &verdict);
  } else if (ran) {
    fprintf(stream, "%s: golden trace of %s, configuration %s\n", options->output, run->trace, run->config_name);
    verdict_counts_print(stream, &verdict);
  }
  if (ran && !verdict.passed) status = CLI_DIFFERENT;
  tw_verdict_free(&verdict);
  return status;
}

int cli_golden(int argc, char **argv) {
  static const struct argp_child CHILDREN[] = {{&run_argp, 0, NULL, 0}, {0}};
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "TRACE -c CONFIG -o FILE",
      "Runs a program or MMU trace on the cycle model and writes the golden trace: the MMU "
      "trace with the model's answers, page-table reads and cycles.",
      CHILDREN,
      NULL,
      NULL};
  golden_options options = {0};
  run_options_init(&options.run);
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  return golden_run(&options);
}
