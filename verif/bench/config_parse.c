/* Makes a configuration of YAML text, with libcyaml. Numbers are taken as text, so that every complaint can name key
 * and range.
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

/* The file as it is written: text, or NULL for a key that is missing. */
typedef struct memory_text {
  char *latency, *span, *stall;
} memory_text;

typedef struct tlb_text {
  char *entries, *slots;
} tlb_text;

typedef struct l2_text {
  char *entries, *ways, *latency, *replacement, *super_entries;
} l2_text;

typedef struct region_text {
  char *base, *bits, *io, *tables, *updates;
} region_text;

typedef struct config_text {
  char *mode, *extensions, *pa_bits, *asid_bits;
  tlb_text *fetch_tlb, *data_tlb;
  l2_text *l2;
  char *walk_entries, *walkers, *pmp_entries, *pmp_grain;
  region_text *regions;
  unsigned regions_count;
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
    TEXT_FIELD("slots", tlb_text, slots),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t l2_fields[] = {
    TEXT_FIELD("entries", l2_text, entries),
    TEXT_FIELD("ways", l2_text, ways),
    TEXT_FIELD("latency", l2_text, latency),
    TEXT_FIELD("replacement", l2_text, replacement),
    TEXT_FIELD("super_entries", l2_text, super_entries),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t region_fields[] = {
    TEXT_FIELD("base", region_text, base),       TEXT_FIELD("bits", region_text, bits),
    TEXT_FIELD("io", region_text, io),           TEXT_FIELD("tables", region_text, tables),
    TEXT_FIELD("updates", region_text, updates), CYAML_FIELD_END,
};

static const cyaml_schema_value_t region_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, region_text, region_fields),
};

static const cyaml_schema_field_t config_fields[] = {
    TEXT_FIELD("mode", config_text, mode),
    TEXT_FIELD("extensions", config_text, extensions),
    TEXT_FIELD("pa_bits", config_text, pa_bits),
    TEXT_FIELD("asid_bits", config_text, asid_bits),
    CYAML_FIELD_MAPPING_PTR("fetch_tlb", CYAML_FLAG_OPTIONAL, config_text, fetch_tlb, tlb_fields),
    CYAML_FIELD_MAPPING_PTR("data_tlb", CYAML_FLAG_OPTIONAL, config_text, data_tlb, tlb_fields),
    CYAML_FIELD_MAPPING_PTR("l2", CYAML_FLAG_OPTIONAL, config_text, l2, l2_fields),
    TEXT_FIELD("walk_entries", config_text, walk_entries),
    TEXT_FIELD("walkers", config_text, walkers),
    TEXT_FIELD("pmp_entries", config_text, pmp_entries),
    TEXT_FIELD("pmp_grain", config_text, pmp_grain),
    CYAML_FIELD_SEQUENCE("regions", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, config_text, regions, &region_schema, 0,
                         TW_PMA_MAX),
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

/* Takes numbers and words of one file; the first that is wrong stays in `error`. */
typedef struct taking {
  const char *path;
  tw_error *error;
  bool failed;
} taking;

__attribute__((format(printf, 2, 3))) static void complain(taking *take, const char *format, ...) {
  char text[224];
  if (take->failed) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  take->failed = true;
  tw_error_set(take->error, "%s: %s", take->path, text);
}

/* A key's name, its text, and the numbers that it may be. */
typedef struct number_key {
  const char *key, *text;
  unsigned long long low, high;
} number_key;

static unsigned long long wide_take(taking *take, const number_key *of) {
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(of->text, &end, 0);
  bool digits = of->text[0] >= '0' && of->text[0] <= '9';
  if (!digits || *end || errno || value < of->low || value > of->high)
    complain(take, "key %s: expected a whole number, %llu to %llu, found \"%s\"", of->key, of->low, of->high, of->text);
  return value;
}

/* Leaves *number alone, at its default, if the key is missing. */
static void number_take(taking *take, const char *key, const char *text, unsigned low, unsigned high,
                        unsigned *number) {
  if (text) *number = (unsigned)wide_take(take, &(number_key){key, text, low, high});
}

static void number_demand(taking *take, const char *key, const char *text, unsigned low, unsigned high,
                          unsigned *number) {
  if (!text) complain(take, "key %s is missing: expected %u to %u", key, low, high);
  number_take(take, key, text, low, high, number);
}

static void truth_take(taking *take, const char *key, const char *text, bool *truth) {
  if (!text) return;
  *truth = strcmp(text, "true") == 0;
  if (!*truth && strcmp(text, "false") != 0) complain(take, "key %s: expected true or false, found \"%s\"", key, text);
}

static void mode_take(taking *take, const char *text, tw_mode *mode) {
  if (!text) complain(take, "key mode is missing: expected Sv32, Sv39, Sv48 or Sv57");
  for (unsigned i = TW_SV32; text && i < TW_MODE_COUNT; i++) {
    if (strcasecmp(text, tw_mode_row((tw_mode)i)->name) != 0) continue;
    *mode = (tw_mode)i;
    return;
  }
  complain(take, "key mode: expected Sv32, Sv39, Sv48 or Sv57, found \"%s\"", text ? text : "");
}

/* Names divided by blanks, or "none". */
static void extensions_take(taking *take, const char *text, unsigned *extensions) {
  if (!text || strcmp(text, "none") == 0) return;
  for (size_t length; *text; text += length) {
    text += strspn(text, " \t");
    length = strcspn(text, " \t");
    unsigned bit = 0;
    for (const char *name; (name = tw_extension_name(bit)); bit++)
      if (strlen(name) == length && strncasecmp(text, name, length) == 0) break;
    if (bit == TW_EXT_COUNT && length)
      complain(take, "key extensions: there is no extension \"%.*s\"", (int)length, text);
    *extensions |= 1u << bit;
  }
}

static void name_take(taking *take, tw_config *config) {
  const char *slash = strrchr(take->path, '/');
  const char *stem = slash ? slash + 1 : take->path;
  size_t length = strcspn(stem, ".");
  if (length == 0 || length >= sizeof config->name) {
    complain(take, "a configuration is named after its file: expected 1 to %zu characters before the dot",
             sizeof config->name - 1);
    return;
  }
  memcpy(config->name, stem, length);
  config->name[length] = '\0';
}

static void l2_take(taking *take, const l2_text *text, tw_l2_config *l2) {
  if (!text) return;
  number_demand(take, "l2.entries", text->entries, 0, TW_MAX_L2_ENTRIES, &l2->entries);
  if (l2->entries) number_demand(take, "l2.ways", text->ways, 1, TW_MAX_L2_WAYS, &l2->ways);
  if (l2->entries) l2->latency = 1;
  number_take(take, "l2.latency", text->latency, l2->latency, TW_MAX_L2_LATENCY, &l2->latency);
  number_take(take, "l2.super_entries", text->super_entries, 0, TW_MAX_TLB_ENTRIES, &l2->super_entries);
  if (!text->replacement || strcmp(text->replacement, "plru") == 0) return;
  l2->replacement = TW_RANDOM;
  if (strcmp(text->replacement, "random") != 0)
    complain(take, "key l2.replacement: expected plru or random, found \"%s\"", text->replacement);
}

/* Main memory holds page tables whose A and D may be updated, I/O does not, unless the file says otherwise. */
static void region_take(taking *take, const region_text *text, tw_pma *region) {
  unsigned bits = 0;
  if (!text->base) complain(take, "key regions.base is missing: expected an address");
  if (text->base) region->base = wide_take(take, &(number_key){"regions.base", text->base, 0, (1ull << 56) - 1});
  number_demand(take, "regions.bits", text->bits, TW_PAGE_BITS, 56, &bits);
  region->bits = (uint8_t)bits;
  truth_take(take, "regions.io", text->io, &region->io);
  region->tables = region->updates = !region->io;
  truth_take(take, "regions.tables", text->tables, &region->tables);
  truth_take(take, "regions.updates", text->updates, &region->updates);
}

static void tlb_take(taking *take, const tlb_text *given, bool fetch, tw_config *config) {
  const tlb_text none = {0}, *text = given ? given : &none;
  number_demand(take, fetch ? "fetch_tlb.entries" : "data_tlb.entries", text->entries, 1, TW_MAX_TLB_ENTRIES,
                fetch ? &config->fetch_entries : &config->data_entries);
  number_take(take, fetch ? "fetch_tlb.slots" : "data_tlb.slots", text->slots, 1, TW_MAX_SLOTS,
              fetch ? &config->fetch_slots : &config->data_slots);
}

static void memory_take(taking *take, const memory_text *text, tw_latency *memory) {
  if (!text) return;
  number_take(take, "memory.latency", text->latency, 1, 1000, &memory->minimum);
  number_take(take, "memory.span", text->span, 0, 1000, &memory->span);
  number_take(take, "memory.stall", text->stall, 0, 1000, &memory->stall_span);
}

static bool text_take(const char *path, const config_text *text, tw_config *config, tw_error *error) {
  taking take = {.path = path, .error = error};
  *config = (tw_config){.fetch_slots = 1, .data_slots = 1, .walkers = 1, .memory = {1, 0, 0}};
  name_take(&take, config);
  mode_take(&take, text->mode, &config->mode);
  if (take.failed) return false;
  const tw_mode_info *mode = tw_mode_row(config->mode);
  config->pa_bits = mode->pa_bits;
  config->asid_bits = mode->asid_bits;
  extensions_take(&take, text->extensions, &config->extensions);
  tlb_take(&take, text->fetch_tlb, true, config);
  tlb_take(&take, text->data_tlb, false, config);
  number_take(&take, "pa_bits", text->pa_bits, 32, mode->pa_bits, &config->pa_bits);
  number_take(&take, "asid_bits", text->asid_bits, 0, mode->asid_bits, &config->asid_bits);
  l2_take(&take, text->l2, &config->l2);
  number_take(&take, "walk_entries", text->walk_entries, 0, TW_MAX_TLB_ENTRIES, &config->walk_entries);
  number_take(&take, "walkers", text->walkers, 1, TW_MAX_WALKERS, &config->walkers);
  number_take(&take, "pmp_entries", text->pmp_entries, 0, TW_PMP_MAX, &config->pmp_entries);
  number_take(&take, "pmp_grain", text->pmp_grain, 0, 20, &config->pmp_grain);
  config->regions.count = text->regions_count;
  for (unsigned i = 0; i < text->regions_count; i++) region_take(&take, &text->regions[i], &config->regions.region[i]);
  memory_take(&take, text->memory, &config->memory);
  tw_error invalid = {0};
  if (!take.failed && !tw_config_validate(config, &invalid)) complain(&take, "%s", invalid.text);
  return !take.failed;
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
  if (!read) return tw_error_set(error, "%s: the file is empty: expected at least mode, fetch_tlb and data_tlb", path);
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
