/* A scenario that is being played: processes with their maps, tasks with what they are about to do, and the records
 * that come of it. Memory does not grow with the number of accesses.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_PLAY_H
#define TWINWALK_SCENARIO_PLAY_H

#include "allocator.h"
#include "draw.h"
#include "plan.h"
#include "twinwalk/region.h"
#include "zipf.h"

#define PLAY_MAPPINGS_MAX 16384u /* of a process; Linux has 65530 */
#define PLAY_PROCESSES_MAX 4096u
#define PLAY_TASKS_MAX 8192u /* processes and threads, with those that have ended */
#define PLAY_NOBODY UINT32_MAX
#define PLAY_NESTING_MAX TREE_DEPTH_MAX

/* Addresses that a process knows by a name; they stay known when they are unmapped. */
typedef struct named_range {
  const char *name;
  uint64_t start, length;
} named_range;

typedef struct process {
  const char *name;
  uint32_t number;
  bool alive;
  tw_region_list regions;
  named_range *ranges; /* owned */
  size_t range_count, range_capacity;
  uint64_t heap_start, heap_end;
  uint64_t mmap_base;              /* the highest end of a mapping, or the lowest start, */
  uint64_t mmap_full;              /* and from there to here nothing is free */
  uint64_t stack_end, stack_bytes; /* of the first thread; bytes that are mapped at first */
  uint64_t stack_top;              /* what exec has put there begins here */
  uint64_t code_start, code_bytes; /* what its instructions are fetched from; 0 bytes: it has none */
  uint64_t entries[2];             /* fetched first: of the interpreter, of the program; 0: none */
  uint32_t threads;                /* that it ever had */
  uint32_t programs;               /* that it ran: exec begins another */
  allocator *heap;                 /* owned; NULL: none yet */
} process;

/* Steps that are being gone through: the process's own, or those of a repeat. */
typedef struct nesting {
  const step *next;
  const step_list *list;
  uint64_t times; /* still to come, with this one */
} nesting;

/* What a step is in the middle of. */
typedef struct activity {
  const step *at; /* NULL: nothing */
  uint64_t done, total;
  uint64_t start, bytes; /* the addresses it works on, */
  uint64_t elements;     /* and how many places for an access that is */
  draw_stream random;
  draw_order order; /* of a chase */
  zipf *law;        /* owned */
} activity;

typedef struct task {
  const char *name;
  process *process;
  uint32_t thread;             /* its number in the process */
  uint64_t key;                /* of its random numbers */
  const step *born;            /* the fork or thread step that made it; NULL: an entry of `processes` */
  const plan_program *program; /* that it begins with; NULL: it has begun */
  nesting nest[PLAY_NESTING_MAX];
  size_t depth;
  activity doing;
  uint64_t steps_begun;
  uint64_t loop, fetched; /* where the step's instructions lie, how many were fetched */
  named_range stack;      /* as it was mapped; of the first thread: length 0, the process knows it */
  uint64_t pointer;       /* of the stack */
  const step *waits;      /* a WAIT; NULL: it can run */
  bool ended;
} task;

typedef struct playing {
  taking take; /* the first complaint */
  const scenario *story;
  const scenario_sink *sink;
  const tree_node *node; /* of the step that is being done */
  process **processes;   /* owned, and they */
  size_t process_count;
  task **tasks; /* owned, and they */
  size_t task_count;
  tw_record *queue; /* owned; what one action of a task became */
  size_t queued, queue_capacity;
  const char *yields_to; /* a step gave the turn away */
  uint32_t running;      /* id of the thread that the records are of; PLAY_NOBODY: of none */
  const plan_order *turn;
  size_t task_turn;
  uint64_t done; /* records that were handed out */
} playing;

/* Complains about the step that is being done. Always false. */
__attribute__((format(printf, 2, 3))) bool play_fail(playing *play, const char *format, ...);
/* Adds a record to those of this action. Its names must outlive the playing. False if memory is out. */
bool play_record(playing *play, const tw_record *record);
bool play_access(playing *play, tw_access kind, uint64_t va, uint8_t size);

/* ---- Processes ---- */

process *process_open(playing *play, const char *name); /* NULL and a complaint; the playing's */
void process_close(process *owner);
/* Maps a program into a process without regions, and stores what exec stores: argc and so on, zeroes behind the data.
 */
bool process_load(playing *play, process *owner, const plan_program *program);
/* Gives up every region and name. */
void process_clear(process *owner);
process *process_fork(playing *play, const process *parent, const char *name);
/* Maps what `segment` says, at an address, and remembers its name. */
bool process_map(playing *play, process *owner, const plan_segment *segment, uint64_t start);
/* A place for a mapping; 0 and a complaint if there is none. */
uint64_t process_place(playing *play, process *owner, uint64_t length);
bool process_unmap(playing *play, process *owner, uint64_t start, uint64_t length);
/* The heap ends at `end` from now on. */
bool process_break(playing *play, process *owner, uint64_t end);
/* A name's addresses; NULL if it has none. */
const named_range *process_range(const process *owner, const char *name);
bool process_name(playing *play, process *owner, const named_range *range);

/* ---- Tasks ---- */

/* The next thread of a process. NULL and a complaint; the playing's. */
task *task_open(playing *play, process *owner, const char *name);
uint32_t task_id(const task *one); /* as in `thread` records */
void task_close(task *one);
/* Queues the records of the next thing it does: an access with its fetch, an event, ... Nothing if it ended or waits.
 */
bool task_advance(playing *play, task *one);
bool task_enter(playing *play, task *one, const step_list *steps, uint64_t times);
/* An instruction's fetch: the next one of the loop that the step runs. */
bool task_fetch(playing *play, task *one);
/* [start, start+bytes) of what a step works on. */
bool task_where(playing *play, const task *one, const plan_where *where, uint64_t *start, uint64_t *bytes);

/* Steps that go on: open says how much there is to do, advance does a piece. */
bool step_access_open(playing *play, task *one, const step *at);
bool step_access_advance(playing *play, task *one);
bool step_call_open(playing *play, task *one, const step *at);
bool step_call_advance(playing *play, task *one);
bool step_malloc_open(playing *play, task *one, const step *at);
bool step_malloc_advance(playing *play, task *one);
bool step_free_open(playing *play, task *one, const step *at);
bool step_free_advance(playing *play, task *one);
/* Steps that are done at once. */
bool step_map_do(playing *play, task *one, const step *at);
bool step_birth_do(playing *play, task *one, const step *at);
bool step_end_do(playing *play, task *one, const step *at);

/* ---- The schedule ---- */

/* The task whose turn it is now; NULL if all have ended, or after a complaint that all wait. */
task *schedule_next(playing *play);
task *schedule_find(const playing *play, const char *name); /* the latest of that name that has not ended; or NULL */

#endif
