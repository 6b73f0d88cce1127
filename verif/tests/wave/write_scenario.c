/* Writes the waveform of the scenario, for tests that open it: write_scenario CONFIG FILE.fst [CYCLE]. With
 * CYCLE, a difference is made up in it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "config_file.h"
#include "scenario.h"

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s CONFIG FILE.fst [CYCLE]\n", argv[0]);
    return 2;
  }
  tw_config config;
  tw_error error = {0};
  if (!tw_config_load(argv[1], &config, &error)) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  const scenario_options options = {
      .config = &config, .dut = "rtl", .fst_path = argv[2], .difference = argc > 3 ? strtoull(argv[3], NULL, 0) : 0};
  scenario_result result;
  if (scenario_run(&options, &result, &error)) return 0;
  fprintf(stderr, "%s\n", error.text);
  return 2;
}
