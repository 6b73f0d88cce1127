/* Takes values out of a YAML tree: numbers, sizes, words. The first complaint stays, with file, line and key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_TAKE_H
#define TWINWALK_SCENARIO_TAKE_H

#include <stdint.h>

#include "tree.h"

typedef struct taking {
  const char *path;
  arena *memory;
  tw_error *error;
  bool failed;
} taking;

/* Complains about a node: "PATH:LINE: key KEY: ...". Always false. */
__attribute__((format(printf, 3, 4))) bool take_fail(taking *take, const tree_node *node, const char *format, ...);

/* What to complain about: the value of a key of a map; the map itself if the key is not there. */
const tree_node *take_blamed(const tree_node *map, const char *key);

/* The value of a key of a map, which counts as used; NULL if it is not there, or after a complaint. */
tree_node *take_key(taking *take, tree_node *map, const char *key);
/* The value, which must be there and be of a kind; NULL and a complaint if not. */
tree_node *take_kind(taking *take, tree_node *node, tree_kind kind);
/* Complains about keys that nobody asked for. False after any complaint. */
bool take_end(taking *take, const tree_node *map);

/* All of these: false and a complaint if the node is no such thing. Whole numbers are decimal or hexadecimal, and may
 * end in K, M, G or T. */
bool take_number(taking *take, const tree_node *node, uint64_t low, uint64_t high, uint64_t *number);
bool take_truth(taking *take, const tree_node *node, bool *truth);
bool take_text(taking *take, const tree_node *node, const char **text); /* not empty; the tree's */
/* A decimal fraction in thousandths, such as 0.99 is 990. */
bool take_thousandths(taking *take, const tree_node *node, uint64_t high, uint64_t *number);
/* One of the words; the list ends with NULL. */
bool take_word(taking *take, const tree_node *node, const char *const *words, unsigned *index);

/* The same of a key of a map; what it would be stays as it is if the key is not there. */
void take_number_key(taking *take, tree_node *map, const char *key, uint64_t low, uint64_t high, uint64_t *number);
void take_truth_key(taking *take, tree_node *map, const char *key, bool *truth);
void take_text_key(taking *take, tree_node *map, const char *key, const char **text);
void take_word_key(taking *take, tree_node *map, const char *key, const char *const *words, unsigned *index);
/* Whole pages. */
void take_pages_key(taking *take, tree_node *map, const char *key, uint64_t high, uint64_t *bytes);

#endif
