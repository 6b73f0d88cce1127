/* Which configurations are legal, and the fingerprint of one. Complaints name the keys of a configuration file.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MEMORY_CYCLES 1000u /* the longest latency, span and stall of the page-table memory */
#define PA_BITS_LEAST 32u
#define PMP_GRAIN_MOST 20u
#define L2_ENTRIES_LEAST 16u
#define EXTENSIONS_ALL ((1u << TW_EXT_COUNT) - 1u)
#define EXTENSIONS_RV32 ((unsigned)(TW_EXT_SVADU | TW_EXT_SVINVAL | TW_EXT_SVVPTC | TW_EXT_SMEPMP))

/* A key, what was found, and what it may be. */
typedef struct range {
  const char *key;
  unsigned value, low, high;
} range;

static bool range_check(const range *r, tw_error *error) {
  if (r->value >= r->low && r->value <= r->high) return true;
  if (r->low == r->high) return tw_error_set(error, "%s: expected %u, found %u", r->key, r->low, r->value);
  return tw_error_set(error, "%s: expected %u to %u, found %u", r->key, r->low, r->high, r->value);
}

static bool ranges_check(const range *ranges, size_t count, tw_error *error) {
  for (size_t i = 0; i < count; i++) {
    if (!range_check(&ranges[i], error)) return false;
  }
  return true;
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

static bool mode_check(const tw_config *config, tw_error *error) {
  unsigned mode = (unsigned)config->mode;
  if (mode > TW_BARE && mode < TW_MODE_COUNT) return true;
  return tw_error_set(error, "mode: expected Sv32, Sv39, Sv48 or Sv57, found %s",
                      mode == TW_BARE ? "Bare" : "no mode at all");
}

static bool extensions_check(const tw_config *config, tw_error *error) {
  if (config->extensions & ~EXTENSIONS_ALL)
    return tw_error_set(error, "extensions: expected bits 0 to %u, found 0x%x", TW_EXT_COUNT - 1u, config->extensions);
  unsigned wrong = config->mode == TW_SV32 ? config->extensions & ~EXTENSIONS_RV32 : 0;
  for (unsigned bit = 0; bit < TW_EXT_COUNT; bit++) {
    if (wrong >> bit & 1u)
      return tw_error_set(error, "extensions: expected svadu, svinval, svvptc and smepmp at most with Sv32, found %s",
                          tw_extension_name(bit));
  }
  return true;
}

static bool sizes_check(const tw_config *config, tw_error *error) {
  const tw_mode_info *row = tw_mode_row(config->mode);
  const range ranges[] = {{"pa_bits", config->pa_bits, PA_BITS_LEAST, row->pa_bits},
                          {"asid_bits", config->asid_bits, 0, row->asid_bits},
                          {"fetch_tlb.entries", config->fetch_entries, 1, TW_MAX_TLB_ENTRIES},
                          {"data_tlb.entries", config->data_entries, 1, TW_MAX_TLB_ENTRIES},
                          {"fetch_tlb.slots", config->fetch_slots, 1, TW_MAX_SLOTS},
                          {"data_tlb.slots", config->data_slots, 1, TW_MAX_SLOTS},
                          {"walk_entries", config->walk_entries, 0, TW_MAX_TLB_ENTRIES},
                          {"walkers", config->walkers, 1, TW_MAX_WALKERS},
                          {"pmp_grain", config->pmp_grain, 0, PMP_GRAIN_MOST},
                          {"memory.latency", config->memory.minimum, 1, MEMORY_CYCLES},
                          {"memory.span", config->memory.span, 0, MEMORY_CYCLES},
                          {"memory.stall", config->memory.stall_span, 0, MEMORY_CYCLES}};
  return ranges_check(ranges, sizeof ranges / sizeof ranges[0], error);
}

/* Without an L2 TLB nothing may be said of it: two configurations that are the same have one fingerprint. */
static bool l2_none_check(const tw_l2_config *l2, tw_error *error) {
  const range ranges[] = {{"l2.ways (without l2.entries)", l2->ways, 0, 0},
                          {"l2.latency (without l2.entries)", l2->latency, 0, 0},
                          {"l2.super_entries (without l2.entries)", l2->super_entries, 0, 0}};
  if (!ranges_check(ranges, sizeof ranges / sizeof ranges[0], error)) return false;
  if (l2->replacement == TW_PLRU) return true;
  return tw_error_set(error, "l2.replacement: expected nothing without l2.entries");
}

static bool l2_check(const tw_l2_config *l2, tw_error *error) {
  if (l2->entries == 0) return l2_none_check(l2, error);
  if (l2->entries < L2_ENTRIES_LEAST || l2->entries > TW_MAX_L2_ENTRIES)
    return tw_error_set(error, "l2.entries: expected 0, or %u to %u, found %u", L2_ENTRIES_LEAST, TW_MAX_L2_ENTRIES,
                        l2->entries);
  const range ranges[] = {{"l2.ways", l2->ways, 1, TW_MAX_L2_WAYS},
                          {"l2.latency", l2->latency, 1, TW_MAX_L2_LATENCY},
                          {"l2.super_entries", l2->super_entries, 0, TW_MAX_TLB_ENTRIES}};
  if (!ranges_check(ranges, sizeof ranges / sizeof ranges[0], error)) return false;
  unsigned sets = l2->entries / l2->ways;
  if (l2->entries % l2->ways || (sets & (sets - 1)))
    return tw_error_set(error, "l2.entries: expected l2.ways (%u) times a power of two, found %u", l2->ways,
                        l2->entries);
  if (l2->replacement == TW_PLRU || l2->replacement == TW_RANDOM) return true;
  return tw_error_set(error, "l2.replacement: expected plru or random, found number %u", (unsigned)l2->replacement);
}

static bool pmp_check(const tw_config *config, tw_error *error) {
  if (config->pmp_entries == 0 || config->pmp_entries == 16 || config->pmp_entries == 64) return true;
  return tw_error_set(error, "pmp_entries: expected 0, 16 or 64, found %u", config->pmp_entries);
}

static bool regions_overlap(const tw_pma *a, const tw_pma *b) {
  unsigned bits = a->bits > b->bits ? a->bits : b->bits;
  return a->base >> bits ==
         b->base >> bits; /* naturally aligned: the larger one holds the smaller, or they are apart */
}

static bool region_check(const tw_pma_table *table, unsigned number, tw_error *error) {
  const tw_pma *region = &table->region[number];
  char key[32];
  snprintf(key, sizeof key, "regions[%u].bits", number);
  if (!range_check(&(range){key, region->bits, TW_PAGE_BITS, 56}, error)) return false;
  if (region->base & ((UINT64_C(1) << region->bits) - 1) || region->base >> 56)
    return tw_error_set(error, "regions[%u].base: expected a multiple of 2^%u below 2^56, found 0x%llx", number,
                        (unsigned)region->bits, (unsigned long long)region->base);
  for (unsigned other = 0; other < number; other++) {
    if (regions_overlap(region, &table->region[other]))
      return tw_error_set(error, "regions[%u]: expected no overlap, found one with regions[%u]", number, other);
  }
  return true;
}

static bool regions_check(const tw_pma_table *table, tw_error *error) {
  if (table->count > TW_PMA_MAX)
    return tw_error_set(error, "regions: expected at most %u, found %u", TW_PMA_MAX, table->count);
  for (unsigned number = 0; number < table->count; number++) {
    if (!region_check(table, number, error)) return false;
  }
  return true;
}

bool tw_config_validate(const tw_config *config, tw_error *error) {
  return name_check(config, error) && mode_check(config, error) && extensions_check(config, error) &&
         sizes_check(config, error) && l2_check(&config->l2, error) && pmp_check(config, error) &&
         regions_check(&config->regions, error);
}

/* FNV-1a over eight bytes, the lowest first: the same on every host. */
static uint64_t hash_add(uint64_t hash, uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    hash ^= (value >> shift) & 0xffu;
    hash *= 0x100000001b3u;
  }
  return hash;
}

uint64_t tw_config_hash(const tw_config *config) {
  const unsigned fields[] = {(unsigned)config->mode,   config->extensions,        config->pa_bits,
                             config->asid_bits,        config->fetch_entries,     config->data_entries,
                             config->fetch_slots,      config->data_slots,        config->l2.entries,
                             config->l2.ways,          config->l2.latency,        (unsigned)config->l2.replacement,
                             config->l2.super_entries, config->walk_entries,      config->walkers,
                             config->pmp_entries,      config->pmp_grain,         config->memory.minimum,
                             config->memory.span,      config->memory.stall_span, config->regions.count};
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) hash = hash_add(hash, fields[i]);
  for (unsigned i = 0; i < config->regions.count && i < TW_PMA_MAX; i++) {
    const tw_pma *region = &config->regions.region[i];
    unsigned kind = (region->io ? 1u : 0u) | (region->tables ? 2u : 0u) | (region->updates ? 4u : 0u);
    hash = hash_add(hash_add(hash_add(hash, region->base), region->bits), kind);
  }
  return hash;
}
