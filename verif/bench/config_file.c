/* Finds, reads and writes the files of configurations.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "config_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_BYTES 65536u /* more is no configuration */

bool tw_config_read(const char *path, tw_config *config, tw_error *error) {
  char text[CONFIG_BYTES];
  FILE *file = fopen(path, "re");
  if (!file) return tw_error_set(error, "%s: %s", path, strerror(errno));
  size_t size = fread(text, 1, sizeof text, file);
  bool failed = ferror(file) != 0;
  int reason = errno;
  fclose(file);
  if (failed) return tw_error_set(error, "%s: %s", path, strerror(reason));
  if (size == sizeof text) return tw_error_set(error, "%s: longer than %zu bytes", path, sizeof text - 1);
  return tw_config_parse(path, text, size, config, error);
}

bool tw_program_directory(char *path, size_t size) {
  ssize_t length = readlink("/proc/self/exe", path, size - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  char *slash = strrchr(path, '/');
  if (!slash) return false;
  *slash = '\0';
  return true;
}

bool tw_config_find(const char *name, char *path, size_t size, tw_error *error) {
  size_t length = strlen(name);
  if (strchr(name, '/') || (length > 5 && strcmp(name + length - 5, ".yaml") == 0)) {
    if (snprintf(path, size, "%s", name) < (int)size) return true;
    return tw_error_set(error, "%s: the path is too long", name);
  }
  /* Installed: bin/ and share/; built: build/bin and build/share. */
  static const char *const places[] = {"../share/twinwalk/configs", "../../share/twinwalk/configs"};
  const char *set = getenv("TWINWALK_CONFIGS");
  char program[4096] = ".";
  bool known = tw_program_directory(program, sizeof program);
  for (size_t i = 0; i <= sizeof places / sizeof places[0]; i++) {
    int wrote = -1;
    if (i == 0 && set) wrote = snprintf(path, size, "%s/%s.yaml", set, name);
    if (i > 0 && known) wrote = snprintf(path, size, "%s/%s/%s.yaml", program, places[i - 1], name);
    if (wrote > 0 && (size_t)wrote < size && access(path, R_OK) == 0) return true;
  }
  return tw_error_set(
      error,
      "no configuration \"%s\": looked for %s.yaml in $TWINWALK_CONFIGS and in %s/../share/twinwalk/configs "
      "(a path with a slash or .yaml names a file)",
      name, name, program);
}

bool tw_config_load(const char *name, tw_config *config, tw_error *error) {
  char path[4096];
  return tw_config_find(name, path, sizeof path, error) && tw_config_read(path, config, error);
}

/* Text that is added to piece by piece; `used` counts also what found no room. */
typedef struct text_out {
  char *text;
  size_t size, used;
} text_out;

__attribute__((format(printf, 2, 3))) static void text_add(text_out *out, const char *format, ...) {
  size_t at = out->used < out->size ? out->used : out->size;
  va_list arguments;
  va_start(arguments, format);
  int wrote = vsnprintf(out->text ? out->text + at : NULL, out->size - at, format, arguments);
  va_end(arguments);
  if (wrote > 0) out->used += (size_t)wrote;
}

static const char *truth_text(bool truth) {
  return truth ? "true" : "false";
}

static void regions_format(text_out *out, const tw_pma_table *regions) {
  if (regions->count) text_add(out, "regions:\n");
  for (unsigned i = 0; i < regions->count; i++) {
    const tw_pma *region = &regions->region[i];
    text_add(out, "  - {base: 0x%llx, bits: %u, io: %s, tables: %s, updates: %s}\n", (unsigned long long)region->base,
             region->bits, truth_text(region->io), truth_text(region->tables), truth_text(region->updates));
  }
}

int tw_config_format(const tw_config *config, char *text, size_t size) {
  text_out out = {text, size, 0};
  text_add(&out, "mode: %s\nextensions:", tw_mode_row(config->mode)->name);
  for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++)
    if (config->extensions >> bit & 1) text_add(&out, " %s", tw_extension_name(bit));
  text_add(&out, "%s\npa_bits: %u\nasid_bits: %u\n", config->extensions ? "" : " none", config->pa_bits,
           config->asid_bits);
  text_add(&out, "fetch_tlb:\n  entries: %u\n  slots: %u\ndata_tlb:\n  entries: %u\n  slots: %u\n",
           config->fetch_entries, config->fetch_slots, config->data_entries, config->data_slots);
  const tw_l2_config *l2 = &config->l2;
  if (l2->entries)
    text_add(&out, "l2:\n  entries: %u\n  ways: %u\n  latency: %u\n  replacement: %s\n  super_entries: %u\n",
             l2->entries, l2->ways, l2->latency, l2->replacement == TW_RANDOM ? "random" : "plru", l2->super_entries);
  text_add(&out, "walk_entries: %u\nwalkers: %u\npmp_entries: %u\npmp_grain: %u\n", config->walk_entries,
           config->walkers, config->pmp_entries, config->pmp_grain);
  regions_format(&out, &config->regions);
  text_add(&out, "memory:\n  latency: %u\n  span: %u\n  stall: %u\n", config->memory.minimum, config->memory.span,
           config->memory.stall_span);
  return (int)out.used;
}
