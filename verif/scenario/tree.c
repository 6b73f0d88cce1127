/* Makes a tree of libyaml's events.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct growing {
  tree_node *node, *last;
} growing;

typedef struct building {
  const char *path;
  arena *memory;
  tw_error *error;
  growing open[TREE_DEPTH_MAX]; /* lists and maps that are not closed yet */
  size_t depth, nodes;
  const char *key; /* of the value that comes next; NULL: a key comes */
  tree_node *root;
} building;

static bool duplicate(const tree_node *map, const char *key) {
  for (const tree_node *node = map->first; node; node = node->next)
    if (strcmp(node->key, key) == 0) return true;
  return false;
}

/* Hangs a node below what is open. */
static bool hang(building *build, tree_node *node) {
  if (!build->depth) {
    if (build->root) return tw_error_set(build->error, "%s:%u: a second document begins", build->path, node->line);
    build->root = node;
    return true;
  }
  growing *above = &build->open[build->depth - 1];
  if (above->node->kind == TREE_MAP) {
    if (above->node->count == TREE_KEYS_MAX)
      return tw_error_set(build->error, "%s:%u: more than %u keys", build->path, node->line, TREE_KEYS_MAX);
    node->key = build->key;
    build->key = NULL;
    if (duplicate(above->node, node->key))
      return tw_error_set(build->error, "%s:%u: key %s: given twice", build->path, node->line, node->key);
  }
  if (above->last) {
    above->last->next = node;
  } else {
    above->node->first = node;
  }
  above->last = node;
  above->node->count++;
  return true;
}

static tree_node *node_make(building *build, tree_kind kind, unsigned line) {
  tree_node *node = arena_take(build->memory, sizeof *node);
  if (!node || ++build->nodes > TREE_NODES_MAX) {
    tw_error_set(build->error, "%s:%u: %s", build->path, line,
                 node ? "the file says more than a scenario can" : "memory is out");
    return NULL;
  }
  *node = (tree_node){.kind = kind, .line = line};
  return node;
}

/* Whether a map is open and its next key is due. */
static bool key_due(const building *build) {
  return build->depth && build->open[build->depth - 1].node->kind == TREE_MAP && !build->key;
}

static bool text_add(building *build, const yaml_event_t *event, unsigned line) {
  const char *value = (const char *)event->data.scalar.value;
  const size_t length = event->data.scalar.length;
  if (memchr(value, '\0', length)) return tw_error_set(build->error, "%s:%u: a NUL in a text", build->path, line);
  const char *copy = arena_text(build->memory, value, length);
  if (!copy) return tw_error_set(build->error, "%s:%u: memory is out", build->path, line);
  if (key_due(build)) {
    build->key = copy;
    return true;
  }
  tree_node *node = node_make(build, TREE_TEXT, line);
  if (!node) return false;
  node->text = copy;
  return hang(build, node);
}

static bool branch_open(building *build, tree_kind kind, unsigned line) {
  if (key_due(build))
    return tw_error_set(build->error, "%s:%u: expected a key, found a list or map", build->path, line);
  if (build->depth == TREE_DEPTH_MAX)
    return tw_error_set(build->error, "%s:%u: more than %u lists and maps in each other", build->path, line,
                        TREE_DEPTH_MAX);
  tree_node *node = node_make(build, kind, line);
  if (!node || !hang(build, node)) return false;
  build->open[build->depth++] = (growing){.node = node};
  return true;
}

static bool event_take(building *build, const yaml_event_t *event) {
  const unsigned line = (unsigned)event->start_mark.line + 1;
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    return text_add(build, event, line);
  case YAML_SEQUENCE_START_EVENT:
    return branch_open(build, TREE_LIST, line);
  case YAML_MAPPING_START_EVENT:
    return branch_open(build, TREE_MAP, line);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    build->depth--;
    return true;
  case YAML_ALIAS_EVENT:
    return tw_error_set(build->error, "%s:%u: an alias: expected everything to be said where it is meant", build->path,
                        line);
  default:
    return true;
  }
}

static bool events_take(building *build, yaml_parser_t *parser) {
  for (bool ended = false; !ended;) {
    yaml_event_t event;
    if (!yaml_parser_parse(parser, &event))
      return tw_error_set(build->error, "%s:%zu: not YAML: %s", build->path, parser->problem_mark.line + 1,
                          parser->problem ? parser->problem : "memory is out");
    ended = event.type == YAML_STREAM_END_EVENT;
    const bool taken = event_take(build, &event);
    yaml_event_delete(&event);
    if (!taken) return false;
  }
  return build->root || tw_error_set(build->error, "%s:1: the file is empty", build->path);
}

tree_node *tree_parse(const char *path, const char *text, size_t size, arena *memory, tw_error *error) {
  building build = {.path = path, .memory = memory, .error = error};
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) {
    tw_error_set(error, "%s: memory is out", path);
    return NULL;
  }
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
  const bool taken = events_take(&build, &parser);
  yaml_parser_delete(&parser);
  return taken ? build.root : NULL;
}

/* A file's bytes, the caller's; NULL and error. */
static char *bytes_read(const char *path, size_t *size, tw_error *error) {
  FILE *file = fopen(path, "re");
  char *text = file ? malloc(TREE_FILE_BYTES + 1) : NULL;
  errno = file && !text ? ENOMEM : errno;
  *size = text ? fread(text, 1, TREE_FILE_BYTES + 1, file) : 0;
  const bool failed = !text || ferror(file);
  const int reason = errno;
  if (file) fclose(file);
  if (!failed && *size <= TREE_FILE_BYTES) return text;
  free(text);
  if (failed) {
    tw_error_set(error, "%s: %s", path, strerror(reason));
  } else {
    tw_error_set(error, "%s: longer than %u bytes", path, TREE_FILE_BYTES);
  }
  return NULL;
}

tree_node *tree_read(const char *path, arena *memory, tw_error *error) {
  size_t size;
  char *text = bytes_read(path, &size, error);
  if (!text) return NULL;
  tree_node *root = tree_parse(path, text, size, memory, error);
  free(text);
  return root;
}
