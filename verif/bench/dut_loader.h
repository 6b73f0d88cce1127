/* Finds and opens devices under test: plug-ins on disk, and the cycle model, which is built in.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_DUT_LOADER_H
#define TWINWALK_DUT_LOADER_H

#include "dut.h"
#include "twinwalk/config.h"
#include "twinwalk/mmu.h"

/* The cycle model behind the same table. Its options' config_text must not be NULL. */
const tw_dut_table *tw_dut_model_table(void);
/* The model inside an instance of that table, for probes; the instance's. */
tw_mmu *tw_dut_model_mmu(tw_dut *dut);

/* A loaded plug-in. */
typedef struct tw_dut_plugin {
  const tw_dut_table *table;
  void *library; /* NULL if built in */
  char path[512];
} tw_dut_plugin;

typedef struct tw_dut_choice {
  const char *name;   /* "model", "rtl", ..., or a path to a plug-in */
  const char *config; /* name of the configuration */
  bool checked;       /* the build with assertions and waveforms */
} tw_dut_choice;

/* Looks in the folders of $TWINWALK_DUTS (divided by colons), then beside the program (../lib/twinwalk/duts), then
 * where plug-ins are installed. False and error, naming the folders, if there is none or its ABI differs. */
bool tw_dut_load(const tw_dut_choice *choice, tw_dut_plugin *plugin, tw_error *error);
/* Unloads; no instance may be open. */
void tw_dut_unload(tw_dut_plugin *plugin);

/* Makes of a configuration what a design has of it, by its description: shallower modes, fewer extensions, narrower
 * addresses. That is what the design is judged by. False and error if it was built for another configuration, or has no
 * mode of this one. */
bool tw_dut_reduce(const tw_dut_description *design, tw_config *config, tw_error *error);

/* Whether a design has all of a configuration, as comparing with the model wants it; if not, the error says what is
 * missing. */
bool tw_dut_fits(const tw_dut_description *design, const tw_config *config, tw_error *error);

/* Calls visit for the built-in model and for every plug-in that is found, by name within a folder. A plug-in that
 * cannot be loaded has no table, and error says why. */
typedef void (*tw_dut_visit)(void *payload, const tw_dut_plugin *plugin, const tw_error *error);
void tw_dut_list(tw_dut_visit visit, void *payload);

#endif
