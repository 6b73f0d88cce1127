/* Takes programs: segments by hand, stack, arguments, and pages that are to lie in certain frames.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plan.h"

#define STACK_DEFAULT (132u << 10) /* what Linux maps of a stack at first, more or less */
#define SIZE_MAX_BYTES ((uint64_t)1 << 47)
#define PA_END ((uint64_t)1 << 56)
#define ARGUMENTS_MAX 1000u

static void segment_use_take(planning *plan, tree_node *map, plan_segment *segment) {
  static const char *const words[] = {"code", "rodata", "data", "bss", "mapped", "file", "guard", NULL};
  static const tw_region_use uses[] = {TW_REGION_CODE,   TW_REGION_RODATA, TW_REGION_DATA, TW_REGION_BSS,
                                       TW_REGION_MAPPED, TW_REGION_FILE,   TW_REGION_GUARD};
  unsigned index = segment->use == TW_REGION_FILE ? 5 : 4;
  for (unsigned i = 0; i < 4; i++)
    if (strcmp(segment->name, words[i]) == 0) index = i;
  if (strcmp(segment->name, "text") == 0) index = 0;
  take_word_key(&plan->take, map, "use", words, &index);
  segment->use = uses[index];
}

void plan_prot_take(taking *take, tree_node *map, const char *key, uint8_t *prot) {
  static const char letters[] = "rwx";
  const tree_node *node = take_key(take, map, key);
  if (!node) return;
  const char *text = node->kind == TREE_TEXT ? node->text : "";
  unsigned rights = 0;
  bool good = strlen(text) == 3;
  for (unsigned i = 0; i < 3 && good; i++) {
    good = text[i] == letters[i] || text[i] == '-';
    if (text[i] == letters[i]) rights |= 1u << i;
  }
  if (!good) {
    take_fail(take, node, "expected rights such as r-x, found \"%.40s\"", text);
    return;
  }
  *prot = (uint8_t)rights;
}

static uint8_t prot_of(tw_region_use use) {
  switch (use) {
  case TW_REGION_CODE:
    return TW_PROT_READ | TW_PROT_EXECUTE;
  case TW_REGION_RODATA:
  case TW_REGION_FILE:
    return TW_PROT_READ;
  case TW_REGION_GUARD:
    return 0;
  default:
    return TW_PROT_READ | TW_PROT_WRITE;
  }
}

static const plan_object *object_take(planning *plan, tree_node *map) {
  const tree_node *node = take_key(&plan->take, map, "object");
  const char *name;
  if (!node || !take_text(&plan->take, node, &name)) return NULL;
  for (const plan_object *object = plan->story->objects; object; object = object->next)
    if (strcmp(object->name, name) == 0) return object;
  take_fail(&plan->take, node, "there is no object \"%.60s\" in `objects`", name);
  return NULL;
}

static void segment_check(planning *plan, const tree_node *node, const plan_object *object, plan_segment *segment) {
  static const char *const taken[] = {"heap", "stack", "kernel", "kernel-text"};
  for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
    if (strcmp(segment->name, taken[i]) == 0)
      take_fail(&plan->take, take_blamed(node, "name"), "the name %s is taken", taken[i]);
  if (!segment->size) take_fail(&plan->take, node, "key size is missing: expected bytes");
  segment->size = (segment->size + 4095) / 4096 * 4096;
  if (!object && segment->offset) take_fail(&plan->take, take_blamed(node, "offset"), "an offset without an object");
  if (object && (segment->offset > object->size || segment->size > object->size - segment->offset))
    take_fail(&plan->take, take_blamed(node, "object"),
              "0x%llx bytes at offset 0x%llx reach beyond the 0x%llx bytes of object %.60s",
              (unsigned long long)segment->size, (unsigned long long)segment->offset, (unsigned long long)object->size,
              object->name);
  if (object && object->memory && !segment->shared)
    take_fail(&plan->take, take_blamed(node, "object"), "object %.60s is shared memory: expected shared: true",
              object->name);
}

plan_segment *plan_segment_take(planning *plan, tree_node *node, bool mmap) {
  taking *take = &plan->take;
  plan_segment *segment = plan_new(plan, node, sizeof *segment);
  if (!segment || !take_kind(take, node, TREE_MAP)) return NULL;
  segment->node = node;
  segment->name = "";
  take_text_key(take, node, "name", &segment->name);
  if (!*segment->name) take_fail(take, node, "key name is missing");
  const plan_object *object = object_take(plan, node);
  if (take->failed) return NULL;
  segment->use = object && !object->memory ? TW_REGION_FILE : TW_REGION_MAPPED;
  segment->file = object ? object->name : NULL;
  if (!mmap) segment_use_take(plan, node, segment);
  segment->prot = prot_of(segment->use);
  plan_prot_take(take, node, "prot", &segment->prot);
  take_number_key(take, node, "size", 1, SIZE_MAX_BYTES, &segment->size);
  take_pages_key(take, node, "at", PA_END, &segment->at);
  take_pages_key(take, node, "offset", PA_END, &segment->offset);
  take_truth_key(take, node, "shared", &segment->shared);
  if (!take->failed) segment_check(plan, node, object, segment);
  return take_end(take, node) ? segment : NULL;
}

static void segments_take(planning *plan, tree_node *map, plan_program *program) {
  tree_node *list = plan_list_take(plan, map, "segments");
  plan_segment **last = &program->segments;
  for (tree_node *node = list ? list->first : NULL; node && !plan->take.failed; node = node->next) {
    *last = plan_segment_take(plan, node, false);
    for (const plan_segment *other = program->segments; *last && other != *last; other = other->next)
      if (strcmp(other->name, (*last)->name) == 0)
        take_fail(&plan->take, take_blamed(node, "name"), "there are two segments %.60s", other->name);
    if (*last) last = &(*last)->next;
  }
}

static void places_take(planning *plan, tree_node *map, plan_program *program) {
  tree_node *list = plan_list_take(plan, map, "place");
  plan_place **last = &program->places;
  for (tree_node *node = list ? list->first : NULL; node && !plan->take.failed; node = node->next) {
    plan_place *place = plan_new(plan, node, sizeof *place);
    if (!place || !take_kind(&plan->take, node, TREE_MAP)) return;
    place->node = node;
    if (!take_key(&plan->take, node, "page") || !take_key(&plan->take, node, "frame"))
      take_fail(&plan->take, node, "expected page and frame, both addresses");
    take_pages_key(&plan->take, node, "page", PA_END, &place->page);
    take_pages_key(&plan->take, node, "frame", PA_END - 4096, &place->frame);
    take_end(&plan->take, node);
    *last = place;
    last = &place->next;
  }
}

static void arguments_take(planning *plan, tree_node *map, plan_program *program) {
  tree_node *list = take_key(&plan->take, map, "arguments");
  plan_text **last = &program->arguments;
  if (!list || !take_kind(&plan->take, list, TREE_LIST)) return;
  program->has_arguments = true;
  if (list->count > ARGUMENTS_MAX) take_fail(&plan->take, list, "more than %u arguments", ARGUMENTS_MAX);
  for (tree_node *node = list->first; node && !plan->take.failed; node = node->next) {
    plan_text *argument = plan_new(plan, node, sizeof *argument);
    if (!argument || !take_text(&plan->take, node, &argument->text)) return;
    *last = argument;
    last = &argument->next;
    program->argument_count++;
  }
}

bool plan_program_take(planning *plan, tree_node *map, plan_program *program) {
  program->node = map;
  program->stack = STACK_DEFAULT;
  plan_elf_take(plan, map, program);
  segments_take(plan, map, program);
  if (!program->elf && !program->segments) take_fail(&plan->take, map, "expected `elf` or `segments`");
  if (program->elf) plan->story->has_elf = true;
  take_pages_key(&plan->take, map, "stack", PA_END, &program->stack);
  if (program->stack == 0 || program->stack >= plan->story->layout.stack_end)
    take_fail(&plan->take, take_blamed(map, "stack"), "a stack of 0x%llx bytes has no place below 0x%llx",
              (unsigned long long)program->stack, (unsigned long long)plan->story->layout.stack_end);
  places_take(plan, map, program);
  arguments_take(plan, map, program);
  return !plan->take.failed;
}
