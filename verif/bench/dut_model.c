/* The cycle model as a device under test.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
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
      .config_text = "",
      .text = "the cycle model, in C",
      .modes = 1u << TW_SV32 | 1u << TW_SV39 | 1u << TW_SV48 | 1u << TW_SV57,
      .xlen = 64,
      .extensions = (1u << TW_EXT_COUNT) - 1,
      .asid_bits = 16,
      .pa_bits = 56,
      .pmp_entries = TW_PMP_MAX,
      .fetch_slots = TW_MAX_SLOTS,
      .data_slots = TW_MAX_SLOTS,
      .ad = TW_DUT_SVADU,
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

/* Lines that are added to a text of fixed size. */
typedef struct lines {
  char *text;
  unsigned size, used;
} lines;

__attribute__((format(printf, 2, 3))) static void line_add(lines *all, const char *format, ...) {
  va_list arguments;
  if (all->used >= all->size) return;
  va_start(arguments, format);
  int wrote = vsnprintf(all->text + all->used, all->size - all->used, format, arguments);
  va_end(arguments);
  if (wrote > 0) all->used += (unsigned)wrote;
}

static void slots_say(lines *all, const tw_mmu_probe *probe) {
  for (unsigned i = 0; i < probe->slot_count; i++) {
    const tw_mmu_slot *slot = &probe->slots[i];
    if (slot->state == TW_SLOT_EMPTY) continue;
    line_add(all, "slot %u (%s) %s, tag %u, va 0x%llx", i, slot->port == TW_PORT_FETCH ? "fetch" : "data",
             tw_slot_state_name(slot->state), slot->tag, (unsigned long long)slot->va);
    if (slot->walker != TW_MMU_NONE) line_add(all, ", walker %u", slot->walker);
    line_add(all, "\n");
  }
}

static void walkers_say(lines *all, const tw_mmu_probe *probe) {
  for (unsigned i = 0; i < probe->walker_count; i++) {
    const tw_mmu_walker *walker = &probe->walkers[i];
    if (walker->state == TW_WALKER_IDLE) continue;
    line_add(all, "walker %u %s%s, owner slot %u, attached 0x%x, level %u, table 0x%llx, vpn 0x%llx, entry 0x%llx\n", i,
             tw_walker_state_name(walker->state), walker->killed ? ", killed" : "", walker->owner, walker->attached,
             walker->level, (unsigned long long)walker->table_ppn << TW_PAGE_BITS, (unsigned long long)walker->vpn,
             (unsigned long long)walker->entry);
  }
}

static void model_state(tw_dut *dut, char *text, unsigned size) {
  tw_mmu_probe probe;
  tw_mmu_probe_read(dut->mmu, &probe);
  lines all = {text, size, 0};
  line_add(&all, "satp 0x%llx\nprivilege %u\nmprv %u\nmpp %u\nsum %u\nmxr %u\nadue %u\npbmte %u\n",
           (unsigned long long)probe.satp, probe.privilege, probe.mprv, probe.mpp, probe.sum, probe.mxr, probe.adue,
           probe.pbmte);
  slots_say(&all, &probe);
  walkers_say(&all, &probe);
  if (probe.held != TW_MMU_NONE) line_add(&all, "page-table port held for walker %u\n", probe.held);
  if (probe.sweep.active) line_add(&all, "sweep at set %u of %u\n", probe.sweep.set, probe.sweep.last);
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
