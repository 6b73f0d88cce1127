/* `twinwalk duts`: what can be tested.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <jansson.h>

#include "cli.h"
#include "dut_loader.h"

typedef struct duts_list {
  bool json;
  json_t *array;
} duts_list;

static const struct argp_option OPTIONS[] = {{"json", 'j', NULL, 0, "print JSON", 0}, {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  (void)argument;
  duts_list *list = state->input;
  if (key != 'j') return ARGP_ERR_UNKNOWN;
  list->json = true;
  return 0;
}

static void modes_text(unsigned modes, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (unsigned mode = TW_SV32; mode < TW_MODE_COUNT && used < size; mode++)
    if (modes >> mode & 1)
      used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", tw_mode_row((tw_mode)mode)->name);
}

static void extensions_text(unsigned extensions, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (unsigned bit = 0; bit < TW_EXT_COUNT && used < size; bit++)
    if (extensions >> bit & 1)
      used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", tw_extension_name(bit));
}

static void json_add(json_t *array, const tw_dut_plugin *plugin, const tw_error *error) {
  json_t *object = json_object();
  if (!plugin->table) {
    json_object_set_new(object, "path", json_string(plugin->path));
    json_object_set_new(object, "error", json_string(error->text));
  } else {
    const tw_dut_description *design = plugin->table->describe();
    char modes[64], extensions[128];
    modes_text(design->modes, modes, sizeof modes);
    extensions_text(design->extensions, extensions, sizeof extensions);
    json_object_set_new(object, "name", json_string(design->name));
    json_object_set_new(object, "config", json_string(design->config));
    json_object_set_new(object, "text", json_string(design->text));
    json_object_set_new(object, "modes", json_string(modes));
    json_object_set_new(object, "extensions", json_string(extensions));
    json_object_set_new(object, "asid_bits", json_integer(design->asid_bits));
    json_object_set_new(object, "pa_bits", json_integer(design->pa_bits));
    json_object_set_new(object, "pmp_entries", json_integer(design->pmp_entries));
    json_object_set_new(object, "fetch_slots", json_integer(design->fetch_slots));
    json_object_set_new(object, "data_slots", json_integer(design->data_slots));
    json_object_set_new(object, "ad", json_string(design->ad == TW_DUT_SVADU ? "svadu" : "svade"));
    json_object_set_new(object, "cycles_predicted", json_boolean(design->cycles_predicted));
    json_object_set_new(object, "checked", json_boolean(design->assertions));
    json_object_set_new(object, "waves", json_boolean(design->waves));
    json_object_set_new(object, "variants", json_integer(design->variants));
    json_object_set_new(object, "path", json_string(plugin->path));
  }
  json_array_append_new(array, object);
}

static void visit(void *payload, const tw_dut_plugin *plugin, const tw_error *error) {
  duts_list *list = payload;
  if (list->json) {
    json_add(list->array, plugin, error);
    return;
  }
  if (!plugin->table) {
    printf("(unusable)  %s\n", error->text);
    return;
  }
  const tw_dut_description *design = plugin->table->describe();
  char modes[64];
  modes_text(design->modes, modes, sizeof modes);
  printf("%-10s %-10s %-9s %-12s %s%s%s", design->name, design->config[0] ? design->config : "(any)",
         design->assertions ? "checked" : "", modes, design->text,
         design->cycles_predicted ? "" : "; cycles not predicted", design->waves ? "; waveforms" : "");
  if (design->variants > 1) printf("; variants 0 to %u", design->variants - 1);
  printf("\n");
}

int cli_duts(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      NULL,
      "Lists the devices under test: the model, and the plug-ins in $TWINWALK_DUTS, beside the "
      "program and where they are installed.",
      NULL,
      NULL,
      NULL};
  duts_list list = {0};
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &list) != 0) return CLI_FAILED;
  list.array = json_array();
  tw_dut_list(visit, &list);
  if (list.json) {
    json_dumpf(list.array, stdout, JSON_INDENT(2));
    printf("\n");
  }
  json_decref(list.array);
  return CLI_OK;
}
