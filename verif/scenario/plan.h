/* A scenario as it was read: what is there, and what each does, step by step. All of it is the arena's.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_PLAN_H
#define TWINWALK_SCENARIO_PLAN_H

#include "elf_image.h"
#include "layout_file.h"
#include "scenario.h"
#include "take.h"

#define PLAN_LIST_MAX 4096u                /* objects; segments of a program; places */
#define PLAN_STEPS_MAX ((uint64_t)1 << 40) /* a scenario's work, in accesses and events: an estimate */

typedef struct step step;

typedef struct step_list {
  step *first; /* by `next` */
  const step *last;
  size_t count;
} step_list;

/* A file, or shared memory. */
typedef struct plan_object {
  const char *name;
  uint64_t size; /* bytes */
  bool memory;   /* shared memory: begins with zeroes */
  struct plan_object *next;
} plan_object;

typedef struct plan_segment {
  const char *name;
  const tree_node *node; /* for messages */
  tw_region_use use;
  uint64_t at; /* 0: as the layout says */
  uint64_t size;
  uint64_t offset;
  const char *file; /* whose content it maps: an object's name, or an ELF file's; NULL: none */
  uint64_t zero;    /* of a page with the end of an ELF file's data: bytes from here on are zeroed; 0: none */
  uint8_t prot;
  bool shared;
  struct plan_segment *next;
} plan_segment;

/* A page that is to lie in a frame. */
typedef struct plan_place {
  const tree_node *node;
  uint64_t page, frame; /* addresses */
  struct plan_place *next;
} plan_place;

typedef struct plan_text {
  const char *text;
  struct plan_text *next;
} plan_text;

/* What a process or an exec begins with. */
typedef struct plan_program {
  const char *name;
  const tree_node *node;
  const char *elf; /* as the scenario names it; NULL: segments by hand */
  const char *interpreter;
  elf_image *image, *interpreter_image;          /* or NULL */
  plan_segment *image_parts, *interpreter_parts; /* their segments; `at` from the load address */
  plan_segment *segments;
  plan_place *places;
  plan_text *arguments;
  size_t argument_count;
  uint64_t stack; /* bytes that are mapped at first */
  bool has_arguments;
} plan_program;

typedef struct plan_process {
  plan_program program;
  step_list run;
  struct plan_process *next;
} plan_process;

/* Some addresses: a name's, or given. */
typedef struct plan_where {
  const char *name;  /* NULL: [from, to) */
  uint64_t from, to; /* bytes; with a name: the first of them, and so many (0: all) */
} plan_where;

typedef enum step_kind {
  STEP_ACCESS,
  STEP_CALL,
  STEP_BRK,
  STEP_MMAP,
  STEP_MUNMAP,
  STEP_MPROTECT,
  STEP_MADVISE,
  STEP_MALLOC,
  STEP_FREE,
  STEP_SYSCALL,
  STEP_FORK,
  STEP_THREAD,
  STEP_EXEC,
  STEP_EXIT,
  STEP_RECLAIM,
  STEP_SWITCH,
  STEP_WAIT,
  STEP_REPEAT,
  STEP_KIND_COUNT
} step_kind;

typedef enum pattern_kind {
  PATTERN_SEQUENTIAL,
  PATTERN_STRIDED,
  PATTERN_UNIFORM,
  PATTERN_ZIPF,
  PATTERN_CHASE
} pattern_kind;

typedef struct step_access {
  plan_where in;
  tw_access kind;
  pattern_kind pattern;
  uint64_t count, stride;
  uint64_t skew; /* thousandths */
  uint8_t size;  /* bytes */
} step_access;

typedef struct step_call {
  uint64_t depth, frame, leaf;
} step_call;

typedef struct step_range {
  plan_where in;
  uint8_t prot;
  tw_advice advice;
} step_range;

typedef struct step_malloc {
  uint64_t blocks, live, smallest, largest, large;
  bool best_fit; /* else the first that fits */
} step_malloc;

typedef struct step_syscall {
  uint32_t number;
  bool has_reads, has_writes;
  plan_where reads, writes;
} step_syscall;

/* A child, a thread, or another program, with steps of its own. */
typedef struct step_birth {
  const char *name;
  uint64_t stack;        /* of a thread */
  plan_program *program; /* of exec */
  step_list run;
} step_birth;

struct step {
  step_kind kind;
  uint64_t number; /* in the process, in the order of the file */
  const tree_node *node;
  step *next;
  union {
    step_access access;
    step_call call;
    int64_t grow; /* BRK: bytes */
    plan_segment *map;
    step_range range;
    step_malloc malloc;
    uint64_t blocks; /* FREE: 0: all */
    step_syscall syscall;
    step_birth birth;
    uint64_t pages;   /* RECLAIM */
    const char *name; /* SWITCH, WAIT */
    struct {
      uint64_t times;
      step_list body;
    } repeat;
  };
};

/* A header key and its value. */
typedef struct plan_key {
  const char *key, *value;
  struct plan_key *next;
} plan_key;

typedef struct plan_order {
  const char *name;
  struct plan_order *next;
} plan_order;

struct scenario {
  arena memory;
  const char *path, *folder; /* of the file; "" or with a slash at the end */
  const char *title;
  layout_file layout;
  uint64_t seed;
  bool aslr;
  uint64_t aslr_seed;
  plan_object *objects;
  plan_process *processes;
  plan_key *keys; /* machine.*, expect.* */
  uint64_t every; /* accesses of a turn; 0: until it ends or waits */
  plan_order *order;
  plan_text *births; /* names of children and threads */
  uint64_t work;     /* an estimate of accesses and events */
  uint64_t steps;    /* of the process that is being read */
  bool has_elf, has_threads, has_processes;
};

/* What reads it. The first complaint is in taking. */
typedef struct planning {
  taking take;
  scenario *story;
  const scenario_options *options;
} planning;

/* A program: `elf` or `segments`, and what goes with it. */
bool plan_program_take(planning *plan, tree_node *map, plan_program *program);
/* One segment, or what `mmap` maps. NULL after a complaint. */
plan_segment *plan_segment_take(planning *plan, tree_node *node, bool mmap);
/* Rights as in r-x. */
void plan_prot_take(taking *take, tree_node *map, const char *key, uint8_t *prot);
/* `elf`, `interpreter` and what they map. */
void plan_elf_take(planning *plan, tree_node *map, plan_program *program);
/* The steps of a list; `work` grows by an estimate of them. */
bool plan_steps_take(planning *plan, tree_node *list, step_list *steps, uint64_t *work);
/* machine, expect, schedule. */
bool plan_machine_take(planning *plan, tree_node *root);
/* The list under a key of a map; NULL if it is not there, or after a complaint: no list, or one too long. */
tree_node *plan_list_take(planning *plan, tree_node *map, const char *key);
/* Takes memory for what is read; NULL and a complaint if there is none. */
void *plan_new(planning *plan, const tree_node *node, size_t bytes);

#endif
