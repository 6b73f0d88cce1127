/* `twinwalk stats`: what a trace does to the TLBs and the walker, by the model alone.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "dut_loader.h"
#include "run_options.h"
#include "verdict_text.h"

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)argument;
  if (key != ARGP_KEY_INIT) return ARGP_ERR_UNKNOWN;
  state->child_inputs[0] = state->input;
  return 0;
}

int cli_stats(int argc, char **argv) {
  static const struct argp_child CHILDREN[] = {{&run_argp, 0, NULL, 0}, {0}};
  static const struct argp ARGP = {
      NULL,
      parse,
      "TRACE -c CONFIG",
      "Runs a trace on the cycle model alone and counts: hits, misses, evictions, faults by "
      "reason, walks, cycles. Nothing is compared.",
      CHILDREN,
      NULL,
      NULL};
  run_options run;
  run_options_init(&run);
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &run) != 0) return CLI_FAILED;
  tw_error error = {0};
  tw_verdict verdict = {0};
  run.session.dut = tw_dut_model_table();
  run.session.compare = TW_COMPARE_NONE;
  bool ran = run_options_prepare(&run, "stats", &error) && tw_session_run(&run.session, &verdict, &error);
  run_options_finish(&run);
  const verdict_subject subject = {run.trace, run.config_name, "model", run.session.seed};
  int status = ran ? CLI_OK : cli_fail(&error);
  if (ran && run.json) {
    verdict_json(stdout, &subject, &verdict);
  } else if (ran) {
    printf("%s on the model, configuration %s\n", run.trace, run.config_name);
    verdict_counts_print(stdout, &verdict);
  }
  if (ran && verdict.report) { /* the model broke a rule or hangs */
    fprintf(stderr, "%s", verdict.report);
    status = CLI_DIFFERENT;
  }
  tw_verdict_free(&verdict);
  return status;
}
