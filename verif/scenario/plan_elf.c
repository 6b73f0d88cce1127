/* Takes ELF programs: what of the file and of its interpreter is mapped where, with which rights.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "plan.h"

#define PAGE 4096u

static elf_image *image_take(planning *plan, const tree_node *node, const char *name) {
  scenario *story = plan->story;
  tw_error error = {""};
  char path[4096];
  elf_image *image = plan_new(plan, node, sizeof *image);
  if (!image) return NULL;
  if (snprintf(path, sizeof path, "%s%s", *name == '/' ? "" : story->folder, name) >= (int)sizeof path) {
    take_fail(&plan->take, node, "the path is too long");
    return NULL;
  }
  if (!elf_image_read(path, &story->memory, image, &error)) {
    take_fail(&plan->take, node, "%s", error.text);
    return NULL;
  }
  if (image->bits != story->layout.bits) {
    take_fail(&plan->take, node, "%.200s is a program of %u bits, the layout %s has %u", path, image->bits,
              story->layout.kernel.name, story->layout.bits);
    return NULL;
  }
  return image;
}

/* What is being made of an image: a list of segments. */
typedef struct loading {
  planning *plan;
  const tree_node *node;
  const char *file, *prefix;
  plan_segment *first, **last;
} loading;

/* text, rodata, data or bss; a second one is text.2. */
static const char *part_name(loading *load, tw_region_use use) {
  const char *word = use == TW_REGION_CODE ? "text" : tw_region_use_name(use);
  char name[64];
  unsigned same = 1;
  for (const plan_segment *other = load->first; other; other = other->next) same += other->use == use;
  if (same == 1) {
    snprintf(name, sizeof name, "%s%s", load->prefix, word);
  } else {
    snprintf(name, sizeof name, "%s%s.%u", load->prefix, word, same);
  }
  return arena_text(&load->plan->story->memory, name, strlen(name));
}

static void part_add(loading *load, const plan_segment *made) {
  plan_segment *segment = plan_new(load->plan, load->node, sizeof *segment);
  if (!segment) return;
  *segment = *made;
  segment->node = load->node;
  segment->name = part_name(load, made->use);
  if (!segment->name) {
    take_fail(&load->plan->take, load->node, "memory is out");
    return;
  }
  *load->last = segment;
  load->last = &segment->next;
}

/* A segment's pages that have bytes of the file, then those that have none. */
static void part_take(loading *load, const elf_part *part) {
  const uint64_t start = part->start / PAGE * PAGE, end = (part->end + PAGE - 1) / PAGE * PAGE;
  const bool has_file = part->file_end > part->start;
  const uint64_t middle = has_file ? (part->file_end + PAGE - 1) / PAGE * PAGE : start;
  const bool writes = (part->prot & TW_PROT_WRITE) != 0;
  const tw_region_use use = part->prot & TW_PROT_EXECUTE ? TW_REGION_CODE : writes ? TW_REGION_DATA : TW_REGION_RODATA;
  if (has_file)
    part_add(load, &(plan_segment){.use = use,
                                   .at = start,
                                   .size = middle - start,
                                   .offset = part->offset / PAGE * PAGE,
                                   .file = load->file,
                                   .zero = writes && part->end > part->file_end ? part->file_end : 0,
                                   .prot = part->prot});
  if (end > middle)
    part_add(load, &(plan_segment){.use = TW_REGION_BSS, .at = middle, .size = end - middle, .prot = part->prot});
}

static plan_segment *parts_take(loading *load, const elf_image *image) {
  load->last = &load->first;
  for (unsigned i = 0; i < image->count && !load->plan->take.failed; i++) part_take(load, &image->parts[i]);
  return load->first;
}

/* A dynamic program's interpreter is the file that it names, unless the scenario names another. */
static void interpreter_take(planning *plan, const tree_node *node, const tree_node *other, plan_program *program) {
  program->interpreter = program->image->interpreter;
  if (other) {
    if (!program->interpreter) take_fail(&plan->take, other, "%.100s names no interpreter", program->elf);
    take_text(&plan->take, other, &program->interpreter);
  }
  if (!program->interpreter || plan->take.failed) return;
  program->interpreter_image = image_take(plan, other ? other : node, program->interpreter);
  if (!program->interpreter_image) return;
  if (program->interpreter_image->interpreter)
    take_fail(&plan->take, node, "the interpreter %.100s has an interpreter itself", program->interpreter);
  loading load = {.plan = plan, .node = node, .file = program->interpreter, .prefix = "interpreter."};
  program->interpreter_parts = parts_take(&load, program->interpreter_image);
}

void plan_elf_take(planning *plan, tree_node *map, plan_program *program) {
  const tree_node *node = take_key(&plan->take, map, "elf");
  const tree_node *other = take_key(&plan->take, map, "interpreter");
  if (other && !node) take_fail(&plan->take, other, "an interpreter without `elf`");
  if (!node || !take_text(&plan->take, node, &program->elf)) return;
  plan->story->has_elf = true;
  program->image = image_take(plan, node, program->elf);
  if (!program->image) return;
  loading load = {.plan = plan, .node = node, .file = program->elf, .prefix = ""};
  program->image_parts = parts_take(&load, program->image);
  interpreter_take(plan, node, other, program);
}
