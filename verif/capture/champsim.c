/* ChampSim: a record an instruction, little-endian: its address, registers, and the addresses that it writes and reads.
 *
 *            ip  branch  taken  registers  writes      reads       asid
 *   64 bytes  0       8      9  10 to 15   16, 2 of 8  32, 4 of 8             ChampSim's own
 *   96 bytes  0       8      9  10 to 17   24, 4 of 8  56, 4 of 8  88, 2 of 1  of CloudSuite
 *
 * An address of 0 is none. There are no sizes: 4 bytes a fetch and 8 a read or write are assumed, or fewer, so that the
 * access is aligned and stays in its page. Each pair of ASIDs is a process of its own, which begins when it is first
 * seen.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

#define FETCH_BYTES 4u
#define DATA_BYTES 8u
#define ASIDS 65536u

typedef struct champsim_layout {
  size_t writes_at, writes, reads_at, reads, asid_at; /* asid_at 0: none */
} champsim_layout;

static const champsim_layout CHAMPSIM = {16, 2, 32, 4, 0}, CLOUDSUITE = {24, 4, 56, 4, 88};

typedef struct champsim_state {
  trace_builder *builder;
  const champsim_layout *layout;
  bool begun;
  uint16_t processes[ASIDS]; /* by ASID: the process's number + 1; 0: not seen */
} champsim_state;

static bool open_layout(void *state, trace_builder *builder, const champsim_layout *layout) {
  champsim_state *trace = state;
  trace->builder = builder;
  trace->layout = layout;
  snprintf(builder->assumed, sizeof builder->assumed, "fetch-size=%u size=%u", FETCH_BYTES, DATA_BYTES);
  return true;
}

static bool champsim_open(void *state, trace_builder *builder, tw_error *error) {
  (void)error;
  return open_layout(state, builder, &CHAMPSIM);
}

static bool cloudsuite_open(void *state, trace_builder *builder, tw_error *error) {
  (void)error;
  return open_layout(state, builder, &CLOUDSUITE);
}

static uint64_t word_at(const char *record, size_t offset) {
  uint64_t value = 0;
  for (size_t i = 8; i-- > 0;) value = value << 8 | (unsigned char)record[offset + i];
  return value;
}

static bool access_aligned(trace_builder *builder, tw_access kind, uint64_t va, uint8_t size, tw_error *error) {
  while (va % size) size /= 2;
  return builder_access(builder, kind, va, size, error);
}

/* These traces are kept compressed: who forgets that is told. */
static bool refuse_flags(const champsim_state *trace, const char *record, tw_error *error) {
  static const struct {
    const char *bytes, *program;
  } magics[] = {{"\xfd\x37zXZ", "xz"}, {"\x1f\x8b\x08", "gzip"}, {"BZh", "bzip2"}, {"\x28\xb5\x2f\xfd", "zstd"}};
  for (size_t i = 0; i < sizeof magics / sizeof *magics && !trace->begun; i++) {
    if (memcmp(record, magics[i].bytes, strlen(magics[i].bytes))) continue;
    return tw_error_set(error, "expected a record, found a compressed file: `%s -dc FILE | twinwalk import %s - ...`",
                        magics[i].program, trace->layout->asid_at ? "cloudsuite" : "champsim");
  }
  return tw_error_set(error, "expected 0 or 1 in bytes 8 and 9 of a record (branch, taken), found %u and %u",
                      (unsigned char)record[8], (unsigned char)record[9]);
}

/* The first ASIDs are those of the process that is there from the beginning. */
static bool process_switch(champsim_state *trace, unsigned asid, tw_error *error) {
  unsigned number = 0;
  if (!trace->processes[asid]) {
    if (trace->begun) {
      char name[16];
      snprintf(name, sizeof name, "asid %u", asid);
      if (!builder_begin(trace->builder, name, &number, error)) return false;
    }
    trace->processes[asid] = (uint16_t)(number + 1);
  }
  builder_thread(trace->builder, (trace->processes[asid] - 1u) << 16 | 1);
  return true;
}

static bool champsim_take(void *state, char *record, size_t length, tw_error *error) {
  champsim_state *trace = state;
  const champsim_layout *layout = trace->layout;
  const unsigned char *asid = (const unsigned char *)record + layout->asid_at;
  (void)length;
  if ((unsigned char)record[8] > 1 || (unsigned char)record[9] > 1) return refuse_flags(trace, record, error);
  if (layout->asid_at && !process_switch(trace, asid[0] | (unsigned)asid[1] << 8, error)) return false;
  trace->begun = true;
  bool done = access_aligned(trace->builder, TW_FETCH, word_at(record, 0), FETCH_BYTES, error);
  for (size_t i = 0; done && i < layout->reads; i++) {
    uint64_t va = word_at(record, layout->reads_at + 8 * i);
    if (va) done = access_aligned(trace->builder, TW_LOAD, va, DATA_BYTES, error);
  }
  for (size_t i = 0; done && i < layout->writes; i++) {
    uint64_t va = word_at(record, layout->writes_at + 8 * i);
    if (va) done = access_aligned(trace->builder, TW_STORE, va, DATA_BYTES, error);
  }
  return done;
}

const import_format FORMAT_CHAMPSIM = {.name = "champsim",
                                       .what = "ChampSim, records of 64 bytes",
                                       .nothing = "records of 64 bytes",
                                       .state_bytes = sizeof(champsim_state),
                                       .record_bytes = 64,
                                       .open = champsim_open,
                                       .take = champsim_take};

const import_format FORMAT_CLOUDSUITE = {.name = "cloudsuite",
                                         .what = "ChampSim of CloudSuite, records of 96 bytes with ASIDs",
                                         .nothing = "records of 96 bytes",
                                         .state_bytes = sizeof(champsim_state),
                                         .record_bytes = 96,
                                         .open = cloudsuite_open,
                                         .take = champsim_take};
