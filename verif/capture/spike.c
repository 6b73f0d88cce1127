/* Spike's log of what it commits (--log-commits): an instruction a line, with the registers and memory that it changed.
 *
 *   core   0: 3 0x0000000080000190 (0x00e7b023) mem 0x0000000080001f80 0x0000000000000005
 *             |  |                   |           loads have no data; their sizes follow from the instruction
 *             |  |                   instruction
 *             |  its address         x5  0x...: a register's new value; c384_satp 0x...: a control register's
 *             privilege: 3 is machine mode, without translation
 *
 * Lines of -l, and of exceptions, are passed over. Each root table in satp is a process.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "format.h"
#include "machine.h"
#include "spike_size.h"
#include "text.h"

#define HARTS_MAX MACHINE_HARTS_MAX
#define SFENCE_MASK 0xfe007fffu
#define SFENCE_VMA 0x12000073u
#define SINVAL_VMA 0x16000073u

typedef struct spike_registers {
  uint64_t values[32];
  uint32_t known; /* a bit each; x0 is always */
} spike_registers;

typedef struct spike_state {
  trace_builder *builder;
  machine_trace machine;
  spike_registers registers[HARTS_MAX];
} spike_state;

/* A line that is being taken apart. */
typedef struct spike_line {
  unsigned hart, xlen;
  uint64_t privilege, pc, instruction;
  bool amo;
  bool accessed; /* an amo's one access was taken */
} spike_line;

static bool spike_open(void *state, trace_builder *builder, tw_error *error) {
  spike_state *trace = state;
  (void)error;
  trace->builder = builder;
  machine_open(&trace->machine, builder);
  return true;
}

static void spike_close(void *state) {
  machine_close(&((spike_state *)state)->machine);
}

static bool spike_unexpected(const char *text, tw_error *error) {
  return text_unexpected("a line of Spike's log (`core   0: 3 0x0000000080000000 (0x00000297) x5 ...`)", text, error);
}

static bool spike_access(spike_state *trace, const spike_line *line, tw_access kind, uint64_t va, unsigned size,
                         tw_error *error) {
  const machine_access access = {
      .hart = line->hart, .kind = kind, .va = va, .size = (uint8_t)size, .bare = line->privilege == 3};
  return machine_take(&trace->machine, &access, error);
}

/* ` ADDRESS [DATA]` behind `mem`: with data it is a store of so many bytes. */
static bool spike_memory(spike_state *trace, spike_line *line, const char **at, tw_error *error) {
  uint64_t va;
  if (!text_blank(at) || !text_word(at, "0x") || !text_hex(at, &va)) return false;
  const char *rest = *at;
  bool store = text_blank(&rest) && text_word(&rest, "0x");
  unsigned size = spike_size((uint32_t)line->instruction, line->xlen, va);
  if (store) {
    size_t digits = strspn(rest, "0123456789abcdef");
    *at = rest + digits;
    if (!digits || digits > 128) return false;
    size = digits == 1 ? 1 : (unsigned)digits / 2; /* of a byte, Spike leaves out the leading 0 */
  }
  if (line->amo) {
    if (line->accessed) return true;
    line->accessed = true;
    return spike_access(trace, line, TW_AMO, va, size, error);
  }
  return spike_access(trace, line, store ? TW_STORE : TW_LOAD, va, size, error);
}

/* `5  0x...` behind x: the register has a new value. */
static void spike_register(spike_registers *registers, const char **at) {
  uint64_t number, value;
  text_blank(at);
  if (!text_decimal(at, &number) || number > 31 || !text_blank(at) || !text_word(at, "0x") || !text_hex(at, &value)) {
    return;
  }
  registers->values[number] = value;
  registers->known |= 1u << number;
}

static bool spike_fence(spike_state *trace, const spike_line *line, tw_error *error) {
  uint32_t word = (uint32_t)line->instruction;
  const spike_registers *registers = &trace->registers[line->hart];
  unsigned rs1 = word >> 15 & 31, rs2 = word >> 20 & 31;
  bool known = (!rs1 || registers->known >> rs1 & 1) && (!rs2 || registers->known >> rs2 & 1);
  tw_record_fence fence = {.kind = (word & SFENCE_MASK) == SFENCE_VMA ? TW_FENCE_SFENCE_VMA : TW_FENCE_SINVAL_VMA,
                           .unknown = !known,
                           .has_va = known && rs1,
                           .has_asid = known && rs2,
                           .va = known && rs1 ? registers->values[rs1] : 0,
                           .asid = known && rs2 ? (uint16_t)registers->values[rs2] : 0};
  return machine_fence(&trace->machine, line->hart, &fence, error);
}

/* What the instruction changed: pairs of a name and a value. */
static bool spike_changes(spike_state *trace, spike_line *line, const char *at, tw_error *error) {
  uint64_t satp;
  while (text_blank(&at), *at) {
    if (text_word(&at, "mem")) {
      if (!spike_memory(trace, line, &at, error)) return false;
    } else if (text_word(&at, "c384_satp")) {
      if (!text_blank(&at) || !text_hex_prefixed(&at, &satp)) return false;
      if (!machine_satp(&trace->machine, line->hart, satp, line->xlen, error)) return false;
    } else if (text_word(&at, "x")) {
      spike_register(&trace->registers[line->hart], &at);
    }
    at += strcspn(at, " \t");
  }
  return true;
}

/* `core   0: 3 0xPC (0xINSTRUCTION)`; *other: the line is none of an instruction that was committed. */
static bool spike_head(const char **at, spike_line *line, bool *other) {
  uint64_t hart = 0;
  *other = false;
  if (text_word(at, "core")) {
    if (!text_blank(at) || !text_decimal(at, &hart) || hart >= HARTS_MAX || !text_word(at, ":")) return false;
    text_blank(at);
    *other = (*at)[0] < '0' || (*at)[0] > '3' || (*at)[1] != ' ';
    if (*other) return true;
  }
  line->hart = (unsigned)hart;
  if (!text_decimal(at, &line->privilege) || line->privilege > 3 || !text_blank(at) || !text_word(at, "0x"))
    return false;
  const char *digits = *at;
  if (!text_hex(at, &line->pc)) return false;
  line->xlen = *at - digits > 8 ? 64 : 32;
  return text_blank(at) && text_word(at, "(0x") && text_hex(at, &line->instruction) && text_word(at, ")") &&
         line->instruction <= UINT32_MAX && (!**at || **at == ' ');
}

static bool spike_take(void *state, char *text, size_t length, tw_error *error) {
  spike_state *trace = state;
  spike_line line = {0};
  const char *at = text;
  bool other;
  tw_error cause = {0};
  if (length && text[length - 1] == '\r') text[length - 1] = 0;
  if (!*at) return true;
  if (!spike_head(&at, &line, &other)) return spike_unexpected(text, error);
  if (other) return true;
  uint32_t word = (uint32_t)line.instruction;
  trace->builder->bits = line.xlen;
  line.amo = spike_is_amo(word);
  if (!spike_access(trace, &line, TW_FETCH, line.pc, (word & 3) == 3 ? 4 : 2, error)) return false;
  if (((word & SFENCE_MASK) == SFENCE_VMA || (word & SFENCE_MASK) == SINVAL_VMA) && !spike_fence(trace, &line, error)) {
    return false;
  }
  if (spike_changes(trace, &line, at, &cause)) return true;
  return cause.text[0] ? tw_error_set(error, "%s", cause.text) : spike_unexpected(text, error);
}

const import_format FORMAT_SPIKE = {.name = "spike",
                                    .what = "Spike's log of --log-commits",
                                    .nothing = "a log of spike --log-commits",
                                    .state_bytes = sizeof(spike_state),
                                    .line_bytes = 65536,
                                    .open = spike_open,
                                    .take = spike_take,
                                    .close = spike_close};
