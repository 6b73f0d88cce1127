/* The memory image that host and guest share: where everything is, and the records in it. Read by C and by assembly.
 *
 *   8000_0000  guest: code, data, stack
 *   8001_0000  stubs: a page of code that makes one access, for U-mode, S-mode and M-mode alike
 *   8010_0000  control record, then the worlds
 *   8020_0000  vectors                      what to try
 *   8040_0000  results                      what came of it
 *   8080_0000  table pool                   page tables
 *   8100_0000  frame pool                   what the accesses reach
 *   8200_0000  left alone: QEMU puts the device tree near the end of RAM
 *   8400_0000  end of RAM
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_LAYOUT_H
#define JUDGE_LAYOUT_H

#define JUDGE_RAM 0x80000000
#define JUDGE_RAM_BITS 26
#define JUDGE_STUBS 0x80010000
#define JUDGE_CONTROL 0x80100000
#define JUDGE_WORLDS 0x80101000
#define JUDGE_VECTORS 0x80200000
#define JUDGE_RESULTS 0x80400000
#define JUDGE_TABLES 0x80800000
#define JUDGE_FRAMES 0x81000000
#define JUDGE_FRAMES_END 0x82000000
#define JUDGE_RAM_END 0x84000000

#define JUDGE_MAX_WORLDS 128
#define JUDGE_MAX_VECTORS 65536
#define JUDGE_PMP_ENTRIES 16

/* A stub is two instructions: the access (address in a1, value in a0), and an ecall. */
#define JUDGE_STUB_BYTES 8

/* Offsets in a vector and in a result, for the assembly. */
#define JUDGE_VECTOR_PC 0
#define JUDGE_VECTOR_VA 8
#define JUDGE_VECTOR_VALUE 16
#define JUDGE_VECTOR_STATUS 24
#define JUDGE_VECTOR_MACHINE 28
#define JUDGE_RESULT_CAUSE 0
#define JUDGE_RESULT_EPC 8
#define JUDGE_RESULT_TVAL 16
#define JUDGE_RESULT_VALUE 24

/* The bits of mstatus that a vector decides. */
#define JUDGE_STATUS_MPP_SHIFT 11
#define JUDGE_STATUS_MPRV (1 << 17)
#define JUDGE_STATUS_SUM (1 << 18)
#define JUDGE_STATUS_MXR (1 << 19)
#define JUDGE_STATUS_MASK (JUDGE_STATUS_MPRV | JUDGE_STATUS_SUM | JUDGE_STATUS_MXR | 3 << JUDGE_STATUS_MPP_SHIFT)

#ifndef __ASSEMBLER__
#include <stdint.h>

/* What to try: mstatus takes the bits of `status`, a0 `value`, a1 `va`, and the hart goes to `pc`. */
typedef struct judge_vector {
  uint64_t pc;
  uint64_t va;
  uint64_t value;
  uint32_t status;
  uint32_t machine; /* 1: stays in M-mode (a jump), so that MPRV holds; 0: goes to MPP's mode (mret) */
} judge_vector;

/* What came of it: the trap that ended it, and a0. */
typedef struct judge_result {
  uint64_t cause;
  uint64_t epc;
  uint64_t tval;
  uint64_t value;
} judge_result;

/* Registers that hold for a run of vectors, and what they read as after they were written. */
typedef struct judge_world {
  uint64_t satp;
  uint64_t satp_reserved; /* written after it: its MODE is reserved, or it is satp again */
  uint64_t menvcfg;
  uint64_t pmpaddr[JUDGE_PMP_ENTRIES];
  uint8_t pmpcfg[JUDGE_PMP_ENTRIES];
  uint32_t first; /* vector */
  uint32_t count;
  uint64_t satp_read;
  uint64_t pmpaddr_read[JUDGE_PMP_ENTRIES];
  uint8_t pmpcfg_read[JUDGE_PMP_ENTRIES];
} judge_world;

typedef struct judge_control {
  uint32_t worlds;
  uint32_t world; /* how far the guest is */
  uint32_t vector;
  uint32_t finished; /* 1: all done; 2: a trap outside a vector, shown in `stray` */
  judge_result stray;
} judge_control;
#endif
#endif
