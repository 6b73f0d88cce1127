/* What the plug-in has to know of a RISC-V instruction: the encodings are those of the unprivileged manual's chapter on
 * atomics and the privileged manual's on supervisor and hypervisor instructions.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "instruction.h"

#include <stddef.h>

#define OPCODE(word) ((word)&0x7f)
#define FUNCT3(word) ((word) >> 12 & 7)
#define FUNCT7(word) ((word) >> 25)
#define OPCODE_AMO 0x2fu
#define OPCODE_SYSTEM 0x73u
#define AMO_LOAD_RESERVED 0x02u
#define AMO_STORE_CONDITIONAL 0x03u
#define CSR_SATP 0x180u

static const struct {
  uint32_t funct7, rs2; /* rs2 32: any */
  const char *name;
} FENCES[] = {{0x09, 32, "sfence.vma"},     {0x0b, 32, "sinval.vma"},  {0x0c, 0, "sfence.w.inval"},
              {0x0c, 1, "sfence.inval.ir"}, {0x11, 32, "hfence.vvma"}, {0x31, 32, "hfence.gvma"},
              {0x13, 32, "hinval.vvma"},    {0x33, 32, "hinval.gvma"}};

const char *instruction_fence_name(uint32_t word) {
  if (OPCODE(word) != OPCODE_SYSTEM || FUNCT3(word) || (word >> 7 & 31)) return NULL;
  for (size_t i = 0; i < sizeof FENCES / sizeof *FENCES; i++) {
    if (FUNCT7(word) == FENCES[i].funct7 && (FENCES[i].rs2 == 32 || FENCES[i].rs2 == instruction_rs2(word))) {
      return FENCES[i].name;
    }
  }
  return NULL;
}

/* csrrw writes always; csrrs and csrrc, with a register or a number, only if that is not 0. */
static bool satp_write(uint32_t word) {
  if (OPCODE(word) != OPCODE_SYSTEM || (FUNCT3(word) & 3) == 0 || word >> 20 != CSR_SATP) return false;
  return (FUNCT3(word) & 3) == 1 || instruction_rs1(word) != 0;
}

instruction_kind instruction_classify(uint32_t word) {
  if (OPCODE(word) == OPCODE_AMO) {
    uint32_t operation = word >> 27;
    return operation == AMO_STORE_CONDITIONAL ? INSTRUCTION_STORE_CONDITIONAL
           : operation == AMO_LOAD_RESERVED   ? INSTRUCTION_OTHER
                                              : INSTRUCTION_AMO;
  }
  if (instruction_fence_name(word)) return INSTRUCTION_FENCE;
  return satp_write(word) ? INSTRUCTION_SATP : INSTRUCTION_OTHER;
}
