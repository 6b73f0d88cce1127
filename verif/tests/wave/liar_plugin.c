/* A device under test that is the Verilog MMU but for what its outputs say from a cycle on: variant 1 gives a wrong
 * address once, 2 falls silent, 3 answers once with a tag that nobody asked with. Registers and waveform are those of
 * the MMU.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "dut_loader.h"

enum { FIRST_CYCLE = 1000, VARIANTS = 4 };

struct tw_dut {
  tw_dut_plugin plugin;
  tw_dut *mmu;
  unsigned variant;
  uint64_t cycle;
  bool lied;
};

static const tw_dut_description *liar_describe(void) {
  static tw_dut_description description = {.name = "liar",
                                           .config = "base39",
                                           .config_text =
                                               "mode: Sv39\nfetch_tlb: {entries: 16}\ndata_tlb: {entries: 16}\n",
                                           .text = "the Verilog MMU behind a lie",
                                           .modes = 1u << TW_SV39,
                                           .xlen = 64,
                                           .asid_bits = 16,
                                           .pa_bits = 56,
                                           .ad = TW_DUT_SVADE,
                                           .cycles_predicted = true,
                                           .waves = LIAR_CHECKED,
                                           .variants = VARIANTS};
  return &description;
}

static void liar_close(tw_dut *dut) {
  if (dut->mmu) dut->plugin.table->close(dut->mmu);
  tw_dut_unload(&dut->plugin);
  free(dut);
}

static tw_dut *liar_open(const tw_dut_options *options, tw_error *error) {
  const tw_dut_choice choice = {"rtl", "base39", LIAR_CHECKED};
  tw_dut_options without = *options;
  tw_dut *dut = calloc(1, sizeof *dut);
  if (!dut) return NULL;
  without.variant = 0;
  dut->variant = options->variant;
  if (tw_dut_load(&choice, &dut->plugin, error)) dut->mmu = dut->plugin.table->open(&without, error);
  if (dut->mmu) return dut;
  liar_close(dut);
  return NULL;
}

static void lie_tell(tw_dut *dut, tw_pins_out *out) {
  tw_pins_response *data = &out->data;
  if (dut->variant == 2) {
    data->valid = out->fetch.valid = 0;
    data->req_ready = out->fetch.req_ready = out->fence_done = 0;
    memset(&out->mem, 0, sizeof out->mem);
  } else if (!dut->lied && data->valid && data->status == TW_PIN_TRANSLATED) {
    if (dut->variant == 1) data->pa ^= 0x1000;
    if (dut->variant == 3) data->tag ^= 8;
    dut->lied = true;
  }
}

static void liar_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  dut->plugin.table->cycle(dut->mmu, in, out);
  if (in->rst_n && dut->cycle++ >= FIRST_CYCLE && dut->variant) lie_tell(dut, out);
}

#if LIAR_CHECKED
static bool liar_wave_open(tw_dut *dut, const char *path, const tw_wave_signal *signals, unsigned count,
                           tw_error *error) {
  return dut->plugin.table->wave_open(dut->mmu, path, signals, count, error);
}

static void liar_wave_dump(tw_dut *dut, uint64_t cycle) {
  dut->plugin.table->wave_dump(dut->mmu, cycle);
}

static void liar_wave_close(tw_dut *dut) {
  dut->plugin.table->wave_close(dut->mmu);
}

static void liar_state(tw_dut *dut, char *text, unsigned size) {
  dut->plugin.table->state(dut->mmu, text, size);
}
#endif

const tw_dut_table *tw_dut_entry(void) {
  static const tw_dut_table table = {
    .abi = TW_DUT_ABI,
    .describe = liar_describe,
    .open = liar_open,
    .close = liar_close,
    .cycle = liar_cycle,
#if LIAR_CHECKED
    .wave_open = liar_wave_open,
    .wave_dump = liar_wave_dump,
    .wave_close = liar_wave_close,
    .state = liar_state,
#endif
  };
  return &table;
}
