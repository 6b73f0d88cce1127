/* Counts points by a packed key; makes names of the keys when they are asked for.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinwalk/spec.h"

#define SLOTS 8192u /* a power of two, several times the number of points */
#define NAME_BYTES 96u

typedef struct tally_slot {
  uint64_t key; /* 0: free */
  uint64_t count;
} tally_slot;

struct tally {
  tally_slot slots[SLOTS];
};

#define TEXT(name, text) [POINT_##name] = text,
static const char *const TEXTS[POINT_COUNT] = {COVERAGE_POINTS(TEXT)};

static const char *const MODES[] = {"bare", "sv32", "sv39", "sv48", "sv57"};
static const char *const SIZES[] = {"4k", "64k", "2m", "4m", "1g", "512g", "256t"};
static const char *const OUTCOMES[] = {"granted", "denied"};
static const char *const ENDS[] = {"translated", "page-fault", "access-fault", "retry"};
static const char *const STRUCTURES[] = {"walk", "l1", "l2", "walkcache"};
static const char *const WHYS[] = {"bare-u", "bare-s", "machine"};
static const char *const KINDS[] = {"sfence", "sinval"};
static const char *const FORMS[] = {"all", "va", "asid", "va-asid"};
static const char *const BITS[] = {"privilege", "mprv", "mpp", "sum", "mxr", "adue", "pbmte", "pmp"};
static const char *const KILLERS[] = {"fence", "satp", "cancel", "reset"};
static const char *const PRIVILEGES[] = {"u", "s", "hypervisor", "m"};

/* What a field's letter and value read as; digits holds numbers. */
static const char *field_text(char letter, unsigned value, char digits[8]) {
  switch (letter) {
  case 'm':
    return MODES[value];
  case 's':
    return SIZES[value];
  case 'a':
    return tw_access_name((tw_access)value);
  case 'p':
    return PRIVILEGES[value];
  case 'o':
    return OUTCOMES[value];
  case 'e':
    return ENDS[value];
  case 't':
    return STRUCTURES[value];
  case 'r':
    return tw_reason_name((tw_reason)value);
  case 'k':
    return KINDS[value];
  case 'f':
    return FORMS[value];
  case 'u':
    return WHYS[value];
  case 'c':
    return BITS[value];
  case 'b':
    return KILLERS[value];
  case 'x':
    for (unsigned i = 0; i < 4; i++) digits[i] = value >> (3 - i) & 1u ? '1' : '0';
    digits[4] = '\0';
    return digits;
  default:
    snprintf(digits, 8, "%u", value & 0xff);
    return digits;
  }
}

static void name_make(uint64_t key, char name[NAME_BYTES]) {
  unsigned field = 1;
  size_t used = 0;
  char digits[8];
  for (const char *text = TEXTS[key & 0xff]; *text && used < NAME_BYTES - 1; text++) {
    if (*text != '%') {
      name[used++] = *text;
      continue;
    }
    text++;
    const char *word = field_text(*text, (unsigned)(key >> (8 * field++)) & 0xff, digits);
    used += (size_t)snprintf(name + used, NAME_BYTES - used, "%s", word);
  }
  name[used] = '\0';
}

tally *tally_open(void) {
  return calloc(1, sizeof(tally));
}

void tally_close(tally *counts) {
  free(counts);
}

void tally_add(tally *counts, const point_key key) {
  uint64_t packed = 0;
  for (unsigned i = 0; i <= POINT_FIELDS; i++) packed |= (uint64_t)(key[i] & 0xff) << (8 * i);
  uint64_t place = packed * 0x9e3779b97f4a7c15u >> 51;
  tally_slot *slot = &counts->slots[place % SLOTS];
  while (slot->key != packed && slot->key != 0) slot = &counts->slots[++place % SLOTS];
  slot->key = packed;
  slot->count++;
}

uint64_t tally_count(const tally *counts, const char *name) {
  char found[NAME_BYTES];
  for (unsigned i = 0; i < SLOTS; i++) {
    if (counts->slots[i].key == 0) continue;
    name_make(counts->slots[i].key, found);
    if (strcmp(found, name) == 0) return counts->slots[i].count;
  }
  return 0;
}

typedef struct tally_line {
  char name[NAME_BYTES];
  uint64_t count;
} tally_line;

static int line_compare(const void *left, const void *right) {
  return strcmp(((const tally_line *)left)->name, ((const tally_line *)right)->name);
}

static bool lines_write(const tally_line *lines, unsigned count, const char *path, tw_error *error) {
  FILE *file = fopen(path, "w");
  if (!file) return tw_error_set(error, "%s: cannot be written", path);
  for (unsigned i = 0; i < count; i++) fprintf(file, "%s\t%llu\n", lines[i].name, (unsigned long long)lines[i].count);
  bool good = !ferror(file);
  if (fclose(file) == 0 && good) return true;
  remove(path);
  return tw_error_set(error, "%s: cannot be written", path);
}

bool tally_write(const tally *counts, const char *path, tw_error *error) {
  tally_line *lines = calloc(SLOTS, sizeof *lines);
  if (!lines) return tw_error_set(error, "memory is out");
  unsigned count = 0;
  for (unsigned i = 0; i < SLOTS; i++) {
    if (counts->slots[i].key == 0) continue;
    name_make(counts->slots[i].key, lines[count].name);
    lines[count++].count = counts->slots[i].count;
  }
  qsort(lines, count, sizeof *lines, line_compare);
  bool good = lines_write(lines, count, path, error);
  free(lines);
  return good;
}
