/* One line of a file of recorded vectors: words and hexadecimal numbers with a blank between them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "vector_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The next word, cut off in place; "" at the end. */
static char *take_word(char **rest) {
  char *word = *rest;
  char *blank = strchr(word, ' ');
  *rest = blank ? blank + 1 : word + strlen(word);
  if (blank) *blank = '\0';
  return word;
}

static bool take_number(char **rest, int base, uint64_t *number) {
  const char *word = take_word(rest);
  char *end;
  errno = 0;
  *number = strtoull(word, &end, base);
  return *word && *word != '-' && !*end && errno == 0;
}

static bool take_hex(char **rest, uint64_t *number) {
  return take_number(rest, 16, number);
}

/* A decimal number up to a limit. */
static bool take_count(char **rest, unsigned limit, unsigned *count) {
  uint64_t number;
  if (!take_number(rest, 10, &number) || number > limit) return false;
  *count = (unsigned)number;
  return true;
}

/* "svadu+smepmp", or "-" for none. */
static bool take_extensions(char **rest, unsigned *extensions) {
  char *names = take_word(rest);
  *extensions = 0;
  if (strcmp(names, "-") == 0) return true;
  for (char *name = strtok(names, "+"); name; name = strtok(NULL, "+")) {
    unsigned bit = 0;
    while (bit < TW_EXT_COUNT && strcmp(name, tw_extension_name(bit)) != 0) bit++;
    if (bit == TW_EXT_COUNT) return false;
    *extensions |= 1u << bit;
  }
  return *extensions != 0;
}

static bool parse_scene(char *rest, vector_record *record) {
  vector_scene *scene = &record->of.scene;
  const char *class = take_word(&rest);
  const size_t length = strlen(class);
  if (length == 0 || length >= sizeof scene->class) return false;
  memcpy(scene->class, class, length + 1);
  return take_count(&rest, 64, &scene->xlen) && take_extensions(&rest, &scene->extensions) &&
         take_count(&rest, 56, &scene->pa_bits) && take_count(&rest, TW_PMP_MAX, &scene->pmp_count) &&
         take_count(&rest, 20, &scene->pmp_grain) && !*rest;
}

static bool parse_region(char *rest, vector_record *record) {
  unsigned bits, updates;
  uint64_t base;
  if (!take_hex(&rest, &base) || !take_count(&rest, 56, &bits) || !take_count(&rest, 1, &updates)) return false;
  record->of.region = (tw_pma){.base = base, .bits = (uint8_t)bits, .tables = true, .updates = updates};
  return !*rest;
}

static bool parse_word(char *rest, vector_record *record) {
  return take_hex(&rest, &record->of.word.pa) && take_hex(&rest, &record->of.word.value) && !*rest;
}

static bool bank_from_name(const char *name, vector_bank *bank) {
  static const char *const names[] = {[VECTOR_ADDR] = "addr", [VECTOR_CFG] = "cfg", [VECTOR_SEC] = "sec"};
  for (unsigned i = 0; i < 3; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    *bank = (vector_bank)i;
    return true;
  }
  return false;
}

static unsigned bank_last(vector_bank bank) {
  return bank == VECTOR_ADDR ? TW_PMP_MAX - 1 : bank == VECTOR_CFG ? 15 : 0;
}

static bool parse_write(vector_bank bank, char *rest, vector_record *record) {
  vector_write *write = &record->of.write;
  write->written = (vector_register){.bank = bank};
  if (bank != VECTOR_SEC && !take_count(&rest, bank_last(bank), &write->written.index)) return false;
  return take_hex(&rest, &write->written.value) && take_hex(&rest, &write->read) && !*rest;
}

/* "addr15=3fff", "cfg0=1f", "sec=5". */
static bool parse_register(char *word, vector_register *wanted) {
  char *value = strchr(word, '=');
  if (!value) return false;
  *value++ = '\0';
  char *digits = word + strcspn(word, "0123456789");
  wanted->index = 0;
  char *index = digits;
  if (*digits && !take_count(&index, TW_PMP_MAX - 1, &wanted->index)) return false;
  *digits = '\0';
  return bank_from_name(word, &wanted->bank) && wanted->index <= bank_last(wanted->bank) &&
         take_hex(&value, &wanted->value);
}

static bool parse_all(char *rest, vector_record *record) {
  vector_all *all = &record->of.all;
  for (all->count = 0; *rest; all->count++) {
    if (all->count == VECTOR_REGISTERS_MAX) return false;
    if (!parse_register(take_word(&rest), &all->registers[all->count])) return false;
  }
  return true;
}

static bool privilege_from_name(const char *name, tw_privilege *privilege) {
  const tw_privilege levels[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  for (unsigned i = 0; i < 3; i++) {
    if (strcmp(name, tw_privilege_name(levels[i])) != 0) continue;
    *privilege = levels[i];
    return true;
  }
  return false;
}

static bool parse_context(char *rest, vector_record *record) {
  vector_context *context = &record->of.context;
  if (!take_hex(&rest, &context->satp)) return false;
  if (!privilege_from_name(take_word(&rest), &context->status.privilege)) return false;
  if (!privilege_from_name(take_word(&rest), &context->status.mpp)) return false;
  const char *flags = take_word(&rest);
  if (!*flags || flags[strspn(flags, "-msxap")] != '\0' || *rest) return false;
  context->status.mprv = strchr(flags, 'm') != NULL;
  context->sum = strchr(flags, 's') != NULL;
  context->mxr = strchr(flags, 'x') != NULL;
  context->adue = strchr(flags, 'a') != NULL;
  context->pbmte = strchr(flags, 'p') != NULL;
  return true;
}

/* "= pa" or "! cause tval". */
static bool take_answer(char **rest, vector_access *access) {
  const char *sign = take_word(rest);
  access->pa = access->cause = access->tval = 0;
  if (strcmp(sign, "=") == 0) return take_hex(rest, &access->pa);
  return strcmp(sign, "!") == 0 && take_number(rest, 10, &access->cause) && access->cause != 0 &&
         take_hex(rest, &access->tval);
}

static bool parse_access(tw_access kind, char *rest, vector_record *record) {
  vector_access *access = &record->of.access;
  access->request = (tw_request){.access = kind};
  if (!take_hex(&rest, &access->request.va) || !take_count(&rest, 64, &access->request.bytes)) return false;
  if (access->request.bytes == 0 || !take_answer(&rest, access)) return false;
  for (access->changed_count = 0; *rest; access->changed_count++) {
    if (access->changed_count == VECTOR_ENTRIES_MAX) return false;
    char *entry = take_word(&rest);
    char *value = strchr(entry, '=');
    if (!value) return false;
    *value++ = '\0';
    vector_entry *changed = &access->changed[access->changed_count];
    if (!take_hex(&entry, &changed->pa) || !take_hex(&value, &changed->value)) return false;
  }
  return true;
}

static bool parse_end(char *rest, vector_record *record) {
  return take_number(&rest, 10, &record->of.total) && !*rest;
}

static bool access_from_name(const char *name, tw_access *access) {
  for (unsigned i = 0; i < TW_ACCESS_COUNT; i++) {
    if (strcmp(name, tw_access_name((tw_access)i)) != 0) continue;
    *access = (tw_access)i;
    return true;
  }
  return false;
}

bool vector_line_parse(char *line, vector_record *record) {
  static const struct {
    const char *word;
    vector_kind kind;
    bool (*parse)(char *rest, vector_record *record);
  } forms[] = {{"scene", VECTOR_SCENE, parse_scene}, {"region", VECTOR_REGION, parse_region},
               {"word", VECTOR_WORD, parse_word},    {"all", VECTOR_ALL, parse_all},
               {"end", VECTOR_END, parse_end},       {"context", VECTOR_CONTEXT, parse_context}};
  char *rest = line;
  const char *word = take_word(&rest);
  for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    record->kind = forms[i].kind;
    if (strcmp(word, forms[i].word) == 0) return forms[i].parse(rest, record);
  }
  vector_bank bank;
  record->kind = VECTOR_WRITE;
  if (bank_from_name(word, &bank)) return parse_write(bank, rest, record);
  tw_access access;
  record->kind = VECTOR_ACCESS;
  return access_from_name(word, &access) && parse_access(access, rest, record);
}
