# Start-up, one attempt of an access, the trap that ends it, and the stubs.
# SPDX-License-Identifier: Apache-2.0
#include "../layout.h"

#if __riscv_xlen == 64
#define STORE sd
#define LOAD ld
#define BYTES 8
#else
#define STORE sw
#define LOAD lw
#define BYTES 4
#endif
#define FRAME (16 * BYTES)

  .section .text.start, "ax"
  .globl _start
_start:
  csrr t0, mhartid
  bnez t0, park
  la sp, stack_end
  la t0, trap
  csrw mtvec, t0
  csrw mscratch, zero
  csrw mie, zero
  call guest_main
park:
  wfi
  j park

# void attempt(const struct judge_vector *vector, struct judge_result *result)
# Nothing cached is left from before: QEMU grants a fetch from a user page after a load that SUM granted.
# MPRV may hold from the write of mstatus on: no access to memory may follow it but the one that is tried.
  .text
  .globl attempt
attempt:
  addi sp, sp, -FRAME
  STORE ra, 0 * BYTES(sp)
  STORE s0, 1 * BYTES(sp)
  STORE s1, 2 * BYTES(sp)
  STORE s2, 3 * BYTES(sp)
  STORE s3, 4 * BYTES(sp)
  STORE s4, 5 * BYTES(sp)
  STORE s5, 6 * BYTES(sp)
  STORE s6, 7 * BYTES(sp)
  STORE s7, 8 * BYTES(sp)
  STORE s8, 9 * BYTES(sp)
  STORE s9, 10 * BYTES(sp)
  STORE s10, 11 * BYTES(sp)
  STORE s11, 12 * BYTES(sp)
  STORE a1, 13 * BYTES(sp)
  csrw mscratch, sp
  sfence.vma
  LOAD t1, JUDGE_VECTOR_PC(a0)
  LOAD a1, JUDGE_VECTOR_VA(a0)
  LOAD t2, JUDGE_VECTOR_VALUE(a0)
  lw t3, JUDGE_VECTOR_STATUS(a0)
  lw t4, JUDGE_VECTOR_MACHINE(a0)
  csrw mepc, t1
  csrr t5, mstatus
  li t6, ~JUDGE_STATUS_MASK
  and t5, t5, t6
  or t5, t5, t3
  mv a0, t2
  csrw mstatus, t5
  bnez t4, 1f
  mret
1:
  jr t1

# Every trap. It was a vector's if mscratch holds a frame; memory is read as M-mode again only without MPRV.
  .balign 4
trap:
  csrrw sp, mscratch, sp
  li t0, JUDGE_STATUS_MPRV
  csrc mstatus, t0
  beqz sp, stray
  LOAD a1, 13 * BYTES(sp)
  csrr t0, mcause
  csrr t1, mepc
  csrr t2, mtval
  STORE t0, JUDGE_RESULT_CAUSE(a1)
  STORE t1, JUDGE_RESULT_EPC(a1)
  STORE t2, JUDGE_RESULT_TVAL(a1)
  STORE a0, JUDGE_RESULT_VALUE(a1)
  LOAD ra, 0 * BYTES(sp)
  LOAD s0, 1 * BYTES(sp)
  LOAD s1, 2 * BYTES(sp)
  LOAD s2, 3 * BYTES(sp)
  LOAD s3, 4 * BYTES(sp)
  LOAD s4, 5 * BYTES(sp)
  LOAD s5, 6 * BYTES(sp)
  LOAD s6, 7 * BYTES(sp)
  LOAD s7, 8 * BYTES(sp)
  LOAD s8, 9 * BYTES(sp)
  LOAD s9, 10 * BYTES(sp)
  LOAD s10, 11 * BYTES(sp)
  LOAD s11, 12 * BYTES(sp)
  addi sp, sp, FRAME
  csrw mscratch, zero
  ret

stray:
  la sp, stack_end
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  call guest_stray
  j park

# One stub an access: [kind: load, store, amo][log2 of the bytes].
  .section .text.stubs, "ax"
  .macro stub instruction:vararg
  \instruction
  ecall
  .endm
  stub lbu a0, 0(a1)
  stub lhu a0, 0(a1)
#if __riscv_xlen == 64
  stub lwu a0, 0(a1)
  stub ld a0, 0(a1)
#else
  stub lw a0, 0(a1)
  stub unimp
#endif
  stub sb a0, 0(a1)
  stub sh a0, 0(a1)
  stub sw a0, 0(a1)
#if __riscv_xlen == 64
  stub sd a0, 0(a1)
#else
  stub unimp
#endif
  stub unimp
  stub unimp
  stub amoswap.w a0, a0, (a1)
#if __riscv_xlen == 64
  stub amoswap.d a0, a0, (a1)
#else
  stub unimp
#endif

  .bss
  .balign 16
  .skip 4096
stack_end:
