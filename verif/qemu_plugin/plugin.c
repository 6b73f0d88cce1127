/* A plug-in of QEMU's TCG that writes what RISC-V programs, and whole RISC-V machines, do to memory: the text that
 * `twinwalk import qemu` reads. docs/importing.md has the format and the options.
 *
 *   qemu-riscv64 -plugin qemu_trace.so,out=FILE[,limit=BYTES] PROGRAM
 *   qemu-system-riscv64 -plugin qemu_trace.so,out=FILE[,limit=BYTES][,ram=ADDRESS] ...
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "fetches.h"
#include "instruction.h"
#include "output.h"

#define LIMIT_DEFAULT (UINT64_C(1) << 30)

QEMU_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;
QEMU_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

/* `VCPU LETTER VA,SIZE[,PA]` */
static void access_write(unsigned vcpu, char letter, const fetch *access) {
  char line[OUTPUT_LINE_MAX], *at = output_decimal(line, vcpu);
  *at++ = ' ';
  *at++ = letter;
  *at++ = ' ';
  at = output_hex(at, access->va);
  *at++ = ',';
  at = output_decimal(at, access->size);
  if (access->has_pa) {
    *at++ = ',';
    at = output_hex(at, access->pa);
  }
  *at++ = '\n';
  output_line(vcpu, line, (unsigned)(at - line));
}

static void on_fetch(unsigned vcpu, void *payload) {
  access_write(vcpu, 'I', payload);
}

static void on_memory(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *payload) {
  const struct qemu_plugin_hwaddr *physical = qemu_plugin_get_hwaddr(info, va);
  fetch access = {.va = va, .size = (uint8_t)(1u << qemu_plugin_mem_size_shift(info))};
  if (physical) {
    access.pa = qemu_plugin_hwaddr_phys_addr(physical);
    access.has_pa = qemu_plugin_hwaddr_is_io(physical) || fetches_in_ram(access.pa);
  }
  access_write(vcpu, payload ? 'A' : qemu_plugin_mem_is_store(info) ? 'S' : 'L', &access);
}

/* The word of a fence, or of a write of satp; before it is executed. */
static void on_translation(unsigned vcpu, void *payload) {
  uint32_t word = (uint32_t)(uintptr_t)payload;
  const char *fence = instruction_fence_name(word);
  char line[OUTPUT_LINE_MAX];
  int length = fence ? snprintf(line, sizeof line, "%u F %s rs1=%u rs2=%u\n", vcpu, fence, instruction_rs1(word),
                                instruction_rs2(word))
                     : snprintf(line, sizeof line, "%u W\n", vcpu);
  output_line(vcpu, line, (unsigned)length);
}

static void translate_instruction(struct qemu_plugin_insn *instruction) {
  uint32_t word = 0;
  size_t size = qemu_plugin_insn_size(instruction);
  memcpy(&word, qemu_plugin_insn_data(instruction), size < sizeof word ? size : sizeof word);
  const fetch *fetched =
      fetch_of(qemu_plugin_insn_vaddr(instruction), qemu_plugin_insn_haddr(instruction), (uint8_t)size);
  if (!fetched) return;
  qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_fetch, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)fetched);
  instruction_kind kind = size == 4 ? instruction_classify(word) : INSTRUCTION_OTHER;
  if (kind == INSTRUCTION_FENCE || kind == INSTRUCTION_SATP) {
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_translation, QEMU_PLUGIN_CB_NO_REGS,
                                           (void *)(uintptr_t)word);
  }
  bool writes = kind == INSTRUCTION_AMO || kind == INSTRUCTION_STORE_CONDITIONAL;
  qemu_plugin_register_vcpu_mem_cb(instruction, on_memory, QEMU_PLUGIN_CB_NO_REGS,
                                   writes ? QEMU_PLUGIN_MEM_W : QEMU_PLUGIN_MEM_RW,
                                   kind == INSTRUCTION_AMO ? (void *)(uintptr_t)fetched : NULL);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) translate_instruction(qemu_plugin_tb_get_insn(block, i));
}

/* What other processors did before comes first: a system call may change the map for all. */
static void on_call(qemu_plugin_id_t id, unsigned vcpu, int64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
                    uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7) {
  char line[OUTPUT_LINE_MAX];
  (void)id, (void)a6, (void)a7;
  int length =
      snprintf(line, sizeof line,
               "%u C %" PRId64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "\n",
               vcpu, number, a0, a1, a2, a3, a4, a5);
  output_flush();
  output_line(vcpu, line, (unsigned)length);
}

static void on_result(qemu_plugin_id_t id, unsigned vcpu, int64_t number, int64_t result) {
  char line[OUTPUT_LINE_MAX];
  (void)id;
  bool failed = result < 0 && result >= -4095;
  int length = failed ? snprintf(line, sizeof line, "%u R %" PRId64 " %" PRId64 "\n", vcpu, number, result)
                      : snprintf(line, sizeof line, "%u R %" PRId64 " 0x%" PRIx64 "\n", vcpu, number, (uint64_t)result);
  output_line(vcpu, line, (unsigned)length);
  output_flush();
}

static void vcpu_write(unsigned vcpu, char letter) {
  char line[OUTPUT_LINE_MAX];
  int length = snprintf(line, sizeof line, "%u %c\n", vcpu, letter);
  output_flush();
  output_line(vcpu, line, (unsigned)length);
}

static void on_begin(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id;
  vcpu_write(vcpu, 'B');
}

static void on_end(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id;
  vcpu_write(vcpu, 'E');
}

static void on_quit(qemu_plugin_id_t id, void *payload) {
  (void)id, (void)payload;
  output_close();
}

static bool number_read(const char *text, uint64_t *number) {
  char *end;
  *number = strtoull(text, &end, 0);
  return *text >= '0' && *text <= '9' && !*end;
}

/* `name=value`, the plug-in's arguments. False and a message if one is wrong. */
static bool options_read(int argc, char **argv, output_options *options, uint64_t *ram) {
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "out=", 4) == 0) {
      options->path = argv[i] + 4;
    } else if (strncmp(argv[i], "limit=", 6) == 0 && number_read(argv[i] + 6, &options->limit)) {
      continue;
    } else if (strncmp(argv[i], "ram=", 4) == 0 && number_read(argv[i] + 4, ram)) {
      continue;
    } else {
      fprintf(stderr, "twinwalk: expected out=FILE, limit=BYTES or ram=ADDRESS, found `%s`\n", argv[i]);
      return false;
    }
  }
  if (!options->path || !*options->path) fprintf(stderr, "twinwalk: expected out=FILE\n");
  return options->path && *options->path;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  char first[128];
  output_options options = {.limit = LIMIT_DEFAULT, .first = first};
  uint64_t ram = 0x80000000;
  if (strncmp(info->target_name, "riscv", 5)) {
    fprintf(stderr, "twinwalk: expected a QEMU for RISC-V, found one for %s\n", info->target_name);
    return -1;
  }
  snprintf(first, sizeof first, "# twinwalk qemu 1 %.40s %s\n", info->target_name,
           info->system_emulation ? "system" : "user");
  if (!options_read(argc, argv, &options, &ram) || !output_open(&options)) return -1;
  fetches_open(info->system_emulation, ram);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_vcpu_init_cb(id, on_begin);
  qemu_plugin_register_vcpu_exit_cb(id, on_end);
  if (!info->system_emulation) {
    qemu_plugin_register_vcpu_syscall_cb(id, on_call);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, on_result);
  }
  qemu_plugin_register_atexit_cb(id, on_quit, NULL);
  return 0;
}
