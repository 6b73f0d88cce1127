/* Compares what a trace needs with what there is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "needs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CYCLES_MAX 1000ul

static bool mode_check(const char *wanted, const tw_dut_description *design, const tw_config *config, tw_error *error) {
  for (const char *at = wanted; *at;) {
    size_t length = strcspn(at, ", ");
    bool has = length == 4 && strncasecmp(at, "Bare", 4) == 0;
    const char *name = tw_mode_row(config->mode)->name;
    if (design->modes >> config->mode & 1) has = has || (strlen(name) == length && strncasecmp(at, name, length) == 0);
    if (!has)
      return tw_error_set(error, "the trace needs mode %.*s; %s in configuration %s has %s", (int)length, at,
                          design->name, config->name, name);
    at += length;
    at += strspn(at, ", ");
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

static bool ad_check(const char *wanted, const tw_dut_description *design, tw_error *error) {
  if (strcmp(wanted, "any") == 0) return true;
  if (strcmp(wanted, "svade") == 0 && design->ad == TW_DUT_SVADE) return true;
  return tw_error_set(error, "the trace has needs.ad: %s; %s has %s", wanted, design->name,
                      design->ad == TW_DUT_SVADE ? "svade" : "svadu");
}

bool tw_needs_check(const tw_trace_header *header, const tw_dut_description *design, const tw_config *config,
                    tw_error *error) {
  const tw_mode_info *mode = tw_mode_row(config->mode);
  for (size_t i = 0; i < header->count; i++) {
    const char *key = header->keys[i], *value = header->values[i];
    if (strncmp(key, "needs.", 6) != 0) continue;
    bool has = true;
    if (strcmp(key, "needs.mode") == 0) {
      has = mode_check(value, design, config, error);
    } else if (strcmp(key, "needs.xlen") == 0) {
      has = number_check(header, key, mode->xlen, true, design, error);
    } else if (strcmp(key, "needs.asid-bits") == 0) {
      has = number_check(header, key, config->asid_bits, false, design, error);
    } else if (strcmp(key, "needs.pa-bits") == 0) {
      has = number_check(header, key, mode->pa_bits, false, design, error);
    } else if (strcmp(key, "needs.ad") == 0) {
      has = ad_check(value, design, error);
    } else {
      has = tw_error_set(error, "the trace has %s: %s, which this bench does not know: refused", key, value);
    }
    if (!has) return false;
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
