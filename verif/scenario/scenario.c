/* Reads a scenario's file, and says what its trace's header holds.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define OBJECT_BYTES_MAX ((uint64_t)1 << 47)
#define PROCESSES_MAX 4096u

void *plan_new(planning *plan, const tree_node *node, size_t bytes) {
  void *taken = arena_take(&plan->story->memory, bytes);
  if (!taken) take_fail(&plan->take, node, "memory is out");
  return taken;
}

tree_node *plan_list_take(planning *plan, tree_node *map, const char *key) {
  tree_node *list = take_key(&plan->take, map, key);
  if (!list || !take_kind(&plan->take, list, TREE_LIST)) return NULL;
  if (list->count <= PLAN_LIST_MAX) return list;
  take_fail(&plan->take, list, "a list of more than %u", PLAN_LIST_MAX);
  return NULL;
}

static void folder_take(scenario *story) {
  const char *slash = strrchr(story->path, '/');
  story->folder = arena_text(&story->memory, story->path, slash ? (size_t)(slash - story->path) + 1 : 0);
}

/* A layout's name is a file's in the folder of layouts; a path begins at the scenario. */
static void layout_load(planning *plan, const tree_node *node, const char *name, bool from_file) {
  const scenario *story = plan->story;
  tw_error error = {""};
  char path[4096];
  const size_t length = strlen(name);
  const bool is_path = strchr(name, '/') || (length > 5 && strcmp(name + length - 5, ".yaml") == 0);
  int wrote;
  if (is_path) {
    wrote = snprintf(path, sizeof path, "%s%s", from_file && *name != '/' ? story->folder : "", name);
  } else {
    wrote = snprintf(path, sizeof path, "%s/%s.yaml", plan->options->layouts ? plan->options->layouts : ".", name);
  }
  if (wrote >= (int)sizeof path) {
    take_fail(&plan->take, node, "the path of the layout is too long");
  } else if (!layout_file_read(path, &plan->story->layout, &error)) {
    take_fail(&plan->take, node, "%s", error.text);
  }
}

static void layout_take(planning *plan, tree_node *root) {
  const tree_node *node = take_key(&plan->take, root, "layout"), *width = take_key(&plan->take, root, "bits");
  const char *name = NULL;
  uint64_t bits = 0;
  if (node) take_text(&plan->take, node, &name);
  if (width && take_number(&plan->take, width, 32, 64, &bits) && bits != 32 && bits != 64)
    take_fail(&plan->take, width, "expected 32 or 64, found %s", width->text);
  if (plan->take.failed) return;
  if (plan->options->layout) {
    layout_load(plan, node ? node : root, plan->options->layout, false);
  } else {
    layout_load(plan, node ? node : root, name ? name : bits == 32 ? "linux-sv32" : "linux-sv39", true);
  }
  if (bits && !plan->take.failed && bits != plan->story->layout.bits)
    take_fail(&plan->take, width, "the layout %s has %u bits", plan->story->layout.kernel.name,
              plan->story->layout.bits);
}

static void seed_take(planning *plan, tree_node *root) {
  scenario *story = plan->story;
  story->seed = 1;
  take_number_key(&plan->take, root, "seed", 0, UINT64_MAX, &story->seed);
  if (plan->options->seed) story->seed = *plan->options->seed;
  story->aslr_seed = story->seed;
  const tree_node *node = take_key(&plan->take, root, "aslr");
  if (!node) return;
  story->aslr = true;
  if (node->kind == TREE_TEXT && node->text[0] >= '0' && node->text[0] <= '9') {
    take_number(&plan->take, node, 0, UINT64_MAX, &story->aslr_seed);
  } else {
    take_truth(&plan->take, node, &story->aslr);
  }
}

static void objects_take(planning *plan, tree_node *root) {
  tree_node *list = plan_list_take(plan, root, "objects");
  plan_object **last = &plan->story->objects;
  for (tree_node *node = list ? list->first : NULL; node && !plan->take.failed; node = node->next) {
    plan_object *object = plan_new(plan, node, sizeof *object);
    if (!object || !take_kind(&plan->take, node, TREE_MAP)) return;
    take_text_key(&plan->take, node, "name", &object->name);
    take_number_key(&plan->take, node, "size", 1, OBJECT_BYTES_MAX, &object->size);
    take_truth_key(&plan->take, node, "memory", &object->memory);
    if (!object->name || !object->size) take_fail(&plan->take, node, "expected name and size");
    object->size = (object->size + 4095) / 4096 * 4096;
    for (const plan_object *other = plan->story->objects; !plan->take.failed && other; other = other->next)
      if (strcmp(other->name, object->name) == 0)
        take_fail(&plan->take, take_blamed(node, "name"), "there are two objects %.60s", object->name);
    take_end(&plan->take, node);
    *last = object;
    last = &object->next;
  }
}

static plan_process *process_take(planning *plan, tree_node *node) {
  plan_process *process = plan_new(plan, node, sizeof *process);
  if (!process || !take_kind(&plan->take, node, TREE_MAP)) return NULL;
  take_text_key(&plan->take, node, "name", &process->program.name);
  if (!process->program.name) take_fail(&plan->take, node, "key name is missing");
  plan_program_take(plan, node, &process->program);
  tree_node *run = take_key(&plan->take, node, "run");
  plan->story->steps = 0;
  if (run) plan_steps_take(plan, run, &process->run, &plan->story->work);
  return take_end(&plan->take, node) ? process : NULL;
}

static void processes_take(planning *plan, tree_node *root) {
  tree_node *list = take_key(&plan->take, root, "processes");
  plan_process **last = &plan->story->processes;
  if (!list || !take_kind(&plan->take, list, TREE_LIST) || list->count < 1 || list->count > PROCESSES_MAX) {
    take_fail(&plan->take, list ? list : root, "expected processes, 1 to %u", PROCESSES_MAX);
    return;
  }
  plan->story->has_processes |= list->count > 1;
  for (tree_node *node = list->first; node && !plan->take.failed; node = node->next) {
    *last = process_take(plan, node);
    for (const plan_process *other = plan->story->processes; *last && other != *last; other = other->next)
      if (strcmp(other->program.name, (*last)->program.name) == 0)
        take_fail(&plan->take, take_blamed(node, "name"), "there are two processes %.60s", other->program.name);
    if (*last) last = &(*last)->next;
  }
}

static bool scenario_take(planning *plan, tree_node *root) {
  scenario *story = plan->story;
  if (!take_kind(&plan->take, root, TREE_MAP)) return false;
  take_text_key(&plan->take, root, "title", &story->title);
  layout_take(plan, root);
  seed_take(plan, root);
  objects_take(plan, root);
  processes_take(plan, root);
  plan_machine_take(plan, root);
  if (story->work >= PLAN_STEPS_MAX) take_fail(&plan->take, root, "that would be more than 2^40 accesses and events");
  return take_end(&plan->take, root);
}

static scenario *story_new(const char *path, tw_error *error) {
  scenario *story = calloc(1, sizeof *story);
  if (story) story->path = arena_text(&story->memory, path, strlen(path));
  if (story && story->path) folder_take(story);
  if (story && story->folder) return story;
  scenario_close(story);
  tw_error_set(error, "%s: memory is out", path);
  return NULL;
}

static scenario *story_take(scenario *story, tree_node *root, const scenario_options *options, tw_error *error) {
  planning plan = {
      .take = {.path = story->path, .memory = &story->memory, .error = error}, .story = story, .options = options};
  if (root && scenario_take(&plan, root)) return story;
  scenario_close(story);
  return NULL;
}

scenario *scenario_open(const char *path, const scenario_options *options, tw_error *error) {
  scenario *story = story_new(path, error);
  return story ? story_take(story, tree_read(path, &story->memory, error), options, error) : NULL;
}

scenario *scenario_parse(const char *path, const char *text, size_t size, const scenario_options *options,
                         tw_error *error) {
  scenario *story = story_new(path, error);
  return story ? story_take(story, tree_parse(path, text, size, &story->memory, error), options, error) : NULL;
}

void scenario_close(scenario *story) {
  if (!story) return;
  arena_free(&story->memory);
  free(story);
}

static bool layout_describe(const layout_file *layout, tw_trace_header *header) {
  const tw_layout *kernel = &layout->kernel;
  const struct {
    const char *key;
    unsigned long long value;
  } addresses[] = {{"layout.user-end", kernel->user_end},
                   {"layout.direct-va", kernel->direct_va},
                   {"layout.direct-bytes", kernel->direct_bytes},
                   {"layout.text-va", kernel->text_va}};
  bool set = tw_trace_header_set(header, "layout.name", "%s", kernel->name) &&
             tw_trace_header_set(header, "layout.mode", "%s", tw_mode_row(layout->mode)->name) &&
             tw_trace_header_set(header, "layout.direct-level", "%u", kernel->direct_level);
  for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
    set = set && tw_trace_header_set(header, addresses[i].key, "0x%llx", addresses[i].value);
  return set;
}

bool scenario_describe(const scenario *story, tw_trace_header *header, tw_error *error) {
  bool set = tw_trace_header_set(header, "bits", "%u", story->layout.bits) &&
             tw_trace_header_set(header, "source", "gen") &&
             tw_trace_header_set(header, "program", "%s", story->processes->program.name);
  if (!story->has_processes)
    set = set && tw_trace_header_set(header, "interleaving", "%s", story->has_threads ? "serialised" : "none");
  if (story->has_elf) set = set && tw_trace_header_set(header, "map", "elf");
  if (story->title) set = set && tw_trace_header_set(header, "title", "%s", story->title);
  set = set && layout_describe(&story->layout, header);
  for (const plan_key *key = story->keys; key; key = key->next)
    set = set && tw_trace_header_set(header, key->key, "%s", key->value);
  return set || tw_error_set(error, "%s: the trace's header cannot hold what the scenario says", story->path);
}
