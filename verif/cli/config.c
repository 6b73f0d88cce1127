/* `twinwalk config show|check`: a configuration as the program reads it, or what is wrong with it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <jansson.h>
#include <string.h>

#include "cli.h"
#include "config_file.h"

typedef struct config_options {
  const char *action, *name;
  bool json;
} config_options;

static const struct argp_option OPTIONS[] = {{"json", 'j', NULL, 0, "print JSON", 0}, {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  config_options *options = state->input;
  switch (key) {
  case 'j':
    options->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (state->arg_num == 0) {
      options->action = argument;
      if (strcmp(argument, "show") != 0 && strcmp(argument, "check") != 0)
        argp_error(state, "expected show or check, found \"%s\"", argument);
    } else if (state->arg_num == 1) {
      options->name = argument;
    } else {
      argp_error(state, "one configuration at a time");
    }
    return 0;
  case ARGP_KEY_END:
    if (!options->name) argp_error(state, "which configuration?");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static json_t *number(unsigned value) {
  return json_integer((json_int_t)value);
}

static json_t *extensions_json(unsigned extensions) {
  json_t *names = json_array();
  for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++)
    if (extensions >> bit & 1) json_array_append_new(names, json_string(tw_extension_name(bit)));
  return names;
}

static json_t *regions_json(const tw_pma_table *regions) {
  json_t *list = json_array();
  for (unsigned i = 0; i < regions->count; i++) {
    const tw_pma *region = &regions->region[i];
    json_array_append_new(list, json_pack("{s:I, s:i, s:b, s:b, s:b}", "base", (json_int_t)region->base, "bits",
                                          (int)region->bits, "io", region->io, "tables", region->tables, "updates",
                                          region->updates));
  }
  return list;
}

static void json_show(const tw_config *config) {
  char hash[32];
  const tw_l2_config *l2 = &config->l2;
  snprintf(hash, sizeof hash, "0x%016llx", (unsigned long long)tw_config_hash(config));
  json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o}}", "name", config->name, "mode",
                             tw_mode_row(config->mode)->name, "extensions", extensions_json(config->extensions),
                             "pa_bits", number(config->pa_bits), "asid_bits", number(config->asid_bits), "fetch_tlb",
                             "entries", number(config->fetch_entries), "slots", number(config->fetch_slots), "data_tlb",
                             "entries", number(config->data_entries), "slots", number(config->data_slots));
  json_object_set_new(object, "l2",
                      json_pack("{s:o, s:o, s:o, s:s, s:o}", "entries", number(l2->entries), "ways", number(l2->ways),
                                "latency", number(l2->latency), "replacement",
                                l2->replacement == TW_RANDOM ? "random" : "plru", "super_entries",
                                number(l2->super_entries)));
  json_object_set_new(object, "walk_entries", number(config->walk_entries));
  json_object_set_new(object, "walkers", number(config->walkers));
  json_object_set_new(object, "pmp_entries", number(config->pmp_entries));
  json_object_set_new(object, "pmp_grain", number(config->pmp_grain));
  json_object_set_new(object, "regions", regions_json(&config->regions));
  json_object_set_new(object, "memory",
                      json_pack("{s:o, s:o, s:o}", "latency", number(config->memory.minimum), "span",
                                number(config->memory.span), "stall", number(config->memory.stall_span)));
  json_object_set_new(object, "hash", json_string(hash));
  json_dumpf(object, stdout, JSON_INDENT(2));
  printf("\n");
  json_decref(object);
}

static void text_show(const tw_config *config) {
  char text[TW_CONFIG_TEXT_BYTES];
  tw_config_format(config, text, sizeof text);
  printf("# %s, hash 0x%016llx\n%s", config->name, (unsigned long long)tw_config_hash(config), text);
}

int cli_config(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "show CONFIG\ncheck CONFIG",
      "Shows a configuration as it is read, or only checks it. CONFIG is a name (tiny32, base39, "
      "...) or a YAML file.",
      NULL,
      NULL,
      NULL};
  config_options options = {0};
  tw_error error = {0};
  tw_config config;
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  if (!tw_config_load(options.name, &config, &error)) return cli_fail(&error);
  if (options.json) {
    json_show(&config);
  } else if (strcmp(options.action, "show") == 0) {
    text_show(&config);
  } else {
    printf("%s: valid\n", options.name);
  }
  return CLI_OK;
}
