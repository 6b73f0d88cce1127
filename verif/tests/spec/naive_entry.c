/* What an entry means, naive on purpose.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive_entry.h"

#include <stddef.h>
#include <string.h>

#define X8(c) c c c c c c c c
#define X9(c) X8(c) c
#define X10(c) X9(c) c
#define X12(c) X10(c) c c
#define X16(c) X8(c) X8(c)
#define X17(c) X16(c) c
#define X22(c) X12(c) X10(c)
#define X26(c) X16(c) X10(c)
#define X44(c) X22(c) X22(c)
#define X60(c) X44(c) X16(c)

#define FLAGS "ttDAGUXWRV"
#define UPPER "Nmmeezzzzz"
#define SATP64 "MMMM" X16("A") X44("P")

static const naive_scheme SCHEMES[] = {
    {32, 0, 0, 0, "M" X9("A") X22("P"), NULL, NULL},
    {32, 1, 2, 4, "M" X9("A") X22("P"), X10("1") X10("0") X12("o"), X12("1") X10("0") FLAGS},
    {64, 0, 0, 0, SATP64, NULL, NULL},
    {64, 8, 3, 8, SATP64, X17("s") X8("s") X9("2") X9("1") X9("0") X12("o"), UPPER X26("2") X9("1") X9("0") FLAGS},
    {64, 9, 4, 8, SATP64, X16("s") X9("3") X9("2") X9("1") X9("0") X12("o"),
     UPPER X17("3") X9("2") X9("1") X9("0") FLAGS},
    {64, 10, 5, 8, SATP64, "sssssss" X9("4") X9("3") X9("2") X9("1") X9("0") X12("o"),
     UPPER X8("4") X9("3") X9("2") X9("1") X9("0") FLAGS},
};

const naive_scheme *naive_scheme_of(int xlen, uint64_t satp) {
  naive_bits bits = naive_bits_of(satp, xlen);
  for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
    if (SCHEMES[i].xlen != xlen) continue;
    if (naive_bits_value(&bits, SCHEMES[i].satp, 'M') == (naive_number)SCHEMES[i].satp_mode) return &SCHEMES[i];
  }
  return NULL;
}

/* All bits above the highest one that is translated are copies of it. */
bool naive_sign_extended(const naive_scheme *scheme, const naive_bits *va) {
  size_t copies = strspn(scheme->address, "s");
  for (size_t i = 0; i < copies; i++) {
    if (va->bit[i] != va->bit[copies]) return false;
  }
  return true;
}

naive_number naive_entry_place(const naive_scheme *scheme, naive_number table_page, int level, const naive_bits *va) {
  naive_number index = naive_bits_value(va, scheme->address, (char)('0' + level));
  return table_page * 4096 + index * (unsigned)scheme->entry_bytes;
}

naive_number naive_entry_value(const naive_sight *sight, char letter) {
  return naive_bits_value(&sight->entry, sight->scheme->entry, letter);
}

bool naive_entry_has(const naive_sight *sight, char letter) {
  return naive_bits_any(&sight->entry, sight->scheme->entry, letter);
}

bool naive_entry_is_pointer(const naive_sight *sight) {
  return !naive_entry_has(sight, 'R') && !naive_entry_has(sight, 'W') && !naive_entry_has(sight, 'X');
}

static char digit(int level) {
  return (char)('0' + level);
}

static bool writes(const naive_sight *sight) {
  return sight->kind == 's' || sight->kind == 'a';
}

static bool v_clear(const naive_sight *sight) {
  return !naive_entry_has(sight, 'V');
}

static bool writable_not_readable(const naive_sight *sight) {
  return naive_entry_has(sight, 'W') && !naive_entry_has(sight, 'R');
}

static bool reserved_bit_set(const naive_sight *sight) {
  const naive_extensions *has = sight->extensions;
  return naive_entry_has(sight, 'z') || (naive_entry_has(sight, 'e') && !has->svrsw60t59b) ||
         (naive_entry_has(sight, 'm') && !(has->svpbmt && has->pbmte)) ||
         (naive_entry_has(sight, 'N') && !has->svnapot);
}

static bool bits_of_a_leaf_set(const naive_sight *sight) {
  return naive_entry_has(sight, 'D') || naive_entry_has(sight, 'A') || naive_entry_has(sight, 'U') ||
         naive_entry_has(sight, 'N') || naive_entry_has(sight, 'm');
}

static bool bottom_reached(const naive_sight *sight) {
  return sight->level == 0;
}

static bool memory_type_three(const naive_sight *sight) {
  return naive_entry_value(sight, 'm') == 3;
}

/* Only x xxxx 1000 at level 0 is a size (rule Svnapot_valid_encoding). */
static bool napot_of_no_size(const naive_sight *sight) {
  if (!naive_entry_has(sight, 'N')) return false;
  return sight->level > 0 || naive_entry_value(sight, '0') % 16 != 8;
}

static bool page_misaligned(const naive_sight *sight) {
  for (int level = 0; level < sight->level; level++) {
    if (naive_entry_has(sight, digit(level))) return true;
  }
  return false;
}

static bool user_on_supervisor_page(const naive_sight *sight) {
  return sight->privilege == 'U' && !naive_entry_has(sight, 'U');
}

static bool supervisor_on_user_page(const naive_sight *sight) {
  return sight->privilege == 'S' && naive_entry_has(sight, 'U') && (sight->kind == 'f' || !sight->sum);
}

static bool load_not_allowed(const naive_sight *sight) {
  return sight->kind == 'l' && !naive_entry_has(sight, 'R') && !(sight->mxr && naive_entry_has(sight, 'X'));
}

static bool write_not_allowed(const naive_sight *sight) {
  return writes(sight) && !naive_entry_has(sight, 'W');
}

static bool fetch_not_allowed(const naive_sight *sight) {
  return sight->kind == 'f' && !naive_entry_has(sight, 'X');
}

static bool a_clear(const naive_sight *sight) {
  return !naive_entry_has(sight, 'A');
}

static bool d_clear_for_a_write(const naive_sight *sight) {
  return writes(sight) && !naive_entry_has(sight, 'D');
}

typedef struct question {
  bool (*asked)(const naive_sight *sight);
  tw_reason reason;
} question;

static tw_reason first_yes(const question *list, const naive_sight *sight) {
  while (list->asked && !list->asked(sight)) list++;
  return list->reason;
}

tw_reason naive_entry_fault(const naive_sight *sight) {
  static const question of_pointers[] = {{v_clear, TW_REASON_INVALID},
                                         {reserved_bit_set, TW_REASON_RESERVED_BITS},
                                         {bits_of_a_leaf_set, TW_REASON_POINTER_RESERVED},
                                         {bottom_reached, TW_REASON_NO_LEAF},
                                         {NULL, TW_OK}};
  static const question of_others[] = {{v_clear, TW_REASON_INVALID},
                                       {writable_not_readable, TW_REASON_WRITE_ONLY},
                                       {reserved_bit_set, TW_REASON_RESERVED_BITS},
                                       {memory_type_three, TW_REASON_PBMT_RESERVED},
                                       {napot_of_no_size, TW_REASON_NAPOT_RESERVED},
                                       {page_misaligned, TW_REASON_MISALIGNED},
                                       {NULL, TW_OK}};
  return first_yes(naive_entry_is_pointer(sight) ? of_pointers : of_others, sight);
}

tw_reason naive_entry_denial(const naive_sight *sight) {
  static const question list[] = {
      {user_on_supervisor_page, TW_REASON_USER_DENIED}, {supervisor_on_user_page, TW_REASON_SUPERVISOR_DENIED},
      {load_not_allowed, TW_REASON_READ_DENIED},        {write_not_allowed, TW_REASON_WRITE_DENIED},
      {fetch_not_allowed, TW_REASON_EXECUTE_DENIED},    {NULL, TW_OK}};
  return first_yes(list, sight);
}

tw_reason naive_entry_staleness(const naive_sight *sight) {
  static const question list[] = {
      {a_clear, TW_REASON_ACCESSED_CLEAR}, {d_clear_for_a_write, TW_REASON_DIRTY_CLEAR}, {NULL, TW_OK}};
  return first_yes(list, sight);
}

uint64_t naive_entry_refreshed(const naive_sight *sight) {
  naive_bits entry = sight->entry;
  naive_bits_fill(&entry, sight->scheme->entry, 'A', '1');
  if (writes(sight)) naive_bits_fill(&entry, sight->scheme->entry, 'D', '1');
  return (uint64_t)naive_bits_number(&entry);
}

naive_number naive_entry_page(const naive_sight *sight) {
  naive_bits page = {.length = 0};
  for (int level = sight->scheme->levels - 1; level >= 0; level--) {
    naive_bits field = naive_bits_field(&sight->entry, sight->scheme->entry, digit(level));
    naive_bits_append(&page, &field);
  }
  return naive_bits_number(&page);
}

/* Fields from the leaf's level upwards are the entry's, those below it the address's, and so are the last four bits of
 * a 64 KiB page's number. */
naive_number naive_entry_address(const naive_sight *sight) {
  naive_bits pa = {.length = 0};
  for (int level = sight->scheme->levels - 1; level >= 0; level--) {
    naive_bits ours = naive_bits_field(&sight->va, sight->scheme->address, digit(level));
    naive_bits field = ours;
    if (level >= sight->level) field = naive_bits_field(&sight->entry, sight->scheme->entry, digit(level));
    if (level == 0 && naive_entry_has(sight, 'N')) {
      for (int i = 1; i <= 4; i++) field.bit[field.length - i] = ours.bit[ours.length - i];
    }
    naive_bits_append(&pa, &field);
  }
  naive_bits offset = naive_bits_field(&sight->va, sight->scheme->address, 'o');
  naive_bits_append(&pa, &offset);
  return naive_bits_number(&pa);
}
