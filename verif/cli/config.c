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

static void json_show(const tw_config *config) {
  json_t *object =
      json_pack("{s:s, s:s, s:{s:i}, s:{s:i}, s:i, s:{s:i, s:i, s:i}}", "name", config->name, "mode",
                tw_mode_row(config->mode)->name, "fetch_tlb", "entries", (int)config->fetch_entries, "data_tlb",
                "entries", (int)config->data_entries, "asid_bits", (int)config->asid_bits, "memory", "latency",
                (int)config->memory.minimum, "span", (int)config->memory.span, "stall", (int)config->memory.stall_span);
  char hash[32];
  snprintf(hash, sizeof hash, "0x%016llx", (unsigned long long)tw_config_hash(config));
  json_object_set_new(object, "hash", json_string(hash));
  json_dumpf(object, stdout, JSON_INDENT(2));
  printf("\n");
  json_decref(object);
}

static void text_show(const tw_config *config) {
  char text[512];
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
