/* Writes the translations. Names of reasons, causes and accesses are the oracle's own.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "filters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "paths.h"
#include "twinwalk/mmu.h"
#include "twinwalk/trace.h"

#define FIRST_PROCESS FILTER_PTE
#define VALUES_MAX 256u

static const char *const files[FILTER_COUNT] = {[FILTER_NONE] = "",
                                                [FILTER_STATE] = "state.txt",
                                                [FILTER_SLOT] = "slot.txt",
                                                [FILTER_FENCE] = "fence.txt",
                                                [FILTER_HIT] = "hit.txt",
                                                [FILTER_ATTRIBUTE] = "attribute.txt",
                                                [FILTER_PMP] = "pmp.txt",
                                                [FILTER_KIND] = "kind.txt",
                                                [FILTER_STATUS] = "status.txt",
                                                [FILTER_REASON] = "reason.txt",
                                                [FILTER_CAUSE] = "cause.txt",
                                                [FILTER_PRIVILEGE] = "privilege.txt",
                                                [FILTER_PAGE] = "page.txt",
                                                [FILTER_FLAGS] = "flags.txt",
                                                [FILTER_PTE] = "pte.sh"};

/* GTKWave hands values over a line each and waits for a line; the shell's read takes no more than a line.
 * The shell calculates with 64 signed bits: the entry is cut in two. */
static const char pte_script[] =
    "#!/bin/sh\n"
    "# GTKWave filter: takes a page-table entry, given in hex, apart: flags and physical address.\n"
    "while IFS= read -r hex; do\n"
    "  case $hex in *[!0-9A-Fa-f]*|'') echo \"$hex\"; continue ;; esac\n"
    "  while [ ${#hex} -lt 16 ]; do hex=0$hex; done\n"
    "  high=$((0x${hex%????????})) low=$((0x${hex#????????}))\n"
    "  if [ $high -eq 0 ] && [ $low -eq 0 ]; then echo 0; continue; fi\n"
    "  text=\n"
    "  for flag in 128:D 64:A 32:G 16:U 8:X 4:W 2:R 1:V; do\n"
    "    if [ $((low & ${flag%:*})) -ne 0 ]; then text=$text${flag#*:}; else text=$text-; fi\n"
    "  done\n"
    "  case $((high >> 29 & 3)) in 1) text=$text,NC ;; 2) text=$text,IO ;; 3) text=$text,PBMT=3 ;; esac\n"
    "  if [ $((high >> 31)) -ne 0 ]; then text=$text,64K; fi\n"
    "  address=$(printf '%x' $(((((high & 0x3fffff) << 32 | low) >> 10) << 12)))\n"
    "  if [ $((low & 1)) -eq 0 ]; then echo \"?red?invalid $text $address\"\n"
    "  elif [ $((low & 14)) -eq 0 ]; then echo \"table $address $text\"\n"
    "  else echo \"?dark green?leaf $address $text\"; fi\n"
    "done\n";

const char *wave_filter_file(wave_filter filter) {
  return files[filter];
}

bool wave_filter_is_process(wave_filter filter) {
  return filter >= FIRST_PROCESS;
}

unsigned wave_filter_slot(wave_filter filter) {
  return wave_filter_is_process(filter) ? filter - FIRST_PROCESS + 1u : filter;
}

/* The word for a value; false if it has none. */
typedef bool (*word_of)(tw_mode mode, unsigned value, char *word, size_t size);

static bool from_list(const char *const *list, unsigned count, unsigned value, char *word, size_t size) {
  if (value >= count || !list[value]) return false;
  snprintf(word, size, "%s", list[value]);
  return true;
}

static bool state_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"IDLE",         "?dark blue?REQUEST",   "?dark magenta?WAIT",
                                     "?blue?UPDATE", "?magenta?UPDATE_WAIT", "?dark green?DECIDE"};
  (void)mode;
  return from_list(list, TW_WALKER_STATE_COUNT, value, word, size);
}

static bool slot_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"EMPTY",   "?dark blue?SEARCH",     "?dark blue?SEARCHING",
                                     "WAITING", "?dark magenta?WALKING", "?dark green?DONE"};
  (void)mode;
  return from_list(list, TW_SLOT_STATE_COUNT, value, word, size);
}

static bool fence_word(tw_mode mode, unsigned value, char *word, size_t size) {
  const char *name = tw_fence_kind_name(value);
  (void)mode;
  if (!name) return false;
  snprintf(word, size, "%s", name);
  return true;
}

static bool hit_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"-", "L1", "L2"};
  (void)mode;
  return from_list(list, 3, value, word, size);
}

static bool attribute_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"-", "NC", "IO"};
  (void)mode;
  return from_list(list, 3, value, word, size);
}

static bool pmp_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"pmpcfg", "pmpaddr", "mseccfg"};
  (void)mode;
  return from_list(list, 3, value, word, size);
}

static bool kind_word(tw_mode mode, unsigned value, char *word, size_t size) {
  (void)mode;
  if (value >= TW_ACCESS_COUNT) return false;
  snprintf(word, size, "%s",
           value ? tw_access_name((tw_access)value) : "-"); /* never 0 on the data port but in idleness */
  return true;
}

static bool status_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"translated", "?red?FAULT", "?purple?RETRY"};
  (void)mode;
  return from_list(list, 3, value, word, size);
}

static bool reason_word(tw_mode mode, unsigned value, char *word, size_t size) {
  (void)mode;
  if (value >= TW_REASON_COUNT) return false;
  snprintf(word, size, "%s%s", value ? "?red?" : "", value ? tw_reason_name((tw_reason)value) : "-");
  return true;
}

static bool cause_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const tw_cause causes[] = {TW_CAUSE_FETCH_ACCESS_FAULT, TW_CAUSE_LOAD_ACCESS_FAULT,
                                    TW_CAUSE_STORE_ACCESS_FAULT, TW_CAUSE_FETCH_PAGE_FAULT,
                                    TW_CAUSE_LOAD_PAGE_FAULT,    TW_CAUSE_STORE_PAGE_FAULT};
  (void)mode;
  if (value == 0) snprintf(word, size, "-");
  for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
    if (value == (unsigned)causes[i]) snprintf(word, size, "?red?%s", tw_cause_name(causes[i]));
  }
  return *word != 0;
}

static bool privilege_word(tw_mode mode, unsigned value, char *word, size_t size) {
  static const char *const list[] = {"U", "S", NULL, "M"};
  (void)mode;
  return from_list(list, 4, value, word, size);
}

static bool page_word(tw_mode mode, unsigned value, char *word, size_t size) {
  const tw_mode_info *row = tw_mode_row(mode);
  if (value >= row->levels) return false;
  const unsigned bits = TW_PAGE_BITS + value * row->vpn_bits;
  snprintf(word, size, "%u%c", 1u << bits % 10, " KMGTP"[bits / 10]);
  return true;
}

static bool flags_word(tw_mode mode, unsigned value, char *word, size_t size) {
  char text[9] = "DAGUXWRV";
  (void)mode;
  if (value >= VALUES_MAX) return false;
  for (unsigned i = 0; i < 8; i++) {
    if ((value >> (7 - i) & 1u) == 0) text[i] = '-';
  }
  snprintf(word, size, "%s", text);
  return true;
}

static const struct {
  word_of word;
  unsigned digits; /* hexadecimal digits that GTKWave shows */
} kinds[FIRST_PROCESS] = {
    [FILTER_STATE] = {state_word, 1}, [FILTER_SLOT] = {slot_word, 1},           [FILTER_FENCE] = {fence_word, 1},
    [FILTER_HIT] = {hit_word, 1},     [FILTER_ATTRIBUTE] = {attribute_word, 1}, [FILTER_PMP] = {pmp_word, 1},
    [FILTER_KIND] = {kind_word, 1},   [FILTER_STATUS] = {status_word, 1},       [FILTER_REASON] = {reason_word, 2},
    [FILTER_CAUSE] = {cause_word, 2}, [FILTER_PRIVILEGE] = {privilege_word, 1}, [FILTER_PAGE] = {page_word, 1},
    [FILTER_FLAGS] = {flags_word, 2}};

static bool write_pairs(const char *path, wave_filter filter, tw_mode mode, tw_error *error) {
  char *content = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&content, &size);
  if (!to) return tw_error_set(error, "%s: out of memory", path);
  for (unsigned value = 0; value < VALUES_MAX; value++) {
    char word[64] = "";
    if (kinds[filter].word(mode, value, word, sizeof word)) {
      fprintf(to, "%0*X %s\n", (int)kinds[filter].digits, value, word);
    }
  }
  const bool whole = fclose(to) == 0;
  const bool written = whole && wave_file_write(path, content, size, false, error);
  free(content);
  return whole ? written : tw_error_set(error, "%s: out of memory", path);
}

static bool write_filter(const char *folder, wave_filter filter, tw_mode mode, tw_error *error) {
  char path[WAVE_PATH_BYTES + 32];
  snprintf(path, sizeof path, "%s/%s", folder, files[filter]);
  if (filter == FILTER_PTE) return wave_file_write(path, pte_script, sizeof pte_script - 1, true, error);
  return write_pairs(path, filter, mode, error);
}

static void remove_folder(const char *folder) {
  char path[WAVE_PATH_BYTES + 32];
  for (unsigned filter = 1; filter < FILTER_COUNT; filter++) {
    snprintf(path, sizeof path, "%s/%s", folder, files[filter]);
    (void)remove(path);
  }
  (void)remove(folder);
}

bool wave_filters_write(const char *folder, tw_mode mode, tw_error *error) {
  const bool made = mkdir(folder, 0777) == 0;
  if (!made && errno != EEXIST) return tw_error_set(error, "%s: %s", folder, strerror(errno));
  for (unsigned filter = 1; filter < FILTER_COUNT; filter++) {
    if (write_filter(folder, (wave_filter)filter, mode, error)) continue;
    if (made) remove_folder(folder);
    return false;
  }
  return true;
}
