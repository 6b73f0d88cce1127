/* Takes steps: a list of maps of one key each, the step's name.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plan.h"

#define COUNT_MAX ((uint64_t)1 << 38)
#define TIMES_MAX ((uint64_t)1 << 32)
#define VA_END UINT64_MAX

/* `in:` a name, or [from, to]; with a name also `from`, and `length`. */
static void where_take(planning *plan, tree_node *map, plan_where *where) {
  taking *take = &plan->take;
  tree_node *node = take_key(take, map, "in");
  if (take->failed) return;
  if (!node) {
    take_fail(take, map, "key in is missing: expected a name, or [from, to]");
    return;
  }
  take_number_key(take, map, "from", 0, VA_END, &where->from);
  take_number_key(take, map, "length", 1, VA_END, &where->to);
  if (node->kind == TREE_TEXT) {
    take_text(take, node, &where->name);
    return;
  }
  const tree_node *first = node->first, *second = first ? first->next : NULL;
  if (node->kind != TREE_LIST || node->count != 2) {
    take_fail(take, node, "expected a name, or [from, to]");
  } else if (where->from || where->to) {
    take_fail(take, node, "expected no from and length besides an address range");
  } else if (take_number(take, first, 0, VA_END, &where->from) && take_number(take, second, 0, VA_END, &where->to) &&
             where->to <= where->from) {
    take_fail(take, node, "the range ends before it begins");
  }
}

static uint64_t access_take(planning *plan, tree_node *map, step *taken) {
  static const char *const patterns[] = {"sequential", "strided", "uniform", "zipf", "chase", NULL};
  taking *take = &plan->take;
  step_access *access = &taken->access;
  unsigned pattern = 0;
  uint64_t size = access->kind == TW_FETCH ? 4 : plan->story->layout.bits / 8;
  access->count = 1;
  access->skew = 1000;
  where_take(plan, map, &access->in);
  take_word_key(take, map, "pattern", patterns, &pattern);
  take_number_key(take, map, "count", 1, COUNT_MAX, &access->count);
  take_number_key(take, map, "size", 1, 64, &size);
  access->pattern = (pattern_kind)pattern;
  access->size = (uint8_t)size;
  access->stride = access->pattern == PATTERN_STRIDED ? 4096 : size;
  take_number_key(take, map, "stride", 1, COUNT_MAX, &access->stride);
  const tree_node *skew = take_key(take, map, "skew");
  if (skew && access->pattern != PATTERN_ZIPF) take_fail(take, skew, "expected only with pattern: zipf");
  if (skew) take_thousandths(take, skew, 4000, &access->skew);
  return access->count * 2;
}

static uint64_t fetch_take(planning *plan, tree_node *map, step *taken) {
  taken->access.kind = TW_FETCH;
  return access_take(plan, map, taken) / 2;
}

static uint64_t load_take(planning *plan, tree_node *map, step *taken) {
  taken->access.kind = TW_LOAD;
  return access_take(plan, map, taken);
}

static uint64_t store_take(planning *plan, tree_node *map, step *taken) {
  taken->access.kind = TW_STORE;
  return access_take(plan, map, taken);
}

static uint64_t amo_take(planning *plan, tree_node *map, step *taken) {
  taken->access.kind = TW_AMO;
  return access_take(plan, map, taken);
}

static uint64_t call_take(planning *plan, tree_node *map, step *taken) {
  step_call *call = &taken->call;
  call->depth = 1;
  call->frame = 64;
  take_number_key(&plan->take, map, "depth", 1, COUNT_MAX, &call->depth);
  const tree_node *frame = take_key(&plan->take, map, "frame");
  if (frame && take_number(&plan->take, frame, 32, 1u << 30, &call->frame) && call->frame % 16)
    take_fail(&plan->take, frame, "expected a multiple of 16, found %s", frame->text);
  take_number_key(&plan->take, map, "leaf", 0, COUNT_MAX, &call->leaf);
  return call->depth * 6 + call->leaf * 2;
}

static uint64_t brk_take(planning *plan, tree_node *map, step *taken) {
  uint64_t grow = 0, shrink = 0;
  take_number_key(&plan->take, map, "grow", 1, COUNT_MAX, &grow);
  take_number_key(&plan->take, map, "shrink", 1, COUNT_MAX, &shrink);
  if (!grow == !shrink) take_fail(&plan->take, map, "expected either grow or shrink");
  taken->grow = grow ? (int64_t)grow : -(int64_t)shrink;
  return 1;
}

static uint64_t mmap_take(planning *plan, tree_node *map, step *taken) {
  taken->map = plan_segment_take(plan, map, true);
  return 1;
}

static uint64_t munmap_take(planning *plan, tree_node *map, step *taken) {
  where_take(plan, map, &taken->range.in);
  return 1;
}

static uint64_t mprotect_take(planning *plan, tree_node *map, step *taken) {
  where_take(plan, map, &taken->range.in);
  if (!take_key(&plan->take, map, "prot"))
    take_fail(&plan->take, map, "key prot is missing: expected rights as in r-x");
  plan_prot_take(&plan->take, map, "prot", &taken->range.prot);
  return 1;
}

static uint64_t madvise_take(planning *plan, tree_node *map, step *taken) {
  const char *words[TW_ADVICE_COUNT] = {NULL};
  unsigned index = 0;
  for (unsigned i = 1; i < TW_ADVICE_COUNT; i++) words[i - 1] = tw_advice_name((tw_advice)i);
  where_take(plan, map, &taken->range.in);
  const tree_node *advice = take_key(&plan->take, map, "advice");
  if (!advice) take_fail(&plan->take, map, "key advice is missing");
  if (advice) take_word(&plan->take, advice, words, &index);
  taken->range.advice = (tw_advice)(index + 1);
  return 1;
}

static uint64_t malloc_take(planning *plan, tree_node *map, step *taken) {
  static const char *const fits[] = {"first", "best", NULL};
  taking *take = &plan->take;
  step_malloc *work = &taken->malloc;
  unsigned fit = 0;
  *work = (step_malloc){.blocks = 1, .live = 1u << 16, .smallest = 16, .largest = 256, .large = 128u << 10};
  take_number_key(take, map, "blocks", 1, COUNT_MAX, &work->blocks);
  take_number_key(take, map, "live", 1, 1u << 20, &work->live);
  take_number_key(take, map, "large", 1, COUNT_MAX, &work->large);
  take_word_key(take, map, "fit", fits, &fit);
  work->best_fit = fit == 1;
  tree_node *sizes = take_key(take, map, "sizes");
  if (sizes && (sizes->kind != TREE_LIST || sizes->count != 2)) {
    take_fail(take, sizes, "expected [smallest, largest]");
  } else if (sizes && take_number(take, sizes->first, 1, COUNT_MAX, &work->smallest)) {
    take_number(take, sizes->first->next, work->smallest, COUNT_MAX, &work->largest);
  }
  return work->blocks * 16;
}

static uint64_t free_take(planning *plan, tree_node *map, step *taken) {
  take_number_key(&plan->take, map, "blocks", 1, COUNT_MAX, &taken->blocks);
  return 1;
}

static uint64_t syscall_take(planning *plan, tree_node *map, step *taken) {
  step_syscall *call = &taken->syscall;
  uint64_t number = 0;
  take_number_key(&plan->take, map, "number", 0, UINT32_MAX, &number);
  call->number = (uint32_t)number;
  tree_node *reads = take_key(&plan->take, map, "reads"), *writes = take_key(&plan->take, map, "writes");
  call->has_reads = reads && take_kind(&plan->take, reads, TREE_MAP);
  call->has_writes = writes && take_kind(&plan->take, writes, TREE_MAP);
  if (call->has_reads) where_take(plan, reads, &call->reads);
  if (call->has_reads) take_end(&plan->take, reads);
  if (call->has_writes) where_take(plan, writes, &call->writes);
  if (call->has_writes) take_end(&plan->take, writes);
  return 1;
}

static uint64_t birth_take(planning *plan, tree_node *map, step *taken) {
  uint64_t work = 0;
  taken->birth.name = "";
  take_text_key(&plan->take, map, "as", &taken->birth.name);
  tree_node *run = take_key(&plan->take, map, "run");
  if (run) plan_steps_take(plan, run, &taken->birth.run, &work);
  return work + 1;
}

static uint64_t named_birth_take(planning *plan, tree_node *map, step *taken) {
  const uint64_t work = birth_take(plan, map, taken);
  plan_text *birth = plan_new(plan, map, sizeof *birth);
  if (!*taken->birth.name) take_fail(&plan->take, map, "key as is missing: expected a name");
  if (!birth) return 0;
  *birth = (plan_text){taken->birth.name, plan->story->births};
  plan->story->births = birth;
  return work;
}

static uint64_t fork_take(planning *plan, tree_node *map, step *taken) {
  plan->story->has_processes = true;
  return named_birth_take(plan, map, taken);
}

static uint64_t thread_take(planning *plan, tree_node *map, step *taken) {
  taken->birth.stack = LAYOUT_STACK_LIMIT;
  take_pages_key(&plan->take, map, "stack", COUNT_MAX, &taken->birth.stack);
  if (!taken->birth.stack) take_fail(&plan->take, map, "a stack of 0 bytes");
  plan->story->has_threads = true;
  return named_birth_take(plan, map, taken);
}

static uint64_t exec_take(planning *plan, tree_node *map, step *taken) {
  plan_program *program = plan_new(plan, map, sizeof *program);
  if (!program) return 0;
  taken->birth.program = program;
  const uint64_t work = birth_take(plan, map, taken);
  program->name = taken->birth.name;
  plan_program_take(plan, map, program);
  return work;
}

static uint64_t exit_take(planning *plan, tree_node *map, step *taken) {
  (void)plan;
  (void)map;
  (void)taken;
  return 1;
}

static uint64_t reclaim_take(planning *plan, tree_node *map, step *taken) {
  taken->pages = 1;
  take_number_key(&plan->take, map, "pages", 1, COUNT_MAX, &taken->pages);
  return 1;
}

static uint64_t name_take(planning *plan, tree_node *map, const char *key, step *taken) {
  const tree_node *node = take_key(&plan->take, map, key);
  if (!node) take_fail(&plan->take, map, "key %s is missing: expected a process's or thread's name", key);
  if (node) take_text(&plan->take, node, &taken->name);
  return 1;
}

static uint64_t switch_take(planning *plan, tree_node *map, step *taken) {
  return name_take(plan, map, "to", taken);
}

static uint64_t wait_take(planning *plan, tree_node *map, step *taken) {
  return name_take(plan, map, "for", taken);
}

/* Whether nothing can come behind a step: its process or thread ends, or goes on with another program's steps. */
static bool step_ends(const step *at) {
  while (at && at->kind == STEP_REPEAT) at = at->repeat.body.last;
  return at && (at->kind == STEP_EXIT || at->kind == STEP_EXEC);
}

static uint64_t repeat_take(planning *plan, tree_node *map, step *taken) {
  uint64_t work = 0;
  taken->repeat.times = 1;
  take_number_key(&plan->take, map, "times", 1, TIMES_MAX, &taken->repeat.times);
  tree_node *body = take_key(&plan->take, map, "do");
  if (!body) take_fail(&plan->take, map, "key do is missing: expected steps");
  if (body) plan_steps_take(plan, body, &taken->repeat.body, &work);
  if (body && !taken->repeat.body.count) take_fail(&plan->take, body, "nothing to repeat");
  if (taken->repeat.times > 1 && step_ends(taken->repeat.body.last))
    take_fail(&plan->take, take_blamed(map, "times"), "the steps end with exit or exec: they are done once");
  return work > PLAN_STEPS_MAX / taken->repeat.times ? PLAN_STEPS_MAX : work * taken->repeat.times;
}

typedef struct step_row {
  const char *name;
  step_kind kind;
  uint64_t (*take)(planning *plan, tree_node *map, step *taken); /* returns an estimate of its work */
} step_row;

static const step_row rows[] = {
    {"fetch", STEP_ACCESS, fetch_take},
    {"load", STEP_ACCESS, load_take},
    {"store", STEP_ACCESS, store_take},
    {"amo", STEP_ACCESS, amo_take},
    {"call", STEP_CALL, call_take},
    {"brk", STEP_BRK, brk_take},
    {"mmap", STEP_MMAP, mmap_take},
    {"munmap", STEP_MUNMAP, munmap_take},
    {"mprotect", STEP_MPROTECT, mprotect_take},
    {"madvise", STEP_MADVISE, madvise_take},
    {"malloc", STEP_MALLOC, malloc_take},
    {"free", STEP_FREE, free_take},
    {"syscall", STEP_SYSCALL, syscall_take},
    {"fork", STEP_FORK, fork_take},
    {"thread", STEP_THREAD, thread_take},
    {"exec", STEP_EXEC, exec_take},
    {"exit", STEP_EXIT, exit_take},
    {"reclaim", STEP_RECLAIM, reclaim_take},
    {"switch", STEP_SWITCH, switch_take},
    {"wait", STEP_WAIT, wait_take},
    {"repeat", STEP_REPEAT, repeat_take},
};
#define ROWS (sizeof rows / sizeof rows[0])

/* The one key of a step's map is its name; the value holds its fields. */
static step *step_take(planning *plan, tree_node *node, uint64_t *work) {
  step *taken = plan_new(plan, node, sizeof *taken);
  if (!taken || !take_kind(&plan->take, node, TREE_MAP)) return NULL;
  if (node->count != 1) {
    take_fail(&plan->take, node, "expected one step, such as `- load: {...}`, found %zu keys", node->count);
    return NULL;
  }
  tree_node *fields = node->first;
  for (size_t i = 0; i < ROWS; i++) {
    if (strcmp(rows[i].name, fields->key) != 0) continue;
    if (fields->kind == TREE_TEXT && !*fields->text) fields->kind = TREE_MAP; /* `- exit:` says no fields */
    if (!take_kind(&plan->take, fields, TREE_MAP)) return NULL;
    taken->kind = rows[i].kind;
    taken->node = fields;
    taken->number = plan->story->steps++;
    const uint64_t more = rows[i].take(plan, fields, taken);
    *work = more >= PLAN_STEPS_MAX - *work ? PLAN_STEPS_MAX : *work + more;
    return take_end(&plan->take, fields) ? taken : NULL;
  }
  take_fail(&plan->take, fields, "there is no such step");
  return NULL;
}

bool plan_steps_take(planning *plan, tree_node *list, step_list *steps, uint64_t *work) {
  step **last = &steps->first;
  if (!take_kind(&plan->take, list, TREE_LIST)) return false;
  for (tree_node *node = list->first; node && !plan->take.failed; node = node->next) {
    *last = step_take(plan, node, work);
    if (!*last) return false;
    if (step_ends(steps->last))
      return take_fail(&plan->take, (*last)->node, "behind exit or exec: this step is never done");
    steps->last = *last;
    last = &(*last)->next;
    steps->count++;
  }
  return !plan->take.failed;
}
