/* A device under test: a shared library with one symbol, tw_dut_entry, that returns a table of functions.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_DUT_H
#define TWINWALK_DUT_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/error.h"
#include "twinwalk/pins.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TW_DUT_ABI 3u
#define TW_DUT_SYMBOL "tw_dut_entry"

/* How a design manages A and D. */
typedef enum tw_dut_ad {
  TW_DUT_SVADE = 0, /* by faults alone */
  TW_DUT_SVADU = 1  /* by faults, or by updates of its own while menvcfg.ADUE is 1 */
} tw_dut_ad;

/* What a design says of itself: what it has, at most. Strings are static. */
typedef struct tw_dut_description {
  const char *name;        /* "rtl" */
  const char *config;      /* name of the configuration it was built for; "" for any */
  const char *config_text; /* that configuration as YAML text; "" for any */
  const char *text;        /* one line for `twinwalk duts` */
  unsigned modes;          /* bit n: tw_mode n is supported */
  unsigned xlen;           /* 32 or 64 */
  unsigned extensions;     /* TW_EXT_* */
  unsigned asid_bits;
  unsigned pa_bits;
  unsigned pmp_entries;             /* 0, 16 or 64 */
  unsigned pmp_grain;               /* G, 0 to 20 */
  unsigned fetch_slots, data_slots; /* misses it holds at a time; 0: not told */
  tw_dut_ad ad;                     /* TW_DUT_SVADU exactly if extensions have TW_EXT_SVADU */
  bool fences_over_flush;           /* a fence may revoke more than it must */
  bool cycles_predicted; /* its cycles are those of docs/microarchitecture.md: compared; else judged by the oracle */
  bool waves;            /* wave_open works */
  bool assertions;       /* its assertions are compiled in */
  unsigned variants;     /* 1, or the number of mutants it holds plus one (variant 0 is the design itself) */
} tw_dut_description;

typedef struct tw_dut_options {
  const char *config_text; /* the configuration as YAML text, for designs that take any; may be NULL */
  uint64_t seed;           /* of random register contents at start */
  unsigned variant;        /* 0: the design; n: mutant n */
} tw_dut_options;

/* In place of bits: value is text, ends with NUL, and lies in so many bytes, all of which may be read. */
#define TW_WAVE_TEXT(bytes) (0x80000000u | (bytes))

/* One signal that the bench adds to the waveform. Values are read when the design dumps. */
typedef struct tw_wave_signal {
  const char *scope; /* "model" or "lane.fetch": dots separate scopes */
  const char *name;
  unsigned bits; /* 1 to 1024; more than 64: value points to an array of 32-bit words, lowest first. Or TW_WAVE_TEXT */
  const void *value; /* uint8_t up to 8 bits, uint16_t up to 16, uint32_t up to 32, uint64_t up to 64 */
} tw_wave_signal;

typedef struct tw_dut tw_dut;

typedef struct tw_dut_table {
  uint32_t abi; /* TW_DUT_ABI */
  const tw_dut_description *(*describe)(void);
  /* Opens one instance, not yet reset; NULL and error on failure. Several may be open at once. */
  tw_dut *(*open)(const tw_dut_options *options, tw_error *error);
  void (*close)(tw_dut *dut);
  /* One clock cycle t: applies `in`, settles, writes the outputs of cycle t, then clocks. */
  void (*cycle)(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out);
  /* Begins an FST file that holds the design's own signals and the given ones. Before the first cycle. NULL if not
   * offered. */
  bool (*wave_open)(tw_dut *dut, const char *path, const tw_wave_signal *signals, unsigned count, tw_error *error);
  /* Writes all values at a cycle's number; between wave_open and wave_close. */
  void (*wave_dump)(tw_dut *dut, uint64_t cycle);
  void (*wave_close)(tw_dut *dut);
  /* Prints the design's state for a report, one `name value` a line, into text; NULL if not offered. */
  void (*state)(tw_dut *dut, char *text, unsigned size);
  /* The first assertion that failed, the design's; NULL if none did. NULL if it has no assertions. */
  const char *(*failure)(tw_dut *dut);
  /* Clocks through recorded inputs and looks at no output: how fast the design is alone. NULL if not offered. */
  void (*replay)(tw_dut *dut, const tw_pins_in *inputs, uint64_t count);
} tw_dut_table;

typedef const tw_dut_table *(*tw_dut_entry_function)(void);

#ifdef __cplusplus
}
#endif
#endif
