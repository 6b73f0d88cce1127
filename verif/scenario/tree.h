/* A YAML file as a tree of texts, lists and maps that knows its lines.
 *
 * It is read with libyaml itself: a message about two segments that overlap is to name the line, and the structures
 * that libcyaml fills have forgotten it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_TREE_H
#define TWINWALK_SCENARIO_TREE_H

#include <stdbool.h>

#include "arena.h"
#include "twinwalk/error.h"

#define TREE_FILE_BYTES (1u << 20)
#define TREE_NODES_MAX 200000u
#define TREE_KEYS_MAX 1000u /* of one map */
#define TREE_DEPTH_MAX 64u

typedef enum tree_kind { TREE_TEXT, TREE_LIST, TREE_MAP } tree_kind;

typedef struct tree_node {
  tree_kind kind;
  unsigned line;          /* from 1 */
  const char *text;       /* of TREE_TEXT */
  const char *key;        /* under which it stands in a map; else NULL */
  bool used;              /* somebody asked for it */
  struct tree_node *next; /* in the list or map */
  struct tree_node *first;
  size_t count; /* of what is below */
} tree_node;

/* Parses text in memory; `path` stands for it in messages. The tree is the arena's. NULL and error (file, line) if it
 * is no YAML, has an alias, two documents, a key twice, or more than the limits above. */
tree_node *tree_parse(const char *path, const char *text, size_t size, arena *memory, tw_error *error);

/* The same from a file. */
tree_node *tree_read(const char *path, arena *memory, tw_error *error);

#endif
