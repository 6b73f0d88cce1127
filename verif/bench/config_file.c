/* Reads configurations with libcyaml. Numbers are taken as text, so that every complaint can name key and range.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "config_file.h"

#include <ctype.h>
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CONFIG_BYTES 65536u /* more is no configuration */

/* The file as it is written: text, or NULL for a key that is missing. */
typedef struct memory_text {
  char *latency, *span, *stall;
} memory_text;

typedef struct tlb_text {
  char *entries;
} tlb_text;

typedef struct config_text {
  char *mode, *asid_bits;
  tlb_text *fetch_tlb, *data_tlb;
  memory_text *memory;
} config_text;

#define TEXT_FIELD(key, structure, member)                                                                             \
  CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member, 0, CYAML_UNLIMITED)

static const cyaml_schema_field_t memory_fields[] = {
    TEXT_FIELD("latency", memory_text, latency),
    TEXT_FIELD("span", memory_text, span),
    TEXT_FIELD("stall", memory_text, stall),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t tlb_fields[] = {
    TEXT_FIELD("entries", tlb_text, entries),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t config_fields[] = {
    TEXT_FIELD("mode", config_text, mode),
    TEXT_FIELD("asid_bits", config_text, asid_bits),
    CYAML_FIELD_MAPPING_PTR("fetch_tlb", CYAML_FLAG_OPTIONAL, config_text, fetch_tlb, tlb_fields),
    CYAML_FIELD_MAPPING_PTR("data_tlb", CYAML_FLAG_OPTIONAL, config_text, data_tlb, tlb_fields),
    CYAML_FIELD_MAPPING_PTR("memory", CYAML_FLAG_OPTIONAL, config_text, memory, memory_fields),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t config_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, config_text, config_fields),
};

/* What libcyaml says, gathered into one line: the complaint, then where it was met. */
typedef struct complaint {
  char text[256];
  size_t used;
} complaint;

static void complaint_add(cyaml_log_t level, void *context, const char *format, va_list arguments) {
  complaint *said = context;
  char line[160];
  (void)level;
  vsnprintf(line, sizeof line, format, arguments);
  char *body = line;
  if (strncmp(body, "Load: ", 6) == 0) body += 6;
  while (*body == ' ') body++;
  body[strcspn(body, "\n")] = '\0';
  if (strncmp(body, "Backtrace", 9) == 0 || !*body) return;
  int wrote = snprintf(said->text + said->used, sizeof said->text - said->used, "%s%s", said->used ? ", " : "", body);
  if (wrote > 0) said->used += (size_t)wrote;
  if (said->used >= sizeof said->text) said->used = sizeof said->text - 1;
}

static bool number_take(const char *path, const char *key, const char *text, unsigned low, unsigned high,
                        unsigned *number, tw_error *error) {
  if (!text) return tw_error_set(error, "%s: key %s is missing: expected %u to %u", path, key, low, high);
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 0);
  bool digits = text[0] >= '0' && text[0] <= '9';
  if (!digits || *end || errno || value < low || value > high)
    return tw_error_set(error, "%s: key %s: expected a whole number, %u to %u, found \"%s\"", path, key, low, high,
                        text);
  *number = (unsigned)value;
  return true;
}

static bool mode_take(const char *path, const char *text, tw_mode *mode, tw_error *error) {
  if (!text) return tw_error_set(error, "%s: key mode is missing: expected Sv32 or Sv39", path);
  if (strcasecmp(text, "Sv32") == 0) {
    *mode = TW_SV32;
  } else if (strcasecmp(text, "Sv39") == 0) {
    *mode = TW_SV39;
  } else {
    return tw_error_set(error, "%s: key mode: expected Sv32 or Sv39, found \"%s\"", path, text);
  }
  return true;
}

static bool name_take(const char *path, tw_config *config, tw_error *error) {
  const char *slash = strrchr(path, '/');
  const char *stem = slash ? slash + 1 : path;
  size_t length = strcspn(stem, ".");
  if (length == 0 || length >= sizeof config->name)
    return tw_error_set(error,
                        "%s: a configuration is named after its file: expected 1 to %zu characters before the dot",
                        path, sizeof config->name - 1);
  memcpy(config->name, stem, length);
  config->name[length] = '\0';
  return true;
}

static bool text_take(const char *path, const config_text *text, tw_config *config, tw_error *error) {
  if (!name_take(path, config, error) || !mode_take(path, text->mode, &config->mode, error)) return false;
  const char *fetch = text->fetch_tlb ? text->fetch_tlb->entries : NULL;
  const char *data = text->data_tlb ? text->data_tlb->entries : NULL;
  const memory_text none = {0}, *memory = text->memory ? text->memory : &none;
  unsigned asid_max = tw_mode_row(config->mode)->asid_bits;
  if (!number_take(path, "fetch_tlb.entries", fetch, 1, TW_MAX_TLB_ENTRIES, &config->fetch_entries, error) ||
      !number_take(path, "data_tlb.entries", data, 1, TW_MAX_TLB_ENTRIES, &config->data_entries, error) ||
      !number_take(path, "asid_bits", text->asid_bits, 0, asid_max, &config->asid_bits, error) ||
      !number_take(path, "memory.latency", memory->latency, 1, 1000, &config->memory.minimum, error) ||
      !number_take(path, "memory.span", memory->span, 0, 1000, &config->memory.span, error) ||
      !number_take(path, "memory.stall", memory->stall, 0, 1000, &config->memory.stall_span, error))
    return false;
  tw_error invalid = {0};
  if (!tw_config_validate(config, &invalid)) return tw_error_set(error, "%s: %s", path, invalid.text);
  return true;
}

static bool yaml_take(const char *path, const char *text, size_t size, tw_config *config, tw_error *error) {
  complaint said = {0};
  const cyaml_config_t how = {
      .log_fn = complaint_add,
      .log_ctx = &said,
      .log_level = CYAML_LOG_ERROR,
      .mem_fn = cyaml_mem,
  };
  config_text *read = NULL;
  cyaml_err_t status = cyaml_load_data((const uint8_t *)text, size, &how, &config_schema, (cyaml_data_t **)&read, NULL);
  if (status != CYAML_OK)
    return tw_error_set(error, "%s: not a configuration: %s%s%s", path, cyaml_strerror(status), said.used ? ": " : "",
                        said.text);
  if (!read)
    return tw_error_set(error, "%s: the file is empty: expected mode, fetch_tlb, data_tlb, asid_bits, memory", path);
  *config = (tw_config){0};
  bool taken = text_take(path, read, config, error);
  cyaml_free(&how, &config_schema, read, 0);
  return taken;
}

/* A value may have several lines, and control characters; a message has neither. */
static void error_flatten(tw_error *error) {
  for (char *at = error->text; *at; at++)
    if (iscntrl((unsigned char)*at)) *at = '?';
}

bool tw_config_parse(const char *path, const char *text, size_t size, tw_config *config, tw_error *error) {
  if (yaml_take(path, text, size, config, error)) return true;
  if (error) error_flatten(error);
  return false;
}

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

int tw_config_format(const tw_config *config, char *text, size_t size) {
  return snprintf(text, size,
                  "mode: %s\nfetch_tlb:\n  entries: %u\ndata_tlb:\n  entries: %u\nasid_bits: %u\n"
                  "memory:\n  latency: %u\n  span: %u\n  stall: %u\n",
                  tw_mode_row(config->mode)->name, config->fetch_entries, config->data_entries, config->asid_bits,
                  config->memory.minimum, config->memory.span, config->memory.stall_span);
}
