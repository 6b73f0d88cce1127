/* Writes the waveform of the scenario, for tests that open it: write_scenario tiny32|base39 FILE.fst [CYCLE]. With
 * CYCLE, a difference is made up in it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s tiny32|base39 FILE.fst [CYCLE]\n", argv[0]);
    return 2;
  }
  const tw_config config = strcmp(argv[1], "tiny32") == 0 ? TW_CONFIG_TINY32 : TW_CONFIG_BASE39;
  const scenario_options options = {
      .config = &config, .dut = "rtl", .fst_path = argv[2], .difference = argc > 3 ? strtoull(argv[3], NULL, 0) : 0};
  scenario_result result;
  tw_error error = {0};
  if (scenario_run(&options, &result, &error)) return 0;
  fprintf(stderr, "%s\n", error.text);
  return 2;
}
