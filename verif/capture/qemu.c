/* The text of the project's plug-in for QEMU (docs/importing.md): of a user program with its system calls, or of a
 * whole machine with physical addresses, fences and writes of satp.
 *
 *   # twinwalk qemu 1 riscv64 user          or system
 *   0 I 100e8,4                             VCPU LETTER VA,SIZE[,PA]: I fetch, L load, S store, A both in one
 *   0 C 222 0x0 0x1000 0x3 0x22 0x0 0x0     system call: number, six arguments
 *   0 R 222 0x4000801000                    its result
 *   0 F sfence.vma rs1=15 rs2=0             [va=...] [asid=...] where they are known
 *   0 W                                     write of satp [value]
 *   0 B, 0 E                                the processor begins, ends
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "linux_calls.h"
#include "machine.h"
#include "text.h"

#define VCPUS_MAX 4096u
#define THREADS_MAX 0xffffu
#define ERRORS_FROM (UINT64_MAX - 4094u) /* results from -4095 to -1 are errors */

/* QEMU gives the number of a thread that has ended to another one: each gets a number of its own here. */
typedef struct qemu_vcpu {
  unsigned thread; /* from 1 in every process */
  bool live;
  bool called; /* a call's result has not come yet */
  linux_call call;
} qemu_vcpu;

typedef struct qemu_state {
  trace_builder *builder;
  linux_state linux_calls;
  machine_trace machine;
  bool whole; /* a machine, not a user program */
  unsigned process;
  unsigned live;    /* processors of the process */
  unsigned threads; /* that it ever had */
  uint64_t line;    /* of this file */
  qemu_vcpu *vcpus; /* owned */
  unsigned vcpu_count;
} qemu_state;

static bool qemu_unexpected(const char *text, tw_error *error) {
  return text_unexpected("a line of the plug-in for QEMU (`0 I 100e8,4`)", text, error);
}

static bool qemu_open(void *state, trace_builder *builder, tw_error *error) {
  qemu_state *trace = state;
  (void)error;
  trace->builder = builder;
  trace->linux_calls = (linux_state){.builder = builder};
  builder->from_start = true;
  machine_open(&trace->machine, builder);
  return true;
}

static void qemu_close(void *state) {
  qemu_state *trace = state;
  linux_close(&trace->linux_calls);
  machine_close(&trace->machine);
  free(trace->vcpus);
}

static bool qemu_begin(void *state, unsigned process, tw_error *error) {
  qemu_state *trace = state;
  (void)error;
  trace->process = process;
  trace->line = 0;
  for (unsigned i = 0; i < trace->vcpu_count; i++) trace->vcpus[i].called = trace->vcpus[i].live = false;
  trace->live = trace->threads = 0;
  return true;
}

/* The processor of a line, which is made if it is new. NULL and error on failure. */
static qemu_vcpu *qemu_vcpu_of(qemu_state *trace, uint64_t number, tw_error *error) {
  if (number >= VCPUS_MAX) {
    tw_error_set(error, "expected a processor below %u, found %llu", VCPUS_MAX, (unsigned long long)number);
    return NULL;
  }
  if (number >= trace->vcpu_count) {
    qemu_vcpu *vcpus = realloc(trace->vcpus, (number + 1) * sizeof *vcpus);
    if (!vcpus) {
      builder_out_of_memory(trace->builder, error);
      return NULL;
    }
    memset(vcpus + trace->vcpu_count, 0, (number + 1 - trace->vcpu_count) * sizeof *vcpus);
    trace->vcpus = vcpus;
    trace->vcpu_count = (unsigned)number + 1;
  }
  qemu_vcpu *vcpu = &trace->vcpus[number];
  if (vcpu->live) return vcpu;
  if (trace->threads == THREADS_MAX) {
    tw_error_set(error, "expected at most %u threads, found one more", THREADS_MAX);
    return NULL;
  }
  vcpu->live = true;
  vcpu->thread = ++trace->threads;
  trace->live++;
  if (vcpu->thread > 1) trace->builder->threads++;
  return vcpu;
}

/* From here on it is a machine's trace, whatever its first line said. */
static void qemu_is_machine(qemu_state *trace) {
  trace->whole = true;
  trace->builder->from_start = false;
}

static bool qemu_access(qemu_state *trace, unsigned vcpu, char letter, const char *at, tw_error *error) {
  machine_access access = {.hart = vcpu, .place = trace->line};
  const char *text = at;
  uint64_t size;
  if (!text_hex(&at, &access.va) || *at++ != ',' || !text_decimal(&at, &size) || !size || size > 64) {
    return text_unexpected("an access `VA,SIZE[,PA]` of 1 to 64 bytes", text, error);
  }
  if (*at == ',') {
    at++;
    access.has_pa = true;
    if (!text_hex(&at, &access.pa)) return text_unexpected("a physical address", text, error);
    qemu_is_machine(trace);
  }
  if (*at) return text_unexpected("an access `VA,SIZE[,PA]`", text, error);
  access.size = (uint8_t)size;
  access.kind = letter == 'I' ? TW_FETCH : letter == 'L' ? TW_LOAD : letter == 'S' ? TW_STORE : TW_AMO;
  if (trace->whole) return machine_take(&trace->machine, &access, error);
  return builder_access(trace->builder, access.kind, access.va, access.size, error);
}

static uint64_t qemu_value(const qemu_state *trace, uint64_t value) {
  return builder_bits(trace->builder) == 32 ? value & UINT32_MAX : value;
}

/* `C NUMBER A0 ... A5`. What does not return is done here. */
static bool qemu_call(qemu_state *trace, qemu_vcpu *vcpu, const char *at, tw_error *error) {
  const char *text = at;
  uint64_t number, argument;
  linux_call *call = &vcpu->call;
  if (!text_decimal(&at, &number)) return text_unexpected("a system call's number", text, error);
  memset(call, 0, sizeof *call);
  call->kind = linux_kind_numbered(number);
  call->number = (uint32_t)number;
  while (*at && call->count < 6) {
    if (!text_blank(&at) || !text_number(&at, &argument)) {
      return text_unexpected("a system call's arguments", text, error);
    }
    call->arguments[call->count++] = qemu_value(trace, argument);
  }
  if (*at) return text_unexpected("at most six arguments", text, error);
  if (call->kind->effect == LINUX_MMAP && builder_bits(trace->builder) == 32) call->kind = linux_kind_named("mmap2");
  bool ends = call->kind->effect == LINUX_EXIT || call->kind->effect == LINUX_EXIT_GROUP;
  vcpu->called = !ends;
  if (!ends) return true;
  bool all = call->kind->effect == LINUX_EXIT_GROUP || trace->live == 1;
  vcpu->live = false;
  trace->live = all ? 0 : trace->live - 1;
  return builder_exit(trace->builder, all, error);
}

/* `R NUMBER RESULT`; a child's first is that of its parent's clone. */
static bool qemu_result(qemu_state *trace, qemu_vcpu *vcpu, const char *at, tw_error *error) {
  const char *text = at;
  uint64_t number, result;
  if (!text_decimal(&at, &number) || !text_blank(&at) || !text_number(&at, &result) || *at) {
    return text_unexpected("a system call's number and result", text, error);
  }
  if (!vcpu->called) return true;
  if ((uint32_t)number != vcpu->call.number) {
    return tw_error_set(error, "expected the result of system call %u, found that of %llu", vcpu->call.number,
                        (unsigned long long)number);
  }
  vcpu->called = false;
  bool failed = result >= ERRORS_FROM;
  return linux_apply(&trace->linux_calls, &vcpu->call, qemu_value(trace, result), failed, error);
}

/* ` NAME=VALUE`, which may be left out. False if it is malformed. */
static bool fence_field(const char **at, const char *name, bool *there, uint64_t *value) {
  const char *rest = *at;
  *there = text_blank(&rest) && text_word(&rest, name);
  if (!*there) return true;
  *at = rest;
  return text_number(at, value);
}

/* `F MNEMONIC rs1=REGISTER rs2=REGISTER [va=VALUE] [asid=VALUE]`. Operands that are no x0, and whose values are not
 * there, make it an unknown fence. Fences of guests' translations are passed over. */
static bool qemu_fence(qemu_state *trace, unsigned vcpu, const char *at, tw_error *error) {
  const char *text = at;
  tw_record_fence fence = {0};
  uint64_t rs1 = 0, rs2 = 0, va = 0, asid = 0;
  bool there[4] = {false};
  unsigned kind = 0;
  if (text_word(&at, "hfence.") || text_word(&at, "hinval.")) return true;
  for (; kind < 8; kind++) {
    const char *name = tw_fence_kind_name(kind);
    if (name && text_word(&at, name)) break;
  }
  if (kind == 8 || !fence_field(&at, "rs1=", &there[0], &rs1) || !fence_field(&at, "rs2=", &there[1], &rs2) ||
      !fence_field(&at, "va=", &there[2], &va) || !fence_field(&at, "asid=", &there[3], &asid) || *at || asid >> 16) {
    return text_unexpected("a fence (`sfence.vma rs1=15 rs2=0`)", text, error);
  }
  qemu_is_machine(trace);
  fence.kind = (uint8_t)kind;
  if (kind == TW_FENCE_SFENCE_VMA || kind == TW_FENCE_SINVAL_VMA) {
    fence.has_va = rs1 && there[2];
    fence.has_asid = rs2 && there[3];
    fence.unknown = !there[0] || !there[1] || (rs1 && !there[2]) || (rs2 && !there[3]);
    if (fence.unknown) fence.has_va = fence.has_asid = false;
    fence.va = fence.has_va ? va : 0;
    fence.asid = fence.has_asid ? (uint16_t)asid : 0;
  }
  return machine_fence(&trace->machine, vcpu, &fence, error);
}

static bool qemu_satp(qemu_state *trace, unsigned vcpu, const char *at, tw_error *error) {
  const char *text = at;
  uint64_t satp;
  qemu_is_machine(trace);
  if (!*at) return machine_switch(&trace->machine, vcpu, error);
  if (!text_blank(&at) || !text_number(&at, &satp) || *at) return text_unexpected("a value of satp", text, error);
  return machine_satp(&trace->machine, vcpu, satp, builder_bits(trace->builder) == 32 ? 32 : 64, error);
}

/* `# twinwalk qemu 1 riscv64 user`, and other comments. */
static bool qemu_comment(qemu_state *trace, const char *at, tw_error *error) {
  const char *text = at;
  uint64_t version, bits;
  if (text_word(&at, "# cut")) trace->builder->result.cut = true;
  if (!text_word(&at, "# twinwalk qemu ")) return true;
  if (!text_decimal(&at, &version) || version != 1 || !text_word(&at, " riscv") || !text_decimal(&at, &bits) ||
      (bits != 32 && bits != 64) || (strcmp(at, " user") && strcmp(at, " system"))) {
    return text_unexpected("`# twinwalk qemu 1 riscv64 user` (riscv32, system)", text, error);
  }
  trace->builder->bits = (unsigned)bits;
  if (strcmp(at, " system") == 0) qemu_is_machine(trace);
  return true;
}

/* The end of a thread that did not say so itself. */
static bool qemu_end_vcpu(qemu_state *trace, qemu_vcpu *vcpu, tw_error *error) {
  trace->live--;
  vcpu->live = vcpu->called = false;
  return trace->whole || builder_exit(trace->builder, false, error);
}

static bool qemu_take(void *state, char *text, size_t length, tw_error *error) {
  qemu_state *trace = state;
  const char *at = text;
  uint64_t number;
  (void)length;
  trace->line++;
  if (*at == '#') return qemu_comment(trace, at, error);
  if (!*at) return true;
  if (!text_decimal(&at, &number) || !text_blank(&at) || !*at) return qemu_unexpected(text, error);
  /* While a process ends, its other threads may still run. */
  if (!trace->whole && !trace->builder->processes[trace->process].alive) return true;
  bool ended = number < trace->vcpu_count && !trace->vcpus[number].live;
  if (ended && strcmp(at, "E") == 0) return true;
  qemu_vcpu *vcpu = qemu_vcpu_of(trace, number, error);
  char letter = *at++;
  bool blank = *at == ' ';
  if (!vcpu) return false;
  if (!trace->whole) builder_thread(trace->builder, trace->process << 16 | vcpu->thread);
  if (blank && strchr("ILSA", letter)) return qemu_access(trace, (unsigned)number, letter, at + 1, error);
  if (blank && letter == 'C') return qemu_call(trace, vcpu, at + 1, error);
  if (blank && letter == 'R') return qemu_result(trace, vcpu, at + 1, error);
  if (blank && letter == 'F') return qemu_fence(trace, (unsigned)number, at + 1, error);
  if (letter == 'W' && (blank || !*at)) return qemu_satp(trace, (unsigned)number, at, error);
  if (letter == 'B' && !*at) return true;
  if (letter == 'E' && !*at) return qemu_end_vcpu(trace, vcpu, error);
  return qemu_unexpected(text, error);
}

/* A call that never returned, and executes a program: it did, and that one was not traced. */
static bool qemu_end(void *state, tw_error *error) {
  qemu_state *trace = state;
  for (unsigned i = 0; i < trace->vcpu_count; i++) {
    qemu_vcpu *vcpu = &trace->vcpus[i];
    if (!vcpu->called || vcpu->call.kind->effect != LINUX_EXEC) continue;
    vcpu->called = false;
    builder_thread(trace->builder, trace->process << 16 | vcpu->thread);
    return builder_exec(trace->builder, "", error);
  }
  return true;
}

const import_format FORMAT_QEMU = {.name = "qemu",
                                   .what = "text of the plug-in qemu_trace.so, of RISC-V programs and machines",
                                   .nothing = "text of the plug-in for QEMU",
                                   .state_bytes = sizeof(qemu_state),
                                   .line_bytes = 4096,
                                   .open = qemu_open,
                                   .take = qemu_take,
                                   .begin = qemu_begin,
                                   .end = qemu_end,
                                   .close = qemu_close};
