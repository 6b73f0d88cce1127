/* Which configurations are legal, and the fingerprint of one.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/config.h"

#include <stddef.h>
#include <string.h>

static bool range_check(const char *key, unsigned value, unsigned low, unsigned high, tw_error *error) {
  if (value >= low && value <= high) return true;
  return tw_error_set(error, "%s: expected %u to %u, found %u", key, low, high, value);
}

static bool name_check(const tw_config *config, tw_error *error) {
  const char *end = memchr(config->name, '\0', sizeof config->name);
  if (!end) return tw_error_set(error, "name: expected at most %zu characters", sizeof config->name - 1);
  if (end == config->name) return tw_error_set(error, "name: expected [a-z0-9_-]+, found nothing");
  for (const char *c = config->name; c != end; c++) {
    bool legal = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '-';
    if (!legal) return tw_error_set(error, "name: expected [a-z0-9_-]+, found \"%s\"", config->name);
  }
  return true;
}

bool tw_config_validate(const tw_config *config, tw_error *error) {
  if (!name_check(config, error)) return false;
  if (config->mode != TW_SV32 && config->mode != TW_SV39) {
    const char *found = (unsigned)config->mode < TW_MODE_COUNT ? tw_mode_row(config->mode)->name : "no mode at all";
    return tw_error_set(error, "mode: expected Sv32 or Sv39, found %s", found);
  }
  return range_check("fetch_entries", config->fetch_entries, 1, TW_MAX_TLB_ENTRIES, error) &&
         range_check("data_entries", config->data_entries, 1, TW_MAX_TLB_ENTRIES, error) &&
         range_check("asid_bits", config->asid_bits, 0, tw_mode_row(config->mode)->asid_bits, error) &&
         range_check("memory.minimum", config->memory.minimum, 1, 1000, error) &&
         range_check("memory.span", config->memory.span, 0, 1000, error) &&
         range_check("memory.stall_span", config->memory.stall_span, 0, 1000, error);
}

/* FNV-1a over the fields in the order of the struct, each as four bytes, the lowest first: the same on every host. */
uint64_t tw_config_hash(const tw_config *config) {
  const uint32_t fields[] = {(uint32_t)config->mode,
                             (uint32_t)config->fetch_entries,
                             (uint32_t)config->data_entries,
                             (uint32_t)config->asid_bits,
                             (uint32_t)config->memory.minimum,
                             (uint32_t)config->memory.span,
                             (uint32_t)config->memory.stall_span};
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      hash ^= (fields[i] >> shift) & 0xffu;
      hash *= 0x100000001b3u;
    }
  }
  return hash;
}
