/* Compares what a trace needs with what there is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "needs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CYCLES_MAX 1000ul

/* The next word of a list that commas and blanks divide; NULL at its end. */
static const char *word_next(const char **at, size_t *length) {
  *at += strspn(*at, ", ");
  const char *word = *at;
  *length = strcspn(word, ", ");
  *at += *length;
  return *length ? word : NULL;
}

static bool is_word(const char *word, size_t length, const char *name) {
  return strlen(name) == length && strncasecmp(word, name, length) == 0;
}

/* The modes of a configuration: the deepest one, and the shallower ones of RV64. */
static bool has_mode(const tw_config *config, tw_mode mode) {
  return mode == TW_BARE || (mode <= config->mode && tw_mode_row(mode)->xlen == tw_mode_row(config->mode)->xlen);
}

static bool mode_check(const char *wanted, const tw_dut_description *design, const tw_config *config, tw_error *error) {
  size_t length;
  for (const char *word; (word = word_next(&wanted, &length));) {
    bool has = false;
    for (unsigned mode = TW_BARE; mode < TW_MODE_COUNT; mode++)
      has = has || (has_mode(config, (tw_mode)mode) && is_word(word, length, tw_mode_row((tw_mode)mode)->name));
    if (!has)
      return tw_error_set(error, "the trace needs mode %.*s; %s in configuration %s has %s%s", (int)length, word,
                          design->name, config->name, tw_mode_row(config->mode)->name,
                          config->mode > TW_SV39 ? " and shallower ones" : "");
  }
  return true;
}

static bool extensions_check(const char *wanted, const tw_dut_description *design, const tw_config *config,
                             tw_error *error) {
  size_t length;
  for (const char *word; (word = word_next(&wanted, &length));) {
    bool has = false;
    for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++)
      has = has || ((config->extensions >> bit & 1) && is_word(word, length, tw_extension_name(bit)));
    if (!has)
      return tw_error_set(error, "the trace needs extension %.*s; %s in configuration %s does not have it", (int)length,
                          word, design->name, config->name);
  }
  return true;
}

static bool number_check(const tw_trace_header *header, const char *key, unsigned has, bool exactly,
                         const tw_dut_description *design, tw_error *error) {
  uint64_t wanted;
  if (!tw_trace_header_number(header, key, has, &wanted, error)) return false;
  if (exactly ? wanted == has : wanted <= has) return true;
  return tw_error_set(error, "the trace has %s: %llu; %s has %u", key, (unsigned long long)wanted, design->name, has);
}

/* While ADUE is 0 a design with Svadu is one with Svade. */
static bool ad_check(const char *wanted, const tw_dut_description *design, const tw_config *config, tw_error *error) {
  if (strcmp(wanted, "any") == 0 || strcmp(wanted, "svade") == 0) return true;
  if (strcmp(wanted, "svadu") == 0 && config->extensions & TW_EXT_SVADU) return true;
  return tw_error_set(error, "the trace has needs.ad: %s; %s in configuration %s has %s", wanted, design->name,
                      config->name, config->extensions & TW_EXT_SVADU ? "svadu" : "svade");
}

static bool key_check(const tw_trace_header *header, const char *key, const char *value,
                      const tw_dut_description *design, const tw_config *config, tw_error *error) {
  const tw_mode_info *mode = tw_mode_row(config->mode);
  if (strcmp(key, "needs.mode") == 0) return mode_check(value, design, config, error);
  if (strcmp(key, "needs.xlen") == 0) return number_check(header, key, mode->xlen, true, design, error);
  if (strcmp(key, "needs.asid-bits") == 0) return number_check(header, key, config->asid_bits, false, design, error);
  if (strcmp(key, "needs.pa-bits") == 0) return number_check(header, key, config->pa_bits, false, design, error);
  if (strcmp(key, "needs.pmp") == 0) return number_check(header, key, config->pmp_entries, false, design, error);
  if (strcmp(key, "needs.ad") == 0) return ad_check(value, design, config, error);
  if (strcmp(key, "needs.extensions") == 0) return extensions_check(value, design, config, error);
  return tw_error_set(error, "the trace has %s: %s, which this bench does not know: refused", key, value);
}

bool tw_needs_check(const tw_trace_header *header, const tw_dut_description *design, const tw_config *config,
                    tw_error *error) {
  for (size_t i = 0; i < header->count; i++) {
    const char *key = header->keys[i], *value = header->values[i];
    if (strncmp(key, "needs.", 6) == 0 && !key_check(header, key, value, design, config, error)) return false;
  }
  return true;
}

bool tw_latency_parse(const char *key, const char *text, tw_latency *latency, tw_error *error) {
  char *end = NULL;
  unsigned long minimum = strtoul(text, &end, 0), span = 0;
  bool good = text[0] >= '0' && text[0] <= '9';
  if (good && *end == '+') {
    const char *rest = end + 1;
    good = rest[0] >= '0' && rest[0] <= '9';
    span = strtoul(rest, &end, 0);
  }
  if (!good || *end || minimum < 1 || minimum > CYCLES_MAX || span > CYCLES_MAX)
    return tw_error_set(error, "%s: expected MIN or MIN+SPAN in cycles, MIN 1 to %lu, SPAN 0 to %lu, found \"%s\"", key,
                        CYCLES_MAX, CYCLES_MAX, text);
  latency->minimum = (unsigned)minimum;
  latency->span = (unsigned)span;
  return true;
}

bool tw_needs_memory(const tw_trace_header *header, tw_memory_options *memory, tw_error *error) {
  const char *latency = tw_trace_header_get(header, "memory.latency");
  uint64_t stall;
  if (latency && !tw_latency_parse("memory.latency", latency, &memory->latency, error)) return false;
  if (!tw_trace_header_number(header, "memory.stall", memory->latency.stall_span, &stall, error) ||
      !tw_trace_header_number(header, "memory.errors", memory->error_rate, &memory->error_rate, error) ||
      !tw_trace_header_number(header, "memory.seed", memory->seed, &memory->seed, error) ||
      !tw_trace_header_number(header, "memory.fill", memory->fill, &memory->fill, error))
    return false;
  if (stall > CYCLES_MAX) return tw_error_set(error, "memory.stall: expected 0 to %lu cycles", CYCLES_MAX);
  memory->latency.stall_span = (unsigned)stall;
  return true;
}
