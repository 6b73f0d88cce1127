/* What the plug-in has to know of a RISC-V instruction before it runs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_QEMU_INSTRUCTION_H
#define TWINWALK_QEMU_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>

typedef enum instruction_kind {
  INSTRUCTION_OTHER,
  INSTRUCTION_AMO,               /* reads and writes memory in one */
  INSTRUCTION_STORE_CONDITIONAL, /* writes; QEMU reads, too */
  INSTRUCTION_FENCE,             /* of translations */
  INSTRUCTION_SATP               /* writes satp */
} instruction_kind;

instruction_kind instruction_classify(uint32_t word);
/* The mnemonic of a fence of translations: "sfence.vma", ... */
const char *instruction_fence_name(uint32_t word);

static inline unsigned instruction_rs1(uint32_t word) {
  return word >> 15 & 31;
}

static inline unsigned instruction_rs2(uint32_t word) {
  return word >> 20 & 31;
}

#endif
