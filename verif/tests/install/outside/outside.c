/* Uses the installed library: the oracle on a one-entry table, and the cycle model until it gives the same answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <twinwalk/mmu.h>

#define TABLE_PPN 0x80000u
#define LEAF_PPN 0x40000u /* a gigapage */

static bool read_entry(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  (void)payload;
  (void)bytes;
  *pte = pa == ((uint64_t)TABLE_PPN << TW_PAGE_BITS)
             ? ((uint64_t)LEAF_PPN << 10) | TW_PTE_D | TW_PTE_A | TW_PTE_U | TW_PTE_R | TW_PTE_V
             : 0;
  return true;
}

/* Runs one load through the cycle model with a memory that answers in the next cycle; returns the cycles it took. */
static unsigned load_through_model(tw_mmu *mmu, uint64_t satp, uint64_t va, tw_pins_out *out) {
  tw_pins_in in = {.rst_n = 0};
  tw_mmu_cycle(mmu, &in, out);
  in = (tw_pins_in){.rst_n = 1, .control = {.valid = 1, .satp = satp, .privilege = TW_USER}};
  tw_mmu_cycle(mmu, &in, out);
  in = (tw_pins_in){.rst_n = 1, .data = {.valid = 1, .va = va, .kind = TW_PIN_KIND_LOAD}, .mem = {.req_ready = 1}};
  for (unsigned cycle = 0; cycle < 100; cycle++) {
    tw_mmu_cycle(mmu, &in, out);
    if (out->data.valid) return cycle;
    in = (tw_pins_in){.rst_n = 1, .mem = {.req_ready = 1}};
    if (out->mem.req_valid) {
      in.mem.rsp_valid = 1;
      in.mem.rsp_id = out->mem.req_id;
      read_entry(NULL, out->mem.req_addr, 8, &in.mem.rsp_data);
    }
  }
  return 0;
}

int main(void) {
  const tw_context context = {.satp = {TW_SV39, 1, TABLE_PPN}, .privilege = TW_USER, .xlen = 64};
  const uint64_t va = 0x12345678;
  tw_walk walk;
  const tw_request request = {.access = TW_LOAD, .va = va, .bytes = 8};
  const tw_table_memory memory = {.read = read_entry};
  tw_walk_run(&context, &request, &memory, &walk);

  tw_config config = TW_CONFIG_BASE39;
  tw_error error;
  tw_mmu *mmu = tw_mmu_open(&config, &error);
  if (!mmu) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  tw_pins_out out;
  const unsigned cycles = load_through_model(mmu, tw_satp_encode(&context.satp), va, &out);
  tw_mmu_close(mmu);
  printf("oracle %#jx model %#jx in %u cycles\n", (uintmax_t)walk.pa, (uintmax_t)out.data.pa, cycles);
  return walk.reason == TW_OK && out.data.pa == walk.pa && walk.pa == 0x40000000u + va && cycles == 4 ? 0 : 1;
}
