/* The checks of a physical address: width, regions and PMP, whose entries are searched here.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "physical.h"

#include <string.h>

/* What is granted where no entry matches: rules pmp_no_entry_match, mseccfg_mmwp_op_warl. With MML=1 M-mode executes
 * nothing but what a rule lets it execute (Smepmp). */
static uint8_t pmp_background_rights(uint8_t mseccfg, bool machine) {
  if (!machine || mseccfg & TW_MSECCFG_MMWP) return 0;
  return mseccfg & TW_MSECCFG_MML ? TW_PMP_R | TW_PMP_W : PMP_RIGHTS;
}

/* Words of 4 bytes, as pmpaddr counts them: first to end-1; none if end is not above first. */
typedef struct pmp_words {
  uint64_t first, end;
} pmp_words;

/* Makes a stretch end before an entry that lies above the access, or begin after one that lies below. */
static inline void pmp_stretch_end(pmp_words *stretch, uint64_t first) {
  stretch->end = first < stretch->end ? first : stretch->end;
}

static inline void pmp_stretch_begin(pmp_words *stretch, uint64_t end) {
  stretch->first = end > stretch->first ? end : stretch->first;
}

/* Rule pmp_napot_encoding_low_bits: the lowest ones and the zero above them are any bits. Below the grain all bits but
 * the highest are ones (pmp_napot_addr_read_mask): it is the caller who sets them. */
static inline pmp_words pmp_napot_words(uint64_t addr) {
  return (pmp_words){addr & (addr + 1), (addr | (addr + 1)) + 1};
}

/* Whether a NAPOT entry matches nothing of an access, the words first to last; a stretch that it ends is cut. */
static inline bool pmp_napot_aside(uint64_t addr, uint64_t first, uint64_t last, pmp_words *stretch) {
  const pmp_words words = pmp_napot_words(addr);
  if (addr > first) { /* a word of the entry, so that it does not lie below */
    if (words.first <= last) return false;
    pmp_stretch_end(stretch, words.first);
  } else {
    if (words.end > first) return false;
    pmp_stretch_begin(stretch, words.end);
  }
  return true;
}

/* Rules pmp_a_field_encoding, pmp_a_field_tor, pmp_tor_off_addr_read_mask, of an entry that is not off. */
static inline pmp_words pmp_entry_words(const tw_pmp *pmp, size_t index, uint64_t below_grain) {
  const uint64_t addr = pmp->addr[index];
  switch (pmp->cfg[index] & TW_PMP_A) {
  case TW_PMP_TOR:
    return (pmp_words){index == 0 ? 0 : pmp->addr[index - 1] & ~below_grain, addr & ~below_grain};
  case TW_PMP_NA4:
    return (pmp_words){addr, addr + 1};
  default:
    return pmp_napot_words(addr | below_grain >> 1);
  }
}

static inline void pmp_entry_decides(const tw_pmp *pmp, size_t index, pmp_words stretch, pmp_match *match) {
  match->stretch = (pmp_stretch){stretch.first << 2, stretch.end << 2};
  match->entry = (int)index;
  match->user_rights = pmp_entry_rights(pmp->cfg[index], pmp->mseccfg, false);
  match->machine_rights = pmp_entry_rights(pmp->cfg[index], pmp->mseccfg, true);
}

static void pmp_no_entry_decides(const tw_pmp *pmp, pmp_words stretch, pmp_match *match) {
  match->stretch = (pmp_stretch){stretch.first << 2, stretch.end << 2};
  match->entry = -1;
  match->user_rights = pmp_background_rights(pmp->mseccfg, false);
  match->machine_rights = pmp_background_rights(pmp->mseccfg, true);
}

/* How many entries from `addr` on match nothing of an access, if all eight are NAPOT, or NA4, which lies within what
 * NAPOT would match; the stretch is cut by them. */
static inline size_t pmp_eight_aside(const uint64_t addr[8], uint64_t napot_ones, uint64_t first, uint64_t last,
                                     pmp_words *stretch) {
  for (size_t i = 0; i < 8; i++) {
    if (!pmp_napot_aside(addr[i] | napot_ones, first, last, stretch)) return i;
  }
  return 8;
}

/* The first entry from `index` on that may match anything of an access: most of eight entries are told at once that
 * they are off, or are NAPOT and aside. */
static inline size_t pmp_entry_candidate(const tw_pmp *pmp, size_t index, uint64_t napot_ones, uint64_t first,
                                         uint64_t last, pmp_words *stretch) {
  const uint64_t each = UINT64_C(0x0101010101010101);
  while (index + 8 <= pmp->count) {
    uint64_t cfg;
    memcpy(&cfg, &pmp->cfg[index], sizeof cfg);
    size_t aside = 0;
    if ((cfg & TW_PMP_A * each) == 0) aside = 8;
    if ((cfg & TW_PMP_NA4 * each) == TW_PMP_NA4 * each)
      aside = pmp_eight_aside(&pmp->addr[index], napot_ones, first, last, stretch);
    index += aside;
    if (aside < 8) break;
  }
  return index;
}

/* Rules pmp_entry_priority, pmp_full_match_required. */
static inline void pmp_match_find(const tw_pmp *pmp, uint64_t pa, unsigned bytes, pmp_match *match) {
  const uint64_t first = pa >> 2, last = (pa + bytes - 1) >> 2;
  const uint64_t below_grain = ((uint64_t)1 << pmp->grain) - 1;
  pmp_words stretch = {0, UINT64_MAX >> 2};
  for (size_t i = 0; i < pmp->count; i++) {
    if (i % 8 == 0) i = pmp_entry_candidate(pmp, i, below_grain >> 1, first, last, &stretch);
    if (i == pmp->count) break;
    if ((pmp->cfg[i] & TW_PMP_A) == TW_PMP_OFF) continue;
    const pmp_words words = pmp_entry_words(pmp, i, below_grain);
    if (words.end <= first) {
      pmp_stretch_begin(&stretch, words.end);
    } else if (words.first > last) {
      pmp_stretch_end(&stretch, words.first);
    } else if (words.first < words.end) {
      const bool whole = words.first <= first && words.end > last;
      pmp_stretch_begin(&stretch, words.first);
      pmp_stretch_end(&stretch, words.end);
      pmp_entry_decides(pmp, i, whole ? stretch : (pmp_words){0, 0}, match);
      return;
    }
  }
  pmp_no_entry_decides(pmp, stretch, match);
}

bool tw_pmp_check(const tw_pmp *pmp, tw_privilege privilege, tw_access access, uint64_t pa, unsigned bytes) {
  if (!pmp || pmp->count == 0) return true;
  pmp_match match;
  pmp_match_find(pmp, pa, bytes, &match);
  return pmp_stretch_holds(&match.stretch, pa, bytes) && pmp_match_grants(&match, privilege, access);
}

int tw_pmp_match(const tw_pmp *pmp, uint64_t pa, unsigned bytes, bool *whole) {
  pmp_match match;
  pmp_match_find(pmp, pa, bytes, &match);
  *whole = match.entry >= 0 && pmp_stretch_holds(&match.stretch, pa, bytes);
  return match.entry;
}

static bool region_takes(const tw_pma *region, physical_use use) {
  if (!region) return false;
  return use == USE_ACCESS || (use == USE_TABLE_READ ? region->tables : region->updates);
}

tw_reason physical_check_closed(physical_guard *guard, physical_use use, tw_privilege privilege, tw_access access,
                                uint64_t pa, unsigned bytes) {
  if (pa >= guard->end) return physical_denials[use].range;
  const tw_machine *machine = guard->machine; /* there is one: without, all of memory is open */
  const bool regions = machine->regions && machine->regions->count > 0;
  if (regions && !region_takes(tw_pma_find(machine->regions, pa, bytes), use)) return physical_denials[use].pma;
  if (!machine->pmp || machine->pmp->count == 0) return TW_OK;
  pmp_match_find(machine->pmp, pa, bytes, &guard->open);
  const bool granted =
      pmp_stretch_holds(&guard->open.stretch, pa, bytes) && pmp_match_grants(&guard->open, privilege, access);
  if (guard->open.stretch.end > guard->end) guard->open.stretch.end = guard->end;
  if (regions) guard->open.stretch.end = 0;
  return granted ? TW_OK : physical_denials[use].pmp;
}

tw_reason tw_final_check(const tw_context *context, tw_access access, uint64_t pa, unsigned bytes) {
  physical_guard guard;
  physical_guard_make(&guard, context->machine, physical_bits(context));
  return physical_check(&guard, USE_ACCESS, context->privilege, access, pa, bytes);
}

tw_reason tw_table_check(const tw_context *context, tw_access access, uint64_t pa) {
  physical_guard guard;
  physical_guard_make(&guard, context->machine, physical_bits(context));
  const physical_use use = access == TW_LOAD ? USE_TABLE_READ : USE_TABLE_UPDATE;
  return physical_check_table(&guard, use, pa, tw_mode_table[context->satp.mode].pte_bytes);
}
