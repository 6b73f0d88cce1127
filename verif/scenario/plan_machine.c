/* Takes what goes into the trace's header (machine and expectations), and the schedule.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "twinwalk/fences.h"
#include "twinwalk/space.h"

#define ORDER_MAX 10000u

static void key_add(planning *plan, const tree_node *node, const char *group, const char *value) {
  scenario *story = plan->story;
  char key[96];
  plan_key *added = plan_new(plan, node, sizeof *added);
  snprintf(key, sizeof key, "%s.%s", group, node->key);
  char *name = arena_text(&story->memory, key, strlen(key));
  char *text = arena_text(&story->memory, value, strlen(value));
  if (!added || !name || !text) {
    take_fail(&plan->take, node, "memory is out");
    return;
  }
  *added = (plan_key){name, text, NULL};
  plan_key **last = &story->keys;
  while (*last) last = &(*last)->next;
  *last = added;
}

static void number_key(planning *plan, tree_node *map, const char *key, uint64_t low, uint64_t high) {
  char text[32];
  uint64_t number;
  const tree_node *node = take_key(&plan->take, map, key);
  if (!node || !take_number(&plan->take, node, low, high, &number)) return;
  snprintf(text, sizeof text, number < 65536 * 16 ? "%" PRIu64 : "0x%" PRIx64, number);
  key_add(plan, node, "machine", text);
}

static void truth_key(planning *plan, tree_node *map, const char *key) {
  bool truth = false;
  const tree_node *node = take_key(&plan->take, map, key);
  if (node && take_truth(&plan->take, node, &truth)) key_add(plan, node, "machine", truth ? "1" : "0");
}

static void fences_key(planning *plan, tree_node *map) {
  char all[240] = "";
  const tree_node *node = take_key(&plan->take, map, "fences");
  const char *name;
  if (!node || !take_text(&plan->take, node, &name)) return;
  if (tw_fence_policy_find(name)) {
    key_add(plan, node, "machine", name);
    return;
  }
  const tw_fence_policy *policy;
  for (size_t n = 0; (policy = tw_fence_policy_at(n)); n++) {
    const size_t used = strlen(all);
    snprintf(all + used, sizeof all - used, "%s%s", n ? ", " : "", policy->name);
  }
  take_fail(&plan->take, node, "expected one of %s, found \"%.40s\"", all, name);
}

static void machine_take(planning *plan, tree_node *root) {
  tree_node *map = take_key(&plan->take, root, "machine");
  const uint64_t frames = (uint64_t)1 << 44;
  if (!map || !take_kind(&plan->take, map, TREE_MAP)) return;
  number_key(plan, map, "frames", 1, frames);
  number_key(plan, map, "seed", 0, UINT64_MAX);
  number_key(plan, map, "swap", 0, frames);
  number_key(plan, map, "swap-latency", 0, UINT32_MAX);
  number_key(plan, map, "asids", 1, 65536);
  fences_key(plan, map);
  truth_key(plan, map, "huge");
  const tree_node *base = take_key(&plan->take, map, "frame-base");
  uint64_t address = 0;
  take_pages_key(&plan->take, map, "frame-base", (uint64_t)1 << 56, &address);
  if (base && !plan->take.failed) {
    char text[32];
    snprintf(text, sizeof text, "0x%" PRIx64, address);
    key_add(plan, base, "machine", text);
  }
  take_end(&plan->take, map);
}

static bool is_count(const char *name) {
  const char *known;
  for (size_t n = 0; (known = tw_space_count_name(n)); n++)
    if (strcmp(known, name) == 0) return true;
  return false;
}

/* "12" is "== 12"; else an operator and a number. */
static void expectation_take(planning *plan, tree_node *node) {
  static const char *const operators[] = {"==", "!=", "<=", ">=", "<", ">", ""};
  char text[48];
  uint64_t number;
  node->used = true;
  if (!is_count(node->key)) {
    take_fail(&plan->take, node, "nothing of that name is counted (the fields of tw_space_counts are)");
    return;
  }
  if (!take_kind(&plan->take, node, TREE_TEXT)) return;
  unsigned i = 0;
  while (strncmp(node->text, operators[i], strlen(operators[i])) != 0) i++;
  tree_node rest = *node;
  rest.text += strlen(operators[i]);
  rest.text += strspn(rest.text, " ");
  if (!take_number(&plan->take, &rest, 0, UINT64_MAX, &number)) return;
  snprintf(text, sizeof text, "%s %" PRIu64, *operators[i] ? operators[i] : "==", number);
  key_add(plan, node, "expect", text);
}

static void expect_take(planning *plan, tree_node *root) {
  tree_node *map = take_key(&plan->take, root, "expect");
  if (!map || !take_kind(&plan->take, map, TREE_MAP)) return;
  for (tree_node *node = map->first; node && !plan->take.failed; node = node->next) expectation_take(plan, node);
}

/* Whether there is a process of that name, or a step that makes a child or a thread of it. */
static bool is_somebody(const scenario *story, const char *name) {
  for (const plan_process *process = story->processes; process; process = process->next)
    if (strcmp(process->program.name, name) == 0) return true;
  for (const plan_text *birth = story->births; birth; birth = birth->next)
    if (strcmp(birth->text, name) == 0) return true;
  return false;
}

static void turn_check(planning *plan, const tree_node *list, const tree_node *node, const char *name) {
  tree_node blamed = *node;
  blamed.key = list->key;
  if (!plan->take.failed && !is_somebody(plan->story, name))
    take_fail(&plan->take, &blamed, "there is no process, child or thread \"%.60s\"", name);
}

static void schedule_take(planning *plan, tree_node *root) {
  scenario *story = plan->story;
  tree_node *map = take_key(&plan->take, root, "schedule");
  if (!map || !take_kind(&plan->take, map, TREE_MAP)) return;
  take_number_key(&plan->take, map, "every", 1, PLAN_STEPS_MAX, &story->every);
  tree_node *list = take_key(&plan->take, map, "order");
  plan_order **last = &story->order;
  if (list && !take_kind(&plan->take, list, TREE_LIST)) return;
  if (list && list->count > ORDER_MAX) take_fail(&plan->take, list, "more than %u turns", ORDER_MAX);
  for (tree_node *node = list ? list->first : NULL; node && !plan->take.failed; node = node->next) {
    plan_order *turn = plan_new(plan, node, sizeof *turn);
    if (!turn || !take_text(&plan->take, node, &turn->name)) return;
    turn_check(plan, list, node, turn->name);
    *last = turn;
    last = &turn->next;
  }
  take_end(&plan->take, map);
}

bool plan_machine_take(planning *plan, tree_node *root) {
  machine_take(plan, root);
  expect_take(plan, root);
  schedule_take(plan, root);
  return !plan->take.failed;
}
