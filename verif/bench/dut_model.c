/* The cycle model as a device under test.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "dut_loader.h"

struct tw_dut {
  tw_mmu *mmu;
};

static const tw_dut_description *model_describe(void) {
  static const tw_dut_description description = {
      .name = "model",
      .config = "",
      .text = "the cycle model, in C",
      .modes = 1u << TW_SV32 | 1u << TW_SV39,
      .xlen = 64,
      .asid_bits = 16,
      .pa_bits = 56,
      .ad = TW_DUT_SVADE,
      .cycles_predicted = true,
      .variants = 1,
  };
  return &description;
}

static tw_dut *model_open(const tw_dut_options *options, tw_error *error) {
  tw_config config;
  if (!options->config_text) {
    tw_error_set(error, "the model wants a configuration");
    return NULL;
  }
  if (options->variant != 0) {
    tw_error_set(error, "the model has no variant %u", options->variant);
    return NULL;
  }
  if (!tw_config_parse("model", options->config_text, strlen(options->config_text), &config, error)) return NULL;
  tw_dut *dut = malloc(sizeof *dut);
  if (!dut) return NULL;
  dut->mmu = tw_mmu_open(&config, error);
  if (dut->mmu) return dut;
  free(dut);
  return NULL;
}

static void model_close(tw_dut *dut) {
  tw_mmu_close(dut->mmu);
  free(dut);
}

static void model_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  tw_mmu_cycle(dut->mmu, in, out);
}

tw_mmu *tw_dut_model_mmu(tw_dut *dut) {
  return dut->mmu;
}

static void model_state(tw_dut *dut, char *text, unsigned size) {
  static const char *const states[] = {"IDLE", "REQUEST", "WAIT"};
  tw_mmu_probe probe;
  tw_mmu_probe_read(dut->mmu, &probe);
  int used = snprintf(text, size,
                      "satp 0x%llx\nprivilege %u\nmprv %u\nmpp %u\nsum %u\nmxr %u\nwalker.state %s\nwalker.killed %u\n"
                      "walker.owner %s\nwalker.level %u\nwalker.table 0x%llx\nwalker.va 0x%llx\n",
                      (unsigned long long)probe.satp, probe.privilege, probe.mprv, probe.mpp, probe.sum, probe.mxr,
                      states[probe.state], probe.killed, probe.owner == TW_PORT_FETCH ? "fetch" : "data", probe.level,
                      (unsigned long long)probe.table_ppn << TW_PAGE_BITS, (unsigned long long)probe.va);
  for (unsigned port = 0; port < TW_PORT_COUNT && used > 0 && (unsigned)used < size; port++) {
    const tw_mmu_slot *slot = &probe.slots[port];
    used += snprintf(text + used, size - (unsigned)used, "%s.slot %s, tag %u, va 0x%llx\n", port ? "data" : "fetch",
                     slot->full ? "full" : "empty", slot->tag, (unsigned long long)slot->va);
  }
}

const tw_dut_table *tw_dut_model_table(void) {
  static const tw_dut_table table = {
      .abi = TW_DUT_ABI,
      .describe = model_describe,
      .open = model_open,
      .close = model_close,
      .cycle = model_cycle,
      .state = model_state,
  };
  return &table;
}
