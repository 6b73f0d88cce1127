/* What the judge is made of; for the judge's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_JUDGE_INTERNAL_H
#define TWINWALK_JUDGE_INTERNAL_H

#include "judge.h"
#include "moments.h"

#define JUDGE_ROOTS 64u
#define JUDGE_SINVALS 64u

/* How far an older translation may be legal beside the present one: bits. */
enum {
  STALE_MARKED = 1u << 0,  /* older entries with A or D clear, set by the design since */
  STALE_INVALID = 1u << 1, /* older entries with V=0: the present outcome, or a page fault */
  STALE_ANY = 1u << 2      /* what an older entry held is not known here */
};

typedef struct flight_note {
  bool active; /* not answered; a cancelled one stays so, its walk may go on */
  tw_record_access access;
  tw_context context;
  tw_walk walk; /* at the request */
  unsigned stale;
  bool pmp_stale, adue_stale;
  uint64_t accepted;            /* cycle */
  uint64_t stores, full_fences; /* made until then */
} flight_note;

/* A root table, under the ASID and mode with which it was in force. */
typedef struct judge_root {
  tw_mode mode;
  uint16_t asid;
  uint64_t root;
} judge_root;

/* An SINVAL.VMA that no SFENCE.INVAL.IR has ordered yet. */
typedef struct judge_sinval {
  tw_record_fence fence;
  uint64_t time;
} judge_sinval;

struct tw_judge {
  const tw_config *config;
  const tw_machine *machine; /* the player's */
  tw_memory *memory;
  moments changed; /* entries whose change no full fence has ordered yet */
  moments fenced;  /* virtual pages with a fence of their own since the last full one */
  uint64_t time;   /* counts stores, updates, fences, control and PMP writes */
  bool all_stale;  /* more than can be told apart: until the next full fence any older translation may be legal */
  bool pmp_stale;  /* PMP was written since the last full fence: what was checked before may be kept */
  bool adue_stale; /* so was menvcfg.ADUE */
  tw_control_state control;
  judge_root roots[JUDGE_ROOTS];
  unsigned root_count;
  judge_sinval sinvals[JUDGE_SINVALS];
  unsigned sinval_count;
  uint64_t stores, full_fences; /* made so far */
  bool bus_failed;              /* some request ever failed, and the last one was answered about this cycle: */
  uint64_t bus_failed_at;
  const char *why;
  flight_note notes[TW_PORT_COUNT][TW_TAGS];
  flight_note cancelled[TW_PORT_COUNT][TW_TAGS]; /* what a tag was used for before, if that was cancelled */
};

/* What the oracle says to an access on memory as it stands. */
void judge_ask(const tw_judge *judge, const tw_context *context, const tw_record_access *access, tw_walk *walk);

static inline bool judge_bus_error(const tw_walk *walk) {
  return walk->step_count > 0 && walk->steps[walk->step_count - 1].bus_error;
}

/* Whether the access would have to set A or D in memory as it stands. */
static inline bool judge_update_due(const tw_walk *walk) {
  for (unsigned i = 0; i < walk->step_count; i++)
    if (walk->steps[i].update) return true;
  return false;
}

/* What older entries may be behind a walk. */
unsigned judge_walk_staleness(const tw_judge *judge, const tw_context *context, const tw_walk *walk, uint64_t va);
/* The same for an answer that would be given now; `walk` is the oracle's. */
unsigned judge_present_staleness(const tw_judge *judge, const flight_note *note, const tw_walk *walk);
/* What could be stale at the request, now, and between. */
unsigned judge_answer_staleness(const tw_judge *judge, const flight_note *note, const tw_walk *expected);

#endif
