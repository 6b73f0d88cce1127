/* Takes a layout from its YAML tree, and checks that its parts can be.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "layout_file.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "take.h"

#define USER_GRAIN ((uint64_t)1 << 24) /* the operating system's side moves regions by this */
#define ENTROPY_MAX 30u                /* bits */

static void name_take(taking *take, const tree_node *root, tw_layout *kernel) {
  const char *slash = strrchr(take->path, '/');
  const char *stem = slash ? slash + 1 : take->path;
  const size_t length = strcspn(stem, ".");
  if (length == 0 || length > TW_LAYOUT_NAME_MAX) {
    take_fail(take, root, "a layout is named after its file: expected 1 to %u characters before the dot",
              TW_LAYOUT_NAME_MAX);
    return;
  }
  memcpy(kernel->name, stem, length);
  kernel->name[length] = '\0';
}

static void mode_take(taking *take, tree_node *root, layout_file *layout) {
  const char *words[TW_MODE_COUNT] = {NULL};
  unsigned index = 0;
  for (unsigned i = TW_SV32; i < TW_MODE_COUNT; i++) words[i - TW_SV32] = tw_mode_row((tw_mode)i)->name;
  const tree_node *node = take_key(take, root, "mode");
  if (!node) {
    take_fail(take, root, "key mode is missing");
  } else if (take_word(take, node, words, &index)) {
    layout->mode = (tw_mode)(TW_SV32 + index);
    layout->bits = tw_mode_row(layout->mode)->xlen;
  }
}

/* An address of a page, which must be there. */
static void address_take(taking *take, tree_node *map, const char *key, uint64_t *address) {
  if (take->failed) return;
  if (!take_key(take, map, key)) {
    take_fail(take, map, "key %s is missing", key);
    return;
  }
  take_pages_key(take, map, key, UINT64_MAX, address);
}

static tree_node *map_take(taking *take, tree_node *root, const char *key) {
  tree_node *node = take_key(take, root, key);
  return node ? take_kind(take, node, TREE_MAP) : NULL;
}

static void mmap_take(taking *take, tree_node *root, layout_file *layout) {
  static const char *const ways[] = {"up", "down", NULL};
  tree_node *node = map_take(take, root, "mmap");
  if (!node) {
    take_fail(take, root, "key mmap is missing");
    return;
  }
  unsigned way = 1;
  take_word_key(take, node, "grows", ways, &way);
  layout->mmap_grows_down = way == 1;
  take_pages_key(take, node, "from", layout->user_end, &layout->mmap_from);
  take_pages_key(take, node, "below-stack", layout->user_end, &layout->mmap_below);
  if (!layout->mmap_from == !layout->mmap_below)
    take_fail(take, node, "expected either `from` or `below-stack`");
  else if (layout->mmap_below && !layout->mmap_grows_down)
    take_fail(take, node, "expected `grows: down` with `below-stack`");
  take_end(take, node);
}

static void entropy_take(taking *take, tree_node *root, layout_file *layout) {
  static const char *const keys[LAYOUT_PART_COUNT] = {"program", "heap", "mmap", "stack"};
  tree_node *node = map_take(take, root, "entropy");
  for (unsigned i = 0; node && i < LAYOUT_PART_COUNT; i++) {
    uint64_t bits = 0;
    take_number_key(take, node, keys[i], 0, ENTROPY_MAX, &bits);
    layout->entropy[i] = (unsigned)bits;
  }
  if (node) take_end(take, node);
}

static void kernel_take(taking *take, tree_node *root, layout_file *layout) {
  tw_layout *kernel = &layout->kernel;
  tree_node *node = map_take(take, root, "kernel");
  uint64_t level = 1;
  if (!node) {
    take_fail(take, root, "key kernel is missing");
    return;
  }
  address_take(take, node, "direct", &kernel->direct_va);
  address_take(take, node, "direct-bytes", &kernel->direct_bytes);
  address_take(take, node, "text", &kernel->text_va);
  take_number_key(take, node, "direct-level", 1, 4, &level);
  kernel->direct_level = (unsigned)level;
  kernel->user_end = layout->user_end + (USER_GRAIN - layout->user_end % USER_GRAIN) % USER_GRAIN;
  take_end(take, node);
  tw_error error = {""};
  if (!take->failed && !tw_layout_check(kernel, layout->mode, &error)) take_fail(take, root, "%s", error.text);
}

/* The parts of a process lie in the user part, with what is drawn. */
static void parts_check(taking *take, tree_node *root, const layout_file *layout) {
  const uint64_t stack_room = LAYOUT_STACK_LIMIT + LAYOUT_STACK_GAP;
  const uint64_t stack_span = (uint64_t)4096 << layout->entropy[LAYOUT_STACK];
  if (layout->stack_end > layout->user_end || layout->program >= layout->user_end ||
      layout->relocated >= layout->user_end) {
    take_fail(take, root, "a part of the process lies behind user-end");
  } else if (layout->stack_end < stack_room + (layout->entropy[LAYOUT_STACK] ? stack_span : 0)) {
    take_fail(take, root, "below stack-end there is no room for a stack of 8 MiB, the 1 MiB below it and its entropy");
  } else if (layout->mmap_below > layout->stack_end) {
    take_fail(take, root, "the mmap area would begin below address 0");
  } else if (layout->program == 0 || layout->relocated == 0) {
    take_fail(take, root, "a program at address 0: null pointers would work");
  }
}

static bool layout_take(taking *take, tree_node *root, layout_file *layout) {
  *layout = (layout_file){.kernel = {.direct_level = 1}};
  if (!take_kind(take, root, TREE_MAP)) return false;
  name_take(take, root, &layout->kernel);
  mode_take(take, root, layout);
  address_take(take, root, "user-end", &layout->user_end);
  if (!take->failed && layout->user_end > (uint64_t)1 << 56) take_fail(take, root, "key user-end: above 2^56");
  address_take(take, root, "program", &layout->program);
  layout->relocated = layout->program;
  take_pages_key(take, root, "relocated", layout->user_end, &layout->relocated);
  address_take(take, root, "stack-end", &layout->stack_end);
  mmap_take(take, root, layout);
  entropy_take(take, root, layout);
  kernel_take(take, root, layout);
  parts_check(take, root, layout);
  return take_end(take, root);
}

bool layout_file_parse(const char *path, const char *text, size_t size, layout_file *layout, tw_error *error) {
  arena memory = {0};
  taking take = {.path = path, .memory = &memory, .error = error};
  tree_node *root = tree_parse(path, text, size, &memory, error);
  const bool taken = root && layout_take(&take, root, layout);
  arena_free(&memory);
  return taken;
}

bool layout_file_read(const char *path, layout_file *layout, tw_error *error) {
  arena memory = {0};
  taking take = {.path = path, .memory = &memory, .error = error};
  tree_node *root = tree_read(path, &memory, error);
  const bool taken = root && layout_take(&take, root, layout);
  arena_free(&memory);
  return taken;
}
