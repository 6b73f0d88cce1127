/* The rig's RTL: the plug-in of the first named configuration that has what a test needs.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "dut_loader.h"
#include "rig.h"

typedef struct design {
  tw_dut_plugin plugin;
  tw_dut *dut;
} design;

static bool regions_equal(const tw_pma_table *have, const tw_pma_table *want) {
  if (!want || have->count != want->count) return !want && have->count == 0;
  for (unsigned i = 0; i < have->count; i++) {
    const tw_pma *a = &have->region[i], *b = &want->region[i];
    if (a->base != b->base || a->bits != b->bits || a->io != b->io) return false;
    if (a->tables != b->tables || a->updates != b->updates) return false;
  }
  return true;
}

/* Whether a configuration has what a test needs. One of few entries would forget what a test looks for. */
static bool config_fits(const tw_config *config, const rig_needs *needs) {
  const tw_mode_info *row = tw_mode_row(config->mode);
  if (row->xlen != tw_mode_row(needs->mode)->xlen || config->mode < needs->mode) return false;
  if (needs->deepest && config->mode != needs->deepest) return false;
  if ((config->extensions & needs->with) != needs->with || config->extensions & needs->without) return false;
  if (config->asid_bits != (needs->asid_bits ? needs->asid_bits : row->asid_bits)) return false;
  if (config->pa_bits != (needs->pa_bits ? needs->pa_bits : row->pa_bits)) return false;
  if (config->pmp_entries < needs->pmp_entries || (needs->no_pmp && config->pmp_entries)) return false;
  if (needs->pmp_entries && config->pmp_grain != needs->grain) return false;
  return config->data_entries >= 4 && regions_equal(&config->regions, needs->regions);
}

static void design_open(design *opened, const char *config) {
  tw_error error = {""};
  const tw_dut_choice choice = {.name = "rtl", .config = config};
  const tw_dut_options options = {.seed = 1};
  if (!tw_dut_load(&choice, &opened->plugin, &error)) fail_msg("%s", error.text);
  opened->dut = opened->plugin.table->open(&options, &error);
  if (!opened->dut) fail_msg("%s", error.text);
}

static bool rtl_open(rig *r, const rig_needs *needs) {
  static const char *const names[] = {"server57", "linux39", "base39", "odd", "tiny32"};
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
    tw_error error = {""};
    tw_config config;
    if (!tw_config_load(names[i], &config, &error)) fail_msg("%s", error.text);
    if (!config_fits(&config, needs)) continue;
    r->config = config;
    r->dut = calloc(1, sizeof(design));
    assert_non_null(r->dut);
    design_open(r->dut, names[i]);
    return true;
  }
  return false;
}

static void rtl_close(rig *r) {
  design *opened = r->dut;
  opened->plugin.table->close(opened->dut);
  tw_dut_unload(&opened->plugin);
  free(opened);
  r->dut = NULL;
}

static void rtl_cycle(rig *r) {
  design *opened = r->dut;
  opened->plugin.table->cycle(opened->dut, &r->in, &r->out);
}

const rig_rtl rig_rtl_table = {.open = rtl_open, .close = rtl_close, .cycle = rtl_cycle};
