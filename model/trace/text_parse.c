/* A line of the text form as a record.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "grammar.h"

#define QUOTE(found) trace_quote_bytes((found), strlen(found)).text

bool trace_number_parse(const char *text, uint64_t *number) {
  const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const unsigned base = hex ? 16 : 10;
  uint64_t value = 0;
  if (hex) text += 2;
  if (!*text) return false;
  for (; *text; text++) {
    unsigned digit;
    if (*text >= '0' && *text <= '9')
      digit = (unsigned)(*text - '0');
    else if (*text >= 'a' && *text <= 'f')
      digit = (unsigned)(*text - 'a') + 10;
    else if (*text >= 'A' && *text <= 'F')
      digit = (unsigned)(*text - 'A') + 10;
    else
      return false;
    if (digit >= base || value > (UINT64_MAX - digit) / base) return false;
    value = value * base + digit;
  }
  *number = value;
  return true;
}

/* Parses a number field; at is NULL if the type is none. */
static bool parse_number(const grammar_field *field, const char *text, void *at, tw_error *error) {
  static const uint64_t MOST[] = {
      [GRAMMAR_HEX] = UINT64_MAX,       [GRAMMAR_DECIMAL64] = UINT64_MAX, [GRAMMAR_DECIMAL32] = UINT32_MAX,
      [GRAMMAR_DECIMAL16] = UINT16_MAX, [GRAMMAR_DECIMAL8] = UINT8_MAX,   [GRAMMAR_BIT] = 1};
  uint64_t value;
  if (!trace_number_parse(text, &value) || value > MOST[field->type])
    return tw_error_set(error, "expected a number from 0 to %llu for `%s`, found `%s`",
                        (unsigned long long)MOST[field->type], field->name, QUOTE(text));
  switch (field->type) {
  case GRAMMAR_DECIMAL32:
    *(uint32_t *)at = (uint32_t)value;
    return true;
  case GRAMMAR_DECIMAL16:
    *(uint16_t *)at = (uint16_t)value;
    return true;
  case GRAMMAR_DECIMAL8:
    *(uint8_t *)at = (uint8_t)value;
    return true;
  case GRAMMAR_BIT:
    *(bool *)at = value != 0;
    return true;
  default:
    *(uint64_t *)at = value;
    return true;
  }
}

static bool parse_privilege(const char *text, tw_privilege *privilege, tw_error *error) {
  static const tw_privilege ALL[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
    if (strcmp(grammar_privilege_name(ALL[i]), text) == 0) {
      *privilege = ALL[i];
      return true;
    }
  return tw_error_set(error, "expected a privilege, U, S or M, found `%s`", QUOTE(text));
}

static bool parse_prot(const char *text, uint8_t *prot, tw_error *error) {
  unsigned bits = 0;
  bool good = strlen(text) == 3;
  for (unsigned i = 0; good && i < 3; i++) {
    if (text[i] == GRAMMAR_PROT_LETTERS[i])
      bits |= 1u << i;
    else
      good = text[i] == '-';
  }
  *prot = (uint8_t)bits;
  return good || tw_error_set(error, "expected a protection such as `r-x`, found `%s`", QUOTE(text));
}

static bool parse_use(const char *text, tw_region_use *use, tw_error *error) {
  for (unsigned i = TW_REGION_CODE; i < TW_REGION_USE_COUNT; i++)
    if (strcmp(tw_region_use_name((tw_region_use)i), text) == 0) {
      *use = (tw_region_use)i;
      return true;
    }
  return tw_error_set(error, "expected a region's use such as `heap`, found `%s`", QUOTE(text));
}

static bool parse_advice(const char *text, tw_advice *advice, tw_error *error) {
  for (unsigned i = TW_ADVICE_HUGE; i < TW_ADVICE_COUNT; i++)
    if (strcmp(tw_advice_name((tw_advice)i), text) == 0) {
      *advice = (tw_advice)i;
      return true;
    }
  return tw_error_set(error, "expected `huge`, `no-huge`, `cold` or `drop` for `advice`, found `%s`", QUOTE(text));
}

static bool parse_flags(const char *text, uint8_t *flags, tw_error *error) {
  unsigned bits = 0;
  for (const char *at = text; *at; at++) {
    const char *letter = strchr(GRAMMAR_FLAG_LETTERS, *at);
    const unsigned bit = letter ? 0x80u >> (letter - GRAMMAR_FLAG_LETTERS) : 0;
    if (bit == 0 || (bits & bit))
      return tw_error_set(error, "expected letters of `DAGUXWRV`, each at most once, found `%s`", QUOTE(text));
    bits |= bit;
  }
  *flags = (uint8_t)bits;
  return true;
}

static bool parse_after(char *text, tw_after *after, tw_error *error) {
  if (strcmp(text, "all") == 0) {
    after->all = true;
    return true;
  }
  for (char *rest = text, *item; (item = strsep(&rest, ",")) != NULL;) {
    uint64_t back;
    if (item[0] != '-' || !trace_number_parse(item + 1, &back) || back == 0 || back > UINT32_MAX ||
        after->count == TW_AFTER_MAX)
      return tw_error_set(error, "expected `all` or at most %u items such as `-1` for `after`, found `%s`",
                          TW_AFTER_MAX, QUOTE(item));
    after->back[after->count++] = (uint32_t)back;
  }
  return true;
}

static bool parse_reason(const char *text, uint8_t *reason, tw_error *error) {
  tw_reason found;
  if (!tw_reason_from_name(text, &found))
    return tw_error_set(error, "expected a reason such as `dirty-clear`, found `%s`", QUOTE(text));
  *reason = (uint8_t)found;
  return true;
}

static bool parse_fence(const char *text, uint8_t *kind, tw_error *error) {
  for (unsigned i = 0; i <= TW_FENCE_SFENCE_INVAL_IR; i++)
    if (tw_fence_kind_name(i) && strcmp(tw_fence_kind_name(i), text) == 0) {
      *kind = (uint8_t)i;
      return true;
    }
  return tw_error_set(error, "expected a fence such as `sinval.vma` for `kind`, found `%s`", QUOTE(text));
}

static bool parse_pmp(const char *text, tw_pmp_register *target, tw_error *error) {
  for (unsigned i = 0; i < TW_PMP_REGISTER_COUNT; i++)
    if (strcmp(GRAMMAR_PMP_REGISTERS[i], text) == 0) {
      *target = (tw_pmp_register)i;
      return true;
    }
  return tw_error_set(error, "expected `cfg`, `addr` or `mseccfg` for `register`, found `%s`", QUOTE(text));
}

static int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

/* Takes the quotes and escapes off; *text was cut by next_token, so a closing quote is there if it began with one. */
static bool parse_name(const char *text, char name[TRACE_MAX_NAME_BYTES + 1], tw_error *error) {
  const size_t length = strlen(text);
  size_t used = 0;
  if (length < 2 || text[0] != '"' || text[length - 1] != '"')
    return tw_error_set(error, "expected a name in double quotes, found `%s`", QUOTE(text));
  for (size_t i = 1; i < length - 1; i++) {
    char byte = text[i];
    if (byte == '\\' && (text[i + 1] == '"' || text[i + 1] == '\\') && i + 1 < length - 1) {
      byte = text[++i];
    } else if (byte == '\\') {
      const int high = text[i + 1] == 'x' ? hex_digit(text[i + 2]) : -1;
      const int low = high < 0 ? -1 : hex_digit(text[i + 3]);
      if (low < 0 || high + low == 0)
        return tw_error_set(error, "expected `\\\\`, `\\\"` or `\\xHH` but not \\x00, found `%s`", QUOTE(text + i));
      byte = (char)(high << 4 | low);
      i += 3;
    } else if (byte == '"') {
      return tw_error_set(error, "expected the end of a name's field after its quote, found `%s`", QUOTE(text + i + 1));
    }
    if (used == TRACE_MAX_NAME_BYTES)
      return tw_error_set(error, "expected a name of at most %u bytes, found a longer one", TRACE_MAX_NAME_BYTES);
    name[used++] = byte;
  }
  name[used] = '\0';
  return true;
}

static bool parse_value(const grammar_field *field, char *text, tw_record *record, char *name, tw_error *error) {
  void *at = (char *)record + field->offset;
  switch (field->type) {
  case GRAMMAR_PRIVILEGE:
    return parse_privilege(text, at, error);
  case GRAMMAR_PROT:
    return parse_prot(text, at, error);
  case GRAMMAR_USE:
    return parse_use(text, at, error);
  case GRAMMAR_ADVICE:
    return parse_advice(text, at, error);
  case GRAMMAR_NAME:
    *(const char **)at = name;
    return parse_name(text, name, error);
  case GRAMMAR_REASON:
    return parse_reason(text, at, error);
  case GRAMMAR_FLAGS:
    return parse_flags(text, at, error);
  case GRAMMAR_AFTER:
    return parse_after(text, at, error);
  case GRAMMAR_FENCE:
    return parse_fence(text, at, error);
  case GRAMMAR_PMP:
    return parse_pmp(text, at, error);
  default:
    return parse_number(field, text, at, error);
  }
}

/* Cuts the next field off; a quoted value may hold blanks. NULL at the end of the line or at a comment. */
static char *next_token(char **rest) {
  char *at = *rest + strspn(*rest, " \t");
  if (!*at || *at == '#') return NULL;
  char *token = at;
  bool quoted = false;
  for (; *at && (quoted || (*at != ' ' && *at != '\t')); at++) {
    if (quoted && *at == '\\' && at[1])
      at++;
    else if (*at == '"')
      quoted = !quoted;
  }
  if (*at) *at++ = '\0';
  *rest = at;
  return token;
}

/* The index of the field that a token names, with its value if it has one; form->count if there is none. */
static unsigned find_field(const grammar_form *form, char *token, char **value, uint8_t *status) {
  for (uint8_t i = 0; form->kind == TW_RECORD_ANSWER && i < 3; i++)
    if (strcmp(token, GRAMMAR_STATUSES[i]) == 0) *status = i;
  char *equals = strchr(token, '=');
  if (equals) *equals = '\0';
  *value = equals ? equals + 1 : NULL;
  unsigned i = 0;
  for (; i < form->count; i++) {
    const grammar_type type = form->fields[i].type;
    if (type == GRAMMAR_STATUS && *status < 3) break;
    if (type != GRAMMAR_STATUS && (type == GRAMMAR_WORD) == !equals && strcmp(form->fields[i].name, token) == 0) break;
  }
  if (i == form->count && equals) *equals = '=';
  return i;
}

static bool take_token(const grammar_form *form, char *token, unsigned *seen, tw_record *record, char *name,
                       tw_error *error) {
  uint8_t status = 3;
  char *value;
  const unsigned i = find_field(form, token, &value, &status);
  if (i == form->count) return tw_error_set(error, "expected a field of `%s`, found `%s`", form->word, QUOTE(token));
  const grammar_field *field = &form->fields[i];
  if (*seen & (1u << i)) return tw_error_set(error, "expected `%s` at most once, found it again", field->name);
  *seen |= 1u << i;
  if (field->when == GRAMMAR_HAS_VA) record->fence.has_va = true;
  if (field->when == GRAMMAR_HAS_ASID) record->fence.has_asid = true;
  if (field->when == GRAMMAR_SWAP) record->store.swap = true;
  if (field->when == GRAMMAR_UPDATE) record->step.update = true;
  if (field->type == GRAMMAR_STATUS)
    record->answer.status = status;
  else if (field->type == GRAMMAR_WORD)
    *(bool *)((char *)record + field->offset) = true;
  else
    return parse_value(field, value, record, name, error);
  return true;
}

/* Whether the fields that were seen are those that the record must have. */
static bool check_fields(const grammar_form *form, unsigned seen, const tw_record *record, tw_error *error) {
  for (unsigned i = 0; i < form->count; i++) {
    const grammar_field *field = &form->fields[i];
    const bool expected = grammar_expects(field->when, record), found = (seen & (1u << i)) != 0;
    const char *shown = field->type == GRAMMAR_STATUS ? "ok`, `fault` or `retry" : field->name;
    if (field->when == GRAMMAR_NONZERO || expected == found) continue;
    if (expected) return tw_error_set(error, "expected `%s` in `%s`, found the end of the line", shown, form->word);
    return tw_error_set(error, "expected no `%s` in this `%s`, found it", shown, form->word);
  }
  return true;
}

bool trace_record_parse(char *line, tw_record *record, char name[TRACE_MAX_NAME_BYTES + 1], tw_error *error) {
  unsigned seen = 0;
  char *rest = line;
  const char *word = next_token(&rest);
  const grammar_form *form = grammar_by_word(word ? word : "");
  if (!form) return tw_error_set(error, "expected a record or `end N`, found `%s`", QUOTE(word ? word : ""));
  memset(record, 0, sizeof *record);
  record->kind = form->kind;
  if (form->kind == TW_RECORD_ACCESS) record->access.kind = form->access;
  if (form->kind == TW_RECORD_MAP) record->map.name = "";
  if (form->kind == TW_RECORD_PROCESS || form->kind == TW_RECORD_EXEC) record->name = "";
  for (char *token; (token = next_token(&rest)) != NULL;)
    if (!take_token(form, token, &seen, record, name, error)) return false;
  return check_fields(form, seen, record, error);
}
