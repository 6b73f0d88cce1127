/* `twinwalk`: finds the subcommand and runs it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <signal.h>
#include <string.h>

#include "cli.h"

typedef struct subcommand {
  const char *name;
  cli_run run;
  const char *summary;
} subcommand;

static const subcommand subcommands[] = {
    {"capture", cli_capture, "run a real program and write its program trace"},
    {"import", cli_import, "turn another tool's trace into a program trace"},
    {"gen", cli_gen, "make a program trace of a scenario"},
    {"golden", cli_golden, "run a trace on the cycle model and write its answers"},
    {"cosim", cli_cosim, "run a trace on a design and the model, and compare"},
    {"explain", cli_explain, "explain one page walk, bit by bit"},
    {"map", cli_map, "draw the address spaces of a program trace"},
    {"stats", cli_stats, "what a trace does to the TLBs and the walker: the model alone"},
    {"diff", cli_diff, "differences of two golden traces"},
    {"duts", cli_duts, "list the devices under test"},
    {"config", cli_config, "show or check a configuration"},
    {"wave", cli_wave, "open GTKWave at a difference, a fault, a cycle or an access"},
    {"convert", cli_convert, "convert a trace between text and binary"},
    {"cat", cli_cat, "print a trace as text"},
};
#define SUBCOMMANDS (sizeof subcommands / sizeof subcommands[0])

static void help_print(FILE *stream) {
  fprintf(stream,
          "Usage: twinwalk SUBCOMMAND [OPTION...]\n\nA cycle-level reference model of a RISC-V MMU, and the bench that "
          "runs it in lockstep with a Verilog one.\n\n");
  for (size_t i = 0; i < SUBCOMMANDS; i++) fprintf(stream, "  %-9s %s\n", subcommands[i].name, subcommands[i].summary);
  fprintf(stream, "\n`twinwalk SUBCOMMAND --help` says more. `twinwalk --version` prints the version.\n\n"
                  "Exit status: 0 all compared equal, 1 a difference was found, 2 it could not run.\n");
}

/* A full disk or a closed pipe must not look like success. */
static int output_check(int status) {
  if (fflush(stdout) == 0 && !ferror(stdout)) return status;
  tw_error error;
  tw_error_set(&error, "standard output: cannot be written");
  return cli_fail(&error);
}

int main(int argc, char **argv) {
  argp_err_exit_status = CLI_FAILED;
  signal(SIGXFSZ, SIG_IGN); /* a file that may not grow further is a failed write, which is told */
  argp_program_version = "twinwalk " TWINWALK_VERSION;
  if (argc < 2) {
    help_print(stderr);
    return CLI_FAILED;
  }
  const char *name = argv[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    help_print(stdout);
    return output_check(CLI_OK);
  }
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
    printf("%s\n", argp_program_version);
    return output_check(CLI_OK);
  }
  for (size_t i = 0; i < SUBCOMMANDS; i++) {
    if (strcmp(subcommands[i].name, name) != 0) continue;
    char full[32];
    snprintf(full, sizeof full, "twinwalk %s", name);
    argv[1] = full; /* what usage messages show */
    return output_check(subcommands[i].run(argc - 1, argv + 1));
  }
  tw_error error;
  tw_error_set(&error, "no subcommand \"%s\" (`twinwalk --help` lists them)", name);
  return cli_fail(&error);
}
