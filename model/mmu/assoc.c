/* A fully associative array of keys with tree pseudo-LRU.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "assoc.h"

#include <string.h>

void assoc_reset(assoc *a, unsigned count, uint64_t usual) {
  if (a->filter) {
    memset(a->filter, 0, sizeof *a->filter);
    a->filter->usual = usual;
  }
  a->valid = 0;
  a->tree = 0;
  a->count = count;
  a->leaves = 1;
  while (a->leaves < count) a->leaves *= 2;
  for (unsigned e = 0; e < count; e++) {
    a->keys[e] = KEY_NONE;
    a->masks[e] = KEY_NONE;
  }
}

assoc_path assoc_path_of(const assoc *a, unsigned entry) {
  assoc_path path = {0, 0};
  for (unsigned node = a->leaves + entry; node > 1; node /= 2) {
    uint64_t parent = UINT64_C(1) << (node / 2);
    path.nodes |= parent;
    if (node % 2 == 0) path.away |= parent;
  }
  return path;
}

unsigned assoc_victim(const assoc *a, uint64_t tree) {
  unsigned first = 0;
  unsigned node = 1;
  for (unsigned half = a->leaves / 2; half > 0; half /= 2) {
    bool right = (tree >> node & 1) != 0 && first + half < a->count;
    node = 2 * node + (right ? 1 : 0);
    if (right) first += half;
  }
  return first;
}

static uint64_t matches_find(const assoc *a, uint64_t key) {
  uint64_t matches = 0;
  for (uint64_t left = assoc_candidates(a, key); left; left &= left - 1) {
    unsigned e = (unsigned)__builtin_ctzll(left);
    if (((a->keys[e] ^ key) & a->masks[e]) == 0) matches |= UINT64_C(1) << e;
  }
  return matches;
}

assoc_place assoc_place_find(const assoc *a, uint64_t key, uint64_t tree) {
  uint64_t matches = matches_find(a, key);
  if (matches) return (assoc_place){.entry = (unsigned)__builtin_ctzll(matches), .dropped = matches & (matches - 1)};
  uint64_t all = UINT64_MAX >> (64 - a->count);
  if (a->valid != all) return (assoc_place){.entry = (unsigned)__builtin_ctzll(~a->valid)};
  return (assoc_place){.entry = assoc_victim(a, tree), .evicts = true};
}

/* An entry comes into the filter, or goes out of it. */
static void filter_count(assoc *a, unsigned e, bool in) {
  assoc_filter *filter = a->filter;
  uint64_t bit = UINT64_C(1) << e;
  if ((a->masks[e] & KEY_VPN) == filter->usual) {
    uint8_t *place = assoc_filter_place(filter, a->keys[e]);
    *place = (uint8_t)(in ? *place + 1 : *place - 1);
  } else {
    filter->unusual = in ? filter->unusual | bit : filter->unusual & ~bit;
  }
}

static void entries_drop(assoc *a, uint64_t entries) {
  a->valid &= ~entries;
  for (; entries; entries &= entries - 1) {
    unsigned e = (unsigned)__builtin_ctzll(entries);
    if (a->filter) filter_count(a, e, false);
    a->keys[e] = KEY_NONE;
    a->masks[e] = KEY_NONE;
  }
}

void assoc_write(assoc *a, const assoc_place *place, uint64_t key, uint64_t mask) {
  uint64_t bit = UINT64_C(1) << place->entry;
  uint64_t dropped = place->dropped | (a->valid & bit);
  if (dropped) entries_drop(a, dropped);
  a->keys[place->entry] = key;
  a->masks[place->entry] = mask;
  a->valid |= bit;
  if (a->filter) filter_count(a, place->entry, true);
  assoc_use(a, place->entry);
}

bool assoc_overlaps(const assoc *a, unsigned entry) {
  for (uint64_t left = a->valid & ~(UINT64_C(1) << entry); left; left &= left - 1) {
    unsigned e = (unsigned)__builtin_ctzll(left);
    if (((a->keys[e] ^ a->keys[entry]) & a->masks[e] & a->masks[entry]) == 0) return true;
  }
  return false;
}

uint64_t assoc_revoke(assoc *a, const assoc_fence *fence) {
  uint64_t compared = (fence->has_va ? KEY_VPN : 0) | (fence->has_asid ? KEY_ASID : 0);
  uint64_t demanded = fence->has_asid ? KEY_ASID : 0; /* a global entry has no ASID in its mask */
  uint64_t revoked = 0;
  for (uint64_t left = a->valid; left; left &= left - 1) {
    unsigned e = (unsigned)__builtin_ctzll(left);
    bool same = ((a->keys[e] ^ fence->key) & a->masks[e] & compared) == 0;
    if (same && (a->masks[e] & demanded) == demanded) revoked |= UINT64_C(1) << e;
  }
  entries_drop(a, revoked);
  return revoked;
}
