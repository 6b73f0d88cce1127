/* The guest: for each world it writes the registers, then tries the vectors one by one. It judges nothing.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "../layout.h"

/* The virt machine's test device: this value ends QEMU with status 0. */
#define FINISHER ((volatile uint32_t *)0x100000)
#define FINISHER_PASS 0x5555

#define CSR_WRITE(csr, value) __asm__ volatile("csrw " #csr ", %0" : : "r"(value) : "memory")
#define CSR_READ(csr, value) __asm__ volatile("csrr %0, " #csr : "=r"(value))

void attempt(const judge_vector *vector, judge_result *result);
void guest_main(void);
void guest_stray(unsigned long cause, unsigned long epc, unsigned long tval);

static volatile judge_control *const control = (volatile judge_control *)JUDGE_CONTROL;

#define FOR_EACH_ENTRY(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

static unsigned long cfg_pack(const uint8_t *bytes) {
  unsigned long word = 0;
  for (unsigned i = sizeof word; i-- > 0;) word = word << 8 | bytes[i];
  return word;
}

static void cfg_unpack(unsigned long word, uint8_t *bytes) {
  for (unsigned i = 0; i < sizeof word; i++, word >>= 8) bytes[i] = (uint8_t)word;
}

static void pmp_write(const judge_world *world) {
#define WRITE(i) CSR_WRITE(pmpaddr##i, (unsigned long)world->pmpaddr[i]);
  FOR_EACH_ENTRY(WRITE)
#undef WRITE
  CSR_WRITE(pmpcfg0, cfg_pack(&world->pmpcfg[0]));
  CSR_WRITE(pmpcfg2, cfg_pack(&world->pmpcfg[8]));
#if __riscv_xlen == 32
  CSR_WRITE(pmpcfg1, cfg_pack(&world->pmpcfg[4]));
  CSR_WRITE(pmpcfg3, cfg_pack(&world->pmpcfg[12]));
#endif
}

static void pmp_read(judge_world *world) {
  unsigned long word;
#define READ(i)                                                                                                        \
  CSR_READ(pmpaddr##i, word);                                                                                          \
  world->pmpaddr_read[i] = word;
  FOR_EACH_ENTRY(READ)
#undef READ
  CSR_READ(pmpcfg0, word);
  cfg_unpack(word, &world->pmpcfg_read[0]);
  CSR_READ(pmpcfg2, word);
  cfg_unpack(word, &world->pmpcfg_read[8]);
#if __riscv_xlen == 32
  CSR_READ(pmpcfg1, word);
  cfg_unpack(word, &world->pmpcfg_read[4]);
  CSR_READ(pmpcfg3, word);
  cfg_unpack(word, &world->pmpcfg_read[12]);
#endif
}

/* The second write of satp must have no effect (rule satp_mode_op_unsupported). The fence comes last: it orders the new
 * tables, satp and PMP before the accesses (rule pmp_sfence_required). */
static void world_enter(judge_world *world) {
  unsigned long satp;
  pmp_write(world);
  pmp_read(world);
#if __riscv_xlen == 64
  CSR_WRITE(menvcfg, world->menvcfg);
#endif
  CSR_WRITE(satp, (unsigned long)world->satp);
  CSR_WRITE(satp, (unsigned long)world->satp_reserved);
  CSR_READ(satp, satp);
  world->satp_read = satp;
  __asm__ volatile("sfence.vma" : : : "memory");
}

void guest_main(void) {
  const judge_vector *vectors = (const judge_vector *)JUDGE_VECTORS;
  judge_result *results = (judge_result *)JUDGE_RESULTS;
  judge_world *worlds = (judge_world *)JUDGE_WORLDS;
  for (unsigned w = 0; w < control->worlds; w++) {
    control->world = w;
    world_enter(&worlds[w]);
    for (unsigned i = worlds[w].first; i < worlds[w].first + worlds[w].count; i++) {
      control->vector = i;
      attempt(&vectors[i], &results[i]);
    }
  }
  control->finished = 1;
  *FINISHER = FINISHER_PASS;
}

void guest_stray(unsigned long cause, unsigned long epc, unsigned long tval) {
  control->stray.cause = cause;
  control->stray.epc = epc;
  control->stray.tval = tval;
  control->finished = 2;
  *FINISHER = FINISHER_PASS;
}
