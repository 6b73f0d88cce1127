/* A record as a line of the text form.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "grammar.h"

/* Where the text goes; `used` also counts what did not fit. */
typedef struct sink {
  char *text;
  size_t size, used;
} sink;

static void put(sink *out, char letter) {
  if (out->used + 1 < out->size) out->text[out->used] = letter;
  out->used++;
}

static void put_text(sink *out, const char *text) {
  for (; *text; text++) put(out, *text);
}

static void put_number(sink *out, uint64_t value, unsigned base) {
  char digits[24];
  unsigned count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  if (base == 16) put_text(out, "0x");
  while (count > 0) put(out, digits[--count]);
}

static void put_quoted(sink *out, const char *name) {
  put(out, '"');
  for (; *name; name++) {
    const unsigned char byte = (unsigned char)*name;
    if (byte == '"' || byte == '\\') put(out, '\\');
    if (byte >= 0x20 && byte < 0x7f) {
      put(out, *name);
    } else {
      put_text(out, "\\x");
      put(out, "0123456789abcdef"[byte >> 4]);
      put(out, "0123456789abcdef"[byte & 15]);
    }
  }
  put(out, '"');
}

static void put_after(sink *out, const tw_after *after) {
  if (after->all) put_text(out, "all");
  for (unsigned i = 0; i < after->count && i < TW_AFTER_MAX; i++) {
    put_text(out, i == 0 ? "-" : ",-");
    put_number(out, after->back[i], 10);
  }
}

static void put_flags(sink *out, uint8_t flags) {
  for (unsigned i = 0; i < 8; i++)
    if (flags & (0x80u >> i)) put(out, GRAMMAR_FLAG_LETTERS[i]);
}

static void put_prot(sink *out, uint8_t prot) {
  for (unsigned i = 0; i < 3; i++) put(out, prot & (1u << i) ? GRAMMAR_PROT_LETTERS[i] : '-');
}

/* A number field's value; false if the field is none. */
static bool field_number(const grammar_field *field, const void *at, uint64_t *value) {
  switch (field->type) {
  case GRAMMAR_HEX:
  case GRAMMAR_DECIMAL64:
    *value = *(const uint64_t *)at;
    return true;
  case GRAMMAR_DECIMAL32:
    *value = *(const uint32_t *)at;
    return true;
  case GRAMMAR_DECIMAL16:
    *value = *(const uint16_t *)at;
    return true;
  case GRAMMAR_DECIMAL8:
    *value = *(const uint8_t *)at;
    return true;
  case GRAMMAR_BIT:
  case GRAMMAR_WORD:
    *value = *(const bool *)at;
    return true;
  case GRAMMAR_FLAGS:
  case GRAMMAR_FENCE:
    *value = *(const uint8_t *)at;
    return true;
  case GRAMMAR_PRIVILEGE:
    *value = (uint64_t) * (const tw_privilege *)at;
    return true;
  default:
    return false;
  }
}

static bool field_is_empty(const grammar_field *field, const void *at) {
  uint64_t value;
  if (field_number(field, at, &value)) return value == 0;
  if (field->type == GRAMMAR_AFTER) return !((const tw_after *)at)->all && ((const tw_after *)at)->count == 0;
  if (field->type == GRAMMAR_NAME) return !*(const char *const *)at || !**(const char *const *)at;
  return false;
}

/* The word of a field whose value has a name; NULL if it has none. */
static const char *field_word(const grammar_field *field, const void *at) {
  switch (field->type) {
  case GRAMMAR_PRIVILEGE:
    return grammar_privilege_name(*(const tw_privilege *)at);
  case GRAMMAR_USE:
    return tw_region_use_name(*(const tw_region_use *)at);
  case GRAMMAR_ADVICE:
    return tw_advice_name(*(const tw_advice *)at);
  case GRAMMAR_REASON:
    return tw_reason_name((tw_reason) * (const uint8_t *)at);
  case GRAMMAR_FENCE:
    return tw_fence_kind_name(*(const uint8_t *)at);
  case GRAMMAR_PMP: {
    const unsigned target = *(const tw_pmp_register *)at;
    return target < TW_PMP_REGISTER_COUNT ? GRAMMAR_PMP_REGISTERS[target] : NULL;
  }
  default:
    return NULL;
  }
}

static void put_value(sink *out, const grammar_field *field, const void *at) {
  uint64_t value = 0;
  const bool number = field_number(field, at, &value);
  const char *word = field_word(field, at);
  switch (field->type) {
  case GRAMMAR_PROT:
    put_prot(out, *(const uint8_t *)at);
    return;
  case GRAMMAR_NAME:
    put_quoted(out, *(const char *const *)at);
    return;
  case GRAMMAR_FLAGS:
    put_flags(out, (uint8_t)value);
    return;
  case GRAMMAR_AFTER:
    put_after(out, at);
    return;
  case GRAMMAR_PRIVILEGE:
  case GRAMMAR_USE:
  case GRAMMAR_ADVICE:
  case GRAMMAR_REASON:
  case GRAMMAR_FENCE:
  case GRAMMAR_PMP:
    put_text(out, word ? word : "?");
    return;
  default:
    if (number) put_number(out, value, field->type == GRAMMAR_HEX ? 16 : 10);
  }
}

static void put_field(sink *out, const grammar_field *field, const tw_record *record) {
  const void *at = (const char *)record + field->offset;
  if (!grammar_expects(field->when, record)) return;
  if (field->when == GRAMMAR_NONZERO && field_is_empty(field, at)) return;
  put(out, ' ');
  if (field->type == GRAMMAR_STATUS) {
    const uint8_t status = *(const uint8_t *)at;
    put_text(out, status < 3 ? GRAMMAR_STATUSES[status] : "?");
    return;
  }
  put_text(out, field->name);
  if (field->type == GRAMMAR_WORD) return;
  put(out, '=');
  put_value(out, field, at);
}

int tw_record_format(const tw_record *record, char *text, size_t size) {
  sink out = {text, size, 0};
  const grammar_form *form = grammar_by_record(record);
  put_text(&out, form ? form->word : "unknown");
  for (unsigned i = 0; form && i < form->count; i++) put_field(&out, &form->fields[i], record);
  if (size > 0) text[out.used < size ? out.used : size - 1] = '\0';
  return out.used > INT_MAX ? INT_MAX : (int)out.used;
}
