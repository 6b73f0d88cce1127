/* A short run of a design beside the model, with a waveform: walks, hits, faults, a fence and a satp write in mid-walk.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_WAVE_SCENARIO_H
#define TWINWALK_TESTS_WAVE_SCENARIO_H

#include "dut_loader.h"
#include "twinwalk/config.h"
#include "wave.h"

typedef struct scenario_options {
  const tw_config *config;
  const char *dut; /* "rtl" or a plug-in's path */
  const char *fst_path;
  bool alone;          /* the waveform is not told of the model */
  uint64_t difference; /* cycle in which the design's outputs are changed before they are compared; 0: never */
} scenario_options;

typedef struct scenario_result {
  uint64_t cycles;
  unsigned answers, faults, retries;
  uint64_t differing; /* cycles, beside the one asked for */
} scenario_result;

/* Virtual addresses that the scenario maps; the same in every mode. */
#define SCENARIO_GOOD 0x3fffe010u    /* -> 80123010, 4 KiB, D A U W R V */
#define SCENARIO_CLEAN 0x3fffd020u   /* D is 0 */
#define SCENARIO_CODE 0x00010000u    /* X, U */
#define SCENARIO_NOWHERE 0x3fffc000u /* V is 0 */
#define SCENARIO_GOOD_PA 0x80123010u

/* Runs and writes the file and the save file beside it. False and error on failure. */
bool scenario_run(const scenario_options *options, scenario_result *result, tw_error *error);

#endif
