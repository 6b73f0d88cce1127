/* Loads plug-ins with dlopen, and tells what is wrong with those that do not fit.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "dut_loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_file.h"

#define FOLDERS_MAX 8u
#define MODEL_NAME "model"

typedef struct folders {
  char path[FOLDERS_MAX][400];
  unsigned count;
} folders;

/* Adds a folder by its real path, once: several places may lead to it. */
static void folder_add(folders *list, const char *path, size_t length) {
  char given[400], *real = NULL;
  if (list->count == FOLDERS_MAX || length == 0 || length >= sizeof given) return;
  memcpy(given, path, length);
  given[length] = '\0';
  real = realpath(given, NULL);
  const char *chosen = real && strlen(real) < sizeof given ? real : given;
  bool known = false;
  for (unsigned i = 0; i < list->count; i++) known = known || strcmp(list->path[i], chosen) == 0;
  if (!known) strcpy(list->path[list->count++], chosen);
  free(real);
}

static void folders_collect(folders *list) {
  list->count = 0;
  const char *set = getenv("TWINWALK_DUTS");
  while (set && *set) {
    size_t length = strcspn(set, ":");
    folder_add(list, set, length);
    set += length + (set[length] == ':');
  }
  char program[300];
  if (!tw_program_directory(program, sizeof program)) return;
  static const char *const beside[] = {"../lib/twinwalk/duts", "../" TWINWALK_LIBDIR "/twinwalk/duts"};
  for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
    char path[400];
    int wrote = snprintf(path, sizeof path, "%s/%s", program, beside[i]);
    if (wrote > 0 && access(path, R_OK) == 0) folder_add(list, path, (size_t)wrote);
  }
}

static bool plugin_open(const char *path, tw_dut_plugin *plugin, tw_error *error) {
  *plugin = (tw_dut_plugin){0};
  snprintf(plugin->path, sizeof plugin->path, "%s", path);
  plugin->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!plugin->library) return tw_error_set(error, "%s: cannot be loaded: %s", path, dlerror());
  tw_dut_entry_function entry = NULL;
  *(void **)&entry = dlsym(plugin->library, TW_DUT_SYMBOL); /* as POSIX has it */
  const tw_dut_table *table = entry ? entry() : NULL;
  if (!table) {
    tw_error_set(error, "%s: not a device under test: it has no symbol %s", path, TW_DUT_SYMBOL);
  } else if (table->abi != TW_DUT_ABI) {
    tw_error_set(error, "%s: built for ABI version %u of the bench, this is version %u: build it again", path,
                 table->abi, TW_DUT_ABI);
  } else {
    plugin->table = table;
    return true;
  }
  tw_dut_unload(plugin);
  return false;
}

void tw_dut_unload(tw_dut_plugin *plugin) {
  if (plugin->library) dlclose(plugin->library);
  plugin->library = NULL;
  plugin->table = NULL;
}

bool tw_dut_load(const tw_dut_choice *choice, tw_dut_plugin *plugin, tw_error *error) {
  if (strcmp(choice->name, MODEL_NAME) == 0) {
    *plugin = (tw_dut_plugin){.table = tw_dut_model_table()};
    return true;
  }
  if (strchr(choice->name, '/')) return plugin_open(choice->name, plugin, error);
  folders list;
  folders_collect(&list);
  char places[300] = "no folder (set TWINWALK_DUTS)";
  size_t used = 0;
  for (unsigned i = 0; i < list.count; i++) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s-%s%s.so", list.path[i], choice->name, choice->config,
             choice->checked ? ".checked" : "");
    if (access(path, R_OK) == 0) return plugin_open(path, plugin, error);
    int wrote = snprintf(places + used, sizeof places - used, "%s%s", used ? ", " : "", list.path[i]);
    if (wrote > 0 && used + (size_t)wrote < sizeof places) used += (size_t)wrote;
  }
  return tw_error_set(error,
                      "no device under test \"%s\" for configuration %s%s: looked in %s (`twinwalk duts` lists them)",
                      choice->name, choice->config, choice->checked ? ", checked" : "", places);
}

/* One line of each of two texts, and the next ones. False at the end of either. */
static bool lines_step(const char **left, const char **right, char *left_line, char *right_line, size_t size) {
  size_t left_length = strcspn(*left, "\n"), right_length = strcspn(*right, "\n");
  snprintf(left_line, size, "%.*s", (int)left_length, *left);
  snprintf(right_line, size, "%.*s", (int)right_length, *right);
  if (!(*left)[left_length] || !(*right)[right_length]) return false;
  *left += left_length + 1;
  *right += right_length + 1;
  return true;
}

/* The first line in which two configurations differ, written in the same way. */
static bool sizes_same(const tw_dut_description *design, const tw_config *built, const tw_config *config,
                       tw_error *error) {
  char built_text[TW_CONFIG_TEXT_BYTES], config_text[TW_CONFIG_TEXT_BYTES], built_line[120], config_line[120];
  tw_config_format(built, built_text, sizeof built_text);
  tw_config_format(config, config_text, sizeof config_text);
  if (strcmp(built_text, config_text) == 0) return true;
  const char *left = built_text, *right = config_text;
  do {
    if (!lines_step(&left, &right, built_line, config_line, sizeof built_line)) break;
  } while (strcmp(built_line, config_line) == 0);
  return tw_error_set(error,
                      "%s was built for a configuration %s with \"%s\", the configuration %s given has \"%s\": build "
                      "the design for it, or give it a name of its own",
                      design->name, design->config, built_line + strspn(built_line, " "), config->name,
                      config_line + strspn(config_line, " "));
}

/* The name alone does not make a configuration: a file of the same name may have other sizes. */
static bool built_for(const tw_dut_description *design, const tw_config *config, tw_error *error) {
  if (!design->config[0]) return true;
  tw_config built;
  tw_error cause = {0};
  if (!tw_config_parse(design->config, design->config_text, strlen(design->config_text), &built, &cause))
    return tw_error_set(error, "%s: its configuration cannot be read: %s", design->name, cause.text);
  built.memory = config->memory; /* the bench's affair */
  return sizes_same(design, &built, config, error);
}

static unsigned lesser(unsigned left, unsigned right) {
  return left < right ? left : right;
}

/* The deepest mode of the configuration that the design has. */
static bool mode_reduce(const tw_dut_description *design, tw_config *config, tw_error *error) {
  const tw_mode_info *asked = tw_mode_row(config->mode);
  for (unsigned mode = (unsigned)config->mode; mode > TW_BARE; mode--) {
    if (!(design->modes >> mode & 1) || tw_mode_row((tw_mode)mode)->xlen != asked->xlen) continue;
    config->mode = (tw_mode)mode;
    return true;
  }
  return tw_error_set(error, "%s does not support %s, which configuration %s asks for", design->name, asked->name,
                      config->name);
}

bool tw_dut_reduce(const tw_dut_description *design, tw_config *config, tw_error *error) {
  if (!built_for(design, config, error) || !mode_reduce(design, config, error)) return false;
  const tw_mode_info *mode = tw_mode_row(config->mode);
  if (design->config[0] && design->xlen != mode->xlen)
    return tw_error_set(error, "%s has XLEN %u, configuration %s %u", design->name, design->xlen, config->name,
                        mode->xlen);
  config->extensions &= design->extensions & (design->ad == TW_DUT_SVADU ? ~0u : ~(unsigned)TW_EXT_SVADU);
  config->asid_bits = lesser(config->asid_bits, design->asid_bits);
  config->pa_bits = lesser(config->pa_bits, design->pa_bits);
  if (design->pmp_entries < config->pmp_entries) config->pmp_entries = design->pmp_entries;
  if (design->config[0]) config->pmp_grain = design->pmp_grain;
  return true;
}

bool tw_dut_fits(const tw_dut_description *design, const tw_config *config, tw_error *error) {
  tw_config reduced = *config;
  char wanted[TW_CONFIG_TEXT_BYTES], has[TW_CONFIG_TEXT_BYTES], wanted_line[120], has_line[120];
  if (!tw_dut_reduce(design, &reduced, error)) return false;
  tw_config_format(config, wanted, sizeof wanted);
  tw_config_format(&reduced, has, sizeof has);
  if (strcmp(wanted, has) == 0) return true;
  const char *left = wanted, *right = has;
  do {
    if (!lines_step(&left, &right, wanted_line, has_line, sizeof has_line)) break;
  } while (strcmp(wanted_line, has_line) == 0);
  return tw_error_set(error,
                      "configuration %s has \"%s\", %s only \"%s\": its cycles cannot be compared (--compare arch "
                      "judges it by what it has)",
                      config->name, wanted_line, design->name, has_line);
}

static int is_plugin(const struct dirent *entry) {
  size_t length = strlen(entry->d_name);
  return length > 3 && strcmp(entry->d_name + length - 3, ".so") == 0;
}

void tw_dut_list(tw_dut_visit visit, void *payload) {
  tw_dut_plugin model = {.table = tw_dut_model_table()};
  tw_error error = {0};
  visit(payload, &model, &error);
  folders list;
  folders_collect(&list);
  for (unsigned i = 0; i < list.count; i++) {
    struct dirent **entries = NULL;
    int count = scandir(list.path[i], &entries, is_plugin, alphasort);
    for (int e = 0; e < count; e++) {
      char path[700];
      snprintf(path, sizeof path, "%s/%s", list.path[i], entries[e]->d_name);
      tw_dut_plugin plugin;
      error.text[0] = '\0';
      plugin_open(path, &plugin, &error);
      visit(payload, &plugin, &error);
      tw_dut_unload(&plugin);
      free(entries[e]);
    }
    free(entries);
  }
}
