/* Values from text, with complaints that name the line.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "take.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW(number) ((unsigned long long)(number))

bool take_fail(taking *take, const tree_node *node, const char *format, ...) {
  char text[320];
  if (take->failed) return false;
  take->failed = true;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  for (char *at = text; *at; at++)
    if (iscntrl((unsigned char)*at)) *at = '?';
  if (node->key) return tw_error_set(take->error, "%s:%u: key %.60s: %s", take->path, node->line, node->key, text);
  return tw_error_set(take->error, "%s:%u: %s", take->path, node->line, text);
}

const tree_node *take_blamed(const tree_node *map, const char *key) {
  const tree_node *node = map->kind == TREE_MAP ? map->first : NULL;
  while (node && strcmp(node->key, key) != 0) node = node->next;
  return node ? node : map;
}

tree_node *take_key(taking *take, tree_node *map, const char *key) {
  if (take->failed) return NULL;
  for (tree_node *node = map->first; node; node = node->next) {
    if (strcmp(node->key, key) != 0) continue;
    node->used = true;
    return node;
  }
  return NULL;
}

tree_node *take_kind(taking *take, tree_node *node, tree_kind kind) {
  static const char *const names[] = {"a word or number", "a list", "keys and values"};
  if (take->failed) return NULL;
  if (node->kind == kind) return node;
  take_fail(take, node, "expected %s, found %s", names[kind], names[node->kind]);
  return NULL;
}

bool take_end(taking *take, const tree_node *map) {
  for (const tree_node *node = map->first; node && !take->failed; node = node->next)
    if (!node->used) take_fail(take, node, "there is no such key here");
  return !take->failed;
}

/* The factor that a suffix stands for; 0 if it is none. */
static uint64_t suffix_factor(const char *suffix) {
  static const char letters[] = "KMGT";
  if (!*suffix) return 1;
  const char *found = suffix[1] ? NULL : strchr(letters, *suffix);
  return found ? (uint64_t)1 << (10 * (found - letters + 1)) : 0;
}

bool take_number(taking *take, const tree_node *node, uint64_t low, uint64_t high, uint64_t *number) {
  if (take->failed) return false;
  const char *text = node->kind == TREE_TEXT ? node->text : "";
  const bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  char *end = NULL;
  errno = 0;
  const unsigned long long value = strtoull(text, &end, hexadecimal ? 16 : 10);
  const uint64_t factor = suffix_factor(end);
  const bool digits = isdigit((unsigned char)text[0]) && end != text && !errno;
  if (!digits || !factor || value > UINT64_MAX / factor || value * factor < low || value * factor > high)
    return take_fail(take, node, "expected a whole number, %llu to %llu, found \"%.40s\"", SHOW(low), SHOW(high), text);
  *number = value * factor;
  return true;
}

bool take_truth(taking *take, const tree_node *node, bool *truth) {
  static const char *const words[] = {"false", "true", NULL};
  unsigned index = *truth;
  if (!take_word(take, node, words, &index)) return false;
  *truth = index == 1;
  return true;
}

bool take_text(taking *take, const tree_node *node, const char **text) {
  if (take->failed) return false;
  if (node->kind != TREE_TEXT || !*node->text) return take_fail(take, node, "expected a text");
  if (strlen(node->text) > 1000) return take_fail(take, node, "expected at most 1000 bytes");
  for (const char *at = node->text; *at; at++)
    if (iscntrl((unsigned char)*at)) return take_fail(take, node, "a control character in a text");
  *text = node->text;
  return true;
}

bool take_thousandths(taking *take, const tree_node *node, uint64_t high, uint64_t *number) {
  if (take->failed) return false;
  const char *at = node->kind == TREE_TEXT ? node->text : "";
  uint64_t value = 0;
  unsigned digits = 0, behind = 0;
  for (; isdigit((unsigned char)*at) && digits < 9; at++, digits++) value = value * 10 + (uint64_t)(*at - '0');
  if (digits && *at == '.')
    for (at++; isdigit((unsigned char)*at) && behind < 3; at++, behind++) value = value * 10 + (uint64_t)(*at - '0');
  for (; behind < 3; behind++) value *= 10;
  if (!digits || *at || value > high)
    return take_fail(take, node, "expected a number with at most three decimals, up to %llu.%03llu, found \"%.40s\"",
                     SHOW(high / 1000), SHOW(high % 1000), node->kind == TREE_TEXT ? node->text : "");
  *number = value;
  return true;
}

bool take_word(taking *take, const tree_node *node, const char *const *words, unsigned *index) {
  char all[160] = "";
  if (take->failed) return false;
  for (unsigned i = 0; words[i]; i++) {
    if (node->kind == TREE_TEXT && strcmp(node->text, words[i]) == 0) {
      *index = i;
      return true;
    }
    const size_t used = strlen(all);
    snprintf(all + used, sizeof all - used, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
  }
  return take_fail(take, node, "expected %s, found \"%.40s\"", all, node->kind == TREE_TEXT ? node->text : "");
}

void take_number_key(taking *take, tree_node *map, const char *key, uint64_t low, uint64_t high, uint64_t *number) {
  const tree_node *node = take_key(take, map, key);
  if (node) take_number(take, node, low, high, number);
}

void take_truth_key(taking *take, tree_node *map, const char *key, bool *truth) {
  const tree_node *node = take_key(take, map, key);
  if (node) take_truth(take, node, truth);
}

void take_text_key(taking *take, tree_node *map, const char *key, const char **text) {
  const tree_node *node = take_key(take, map, key);
  if (node) take_text(take, node, text);
}

void take_word_key(taking *take, tree_node *map, const char *key, const char *const *words, unsigned *index) {
  const tree_node *node = take_key(take, map, key);
  if (node) take_word(take, node, words, index);
}

void take_pages_key(taking *take, tree_node *map, const char *key, uint64_t high, uint64_t *bytes) {
  const tree_node *node = take_key(take, map, key);
  if (!node || !take_number(take, node, 0, high, bytes)) return;
  if (*bytes % 4096) take_fail(take, node, "expected a multiple of 4096, found \"%.40s\"", node->text);
}
