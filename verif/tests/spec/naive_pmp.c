/* Physical memory protection, naive on purpose.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive_pmp.h"

#include <string.h>

/* Rule mml_truth_table, row by row: what M-mode may do, and what S-mode and U-mode may do. */
static const struct {
  const char *lrwx;
  const char *machine;
  const char *others;
} LOCKDOWN[16] = {
    {"0000", "", ""},  {"0001", "", "x"},  {"0010", "rw", "r"}, {"0011", "rw", "rw"},
    {"0100", "", "r"}, {"0101", "", "rx"}, {"0110", "", "rw"},  {"0111", "", "rwx"},
    {"1000", "", ""},  {"1001", "x", ""},  {"1010", "x", "x"},  {"1011", "rx", "x"},
    {"1100", "r", ""}, {"1101", "rx", ""}, {"1110", "rw", ""},  {"1111", "r", "r"},
};

/* What an access of a kind needs. */
static const char *needs(char kind) {
  return kind == 'f' ? "x" : kind == 'l' ? "r" : kind == 's' ? "w" : "rw";
}

static bool covers(const char *granted, const char *needed) {
  return strspn(needed, granted) == strlen(needed);
}

static bool flag(const naive_bits *config, char letter) {
  return naive_bits_any(config, NAIVE_PMP_CONFIG, letter);
}

/* The row of the table for a configuration. */
static int lockdown_row(const naive_bits *config) {
  const char *order = "LRWX";
  char lrwx[5] = "";
  for (int i = 0; i < 4; i++) lrwx[i] = flag(config, order[i]) ? '1' : '0';
  int row = 0;
  while (strcmp(LOCKDOWN[row].lrwx, lrwx) != 0) row++;
  return row;
}

/* "OFF", "TOR", "NA4" or "NAPOT" (rule pmp_a_field_encoding). */
static const char *matching(const naive_bits *config) {
  static const char *const names[4] = {"OFF", "TOR", "NA4", "NAPOT"};
  return names[(int)naive_bits_value(config, NAIVE_PMP_CONFIG, 'm')];
}

static bool matches_by(const naive_pmp *pmp, int index, const char *name) {
  return strcmp(matching(&pmp->rule[index].config), name) == 0;
}

/* The register as the grain lets it be seen (rules pmp_napot_addr_read_mask, pmp_tor_off_addr_read_mask). */
static naive_bits address_seen(const naive_pmp *pmp, int index, bool as_napot) {
  naive_bits seen = pmp->rule[index].address;
  int hidden = as_napot ? pmp->grain - 1 : pmp->grain;
  for (int i = 1; i <= hidden; i++) seen.bit[seen.length - i] = as_napot ? '1' : '0';
  return seen;
}

/* NAPOT: the ones at the right end, and the zero before them, say how large it is (rule pmp_napot_encoding_low_bits).
 */
static void napot_interval(naive_bits seen, naive_rule *rule) {
  naive_number size = 8;
  int place = seen.length - 1;
  for (; place >= 0 && seen.bit[place] == '1'; place--) {
    seen.bit[place] = '0';
    size *= 2;
  }
  rule->first = naive_bits_number(&seen) * 4;
  rule->end = rule->first + size;
}

/* TOR: from the address before to its own (rule pmp_a_field_tor). */
static void tor_interval(const naive_pmp *pmp, int index, naive_rule *rule) {
  naive_bits top = address_seen(pmp, index, false);
  rule->end = naive_bits_number(&top) * 4;
  rule->first = 0;
  if (index == 0) return;
  naive_bits bottom = address_seen(pmp, index - 1, false);
  rule->first = naive_bits_number(&bottom) * 4;
}

static void interval_settle(naive_pmp *pmp, int index) {
  if (index >= pmp->count) return;
  naive_rule *rule = &pmp->rule[index];
  rule->first = rule->end = 0;
  if (matches_by(pmp, index, "TOR")) tor_interval(pmp, index, rule);
  if (matches_by(pmp, index, "NAPOT")) napot_interval(address_seen(pmp, index, true), rule);
  if (matches_by(pmp, index, "NA4")) {
    rule->first = naive_bits_number(&rule->address) * 4;
    rule->end = rule->first + 4;
  }
}

void naive_pmp_reset(naive_pmp *pmp, int count, int grain, int xlen, bool smepmp) {
  *pmp = (naive_pmp){.count = count, .grain = grain, .xlen = xlen, .smepmp = smepmp};
  for (int i = 0; i < NAIVE_PMP_MOST; i++) {
    pmp->rule[i] = (naive_rule){.config = naive_bits_of(0, 8), .address = naive_bits_of(0, xlen == 32 ? 32 : 54)};
  }
}

static bool locked(const naive_pmp *pmp, int index) {
  return index < pmp->count && flag(&pmp->rule[index].config, 'L') && !pmp->rlb;
}

void naive_pmp_write_config(naive_pmp *pmp, int index, uint8_t value) {
  if (index >= pmp->count || locked(pmp, index)) return;
  naive_bits config = naive_bits_of(value, 8);
  naive_bits_fill(&config, NAIVE_PMP_CONFIG, 'z', '0');
  bool machine_executes = strchr(LOCKDOWN[lockdown_row(&config)].machine, 'x') != NULL;
  if (pmp->mml && !pmp->rlb && machine_executes) return;
  if (!pmp->mml && !flag(&config, 'R')) naive_bits_fill(&config, NAIVE_PMP_CONFIG, 'W', '0');
  if (pmp->grain > 0 && strcmp(matching(&config), "NA4") == 0) {
    naive_bits_fill(&config, NAIVE_PMP_CONFIG, 'm', '1');
  }
  pmp->rule[index].config = config;
  interval_settle(pmp, index);
}

void naive_pmp_write_address(naive_pmp *pmp, int index, uint64_t value) {
  if (index >= pmp->count || locked(pmp, index)) return;
  if (locked(pmp, index + 1) && matches_by(pmp, index + 1, "TOR")) return;
  pmp->rule[index].address = naive_bits_of(value, pmp->rule[index].address.length);
  interval_settle(pmp, index);
  interval_settle(pmp, index + 1);
}

void naive_pmp_write_security(naive_pmp *pmp, uint64_t value) {
  if (!pmp->smepmp) return;
  naive_bits written = naive_bits_of(value, 3);
  bool any_locked = false;
  for (int i = 0; i < pmp->count; i++) any_locked = any_locked || flag(&pmp->rule[i].config, 'L');
  if (pmp->rlb || !any_locked) pmp->rlb = written.bit[0] == '1';
  if (written.bit[1] == '1') pmp->mmwp = true;
  if (written.bit[2] == '1') pmp->mml = true;
}

uint8_t naive_pmp_config(const naive_pmp *pmp, int index) {
  return (uint8_t)naive_bits_number(&pmp->rule[index].config);
}

uint64_t naive_pmp_stored_address(const naive_pmp *pmp, int index) {
  return (uint64_t)naive_bits_number(&pmp->rule[index].address);
}

uint64_t naive_pmp_shown_address(const naive_pmp *pmp, int index) {
  bool naturally_aligned = matches_by(pmp, index, "NAPOT") || matches_by(pmp, index, "NA4");
  naive_bits seen = address_seen(pmp, index, naturally_aligned);
  return (uint64_t)naive_bits_number(&seen);
}

static bool holds(const naive_rule *rule, naive_number byte) {
  return rule->first <= byte && byte < rule->end;
}

int naive_pmp_decider(const naive_pmp *pmp, uint64_t first, int bytes, bool *whole) {
  int lowest = -1;
  for (int i = 0; i < bytes; i++) {
    for (int index = 0; index < pmp->count; index++) {
      if (holds(&pmp->rule[index], (naive_number)first + (unsigned)i) && (lowest < 0 || index < lowest)) {
        lowest = index;
      }
    }
  }
  *whole = lowest >= 0;
  for (int i = 0; i < bytes && lowest >= 0; i++) {
    if (!holds(&pmp->rule[lowest], (naive_number)first + (unsigned)i)) *whole = false;
  }
  return lowest;
}

/* No entry matches (rules pmp_no_entry_match, mseccfg_mmwp_op_warl, mseccfg_mml_exec_code). */
static bool granted_by_default(const naive_pmp *pmp, char privilege, char kind) {
  if (privilege != 'M' || pmp->mmwp) return false;
  return !(pmp->mml && kind == 'f');
}

bool naive_pmp_grants(const naive_pmp *pmp, char privilege, char kind, uint64_t first, int bytes) {
  if (pmp->count == 0) return true;
  bool whole;
  int index = naive_pmp_decider(pmp, first, bytes, &whole);
  if (index < 0) return granted_by_default(pmp, privilege, kind);
  if (!whole) return false;
  const naive_bits *config = &pmp->rule[index].config;
  if (pmp->mml) {
    int row = lockdown_row(config);
    return covers(privilege == 'M' ? LOCKDOWN[row].machine : LOCKDOWN[row].others, needs(kind));
  }
  if (privilege == 'M' && !flag(config, 'L')) return true;
  char granted[4] = "";
  if (flag(config, 'R')) strcat(granted, "r");
  if (flag(config, 'W')) strcat(granted, "w");
  if (flag(config, 'X')) strcat(granted, "x");
  return covers(granted, needs(kind));
}
