/* What the player is made of; for the player's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PLAYER_INTERNAL_H
#define TWINWALK_PLAYER_INTERNAL_H

#include "player.h"

#define AGAIN_MAX (TW_TAGS + 1u) /* all that can be in flight on a port when the first answer asks for a repeat */
#define LIVE_MAX 128u            /* two ports with all tags, all repeats and a place, other places, open fences */
#define LIVE_SLOTS 64u
#define LIVE_NONE UINT64_MAX
#define AHEAD_MAX 32u

/* Where a record waits for what it comes after, and then for its handshake. */
typedef struct place {
  const tw_record *record; /* among the records taken ahead, or `kept`; NULL: the place is free */
  bool eligible;           /* everything in `after` is complete; then at `due` the delay has passed */
  bool presented;          /* to the pins; of a port, its pins tell */
  uint64_t due;
  tw_record kept; /* a copy, once records are taken ahead anew */
} place;

typedef struct port {
  place place;
  tw_flight *asked; /* on the pins: from the place, or asked once more; one of `flights`, whose tag is not yet busy */
  bool asked_again;
  tw_pins_request *pins;
  uint16_t busy; /* a bit for each tag in flight */
  uint8_t next_tag;
  uint8_t cancels; /* flights that will be cancelled */
  uint8_t again_count;
  tw_flight again[AGAIN_MAX]; /* to be asked once more, the oldest first */
  tw_flight flights[TW_TAGS];
} port;

/* For what is seldom done: out of line, so that the path of every cycle saves no registers for it. */
#define PLAYER_SELDOM __attribute__((noinline))

/* The numbers of the records that are taken and not complete. One stands in the slot of its lowest bits, or, if that
 * is another's, among the crowded: those are nearly always none. */
typedef struct live_set {
  uint64_t slots[LIVE_SLOTS]; /* LIVE_NONE where free */
  uint64_t crowded[LIVE_MAX];
  unsigned crowded_count;
} live_set;

struct tw_player {
  tw_pins_in in;
  uint64_t cycle;
  uint64_t progress;                       /* cycle in which something last happened */
  const tw_record *ahead_next, *ahead_end; /* taken from the source, not yet in a place */
  const tw_record *told;                   /* of those, the last that the observer was told of; NULL: none */
  live_set live;
  unsigned others;       /* places of control, PMP, fence and store that are taken */
  bool memory_busy;      /* memory's pins may change, or it waits for the MMU's */
  bool answers_observed; /* an observer is told of every answer */
  bool ended, waiting;
  bool guarded;     /* some address may be denied: PMP, regions, or a physical width below the mode's */
  bool pmp_blurred; /* a PMP write met outstanding requests, and some are outstanding still (P31) */
  port ports[TW_PORT_COUNT];
  place control, pmp_write, fence, store;
  uint64_t fences_open[LIVE_MAX]; /* accepted, not done: a ring */
  unsigned fences_first, fences_count;
  tw_control_state state;
  tw_pmp pmp; /* as it is in force */
  tw_machine machine;
  tw_player_counts counts;
  tw_player_options options;
  tw_record ahead[AHEAD_MAX];
};

static inline bool live_has(const live_set *live, uint64_t number) {
  if (live->slots[number % LIVE_SLOTS] == number) return true;
  for (unsigned i = 0; i < live->crowded_count; i++)
    if (live->crowded[i] == number) return true;
  return false;
}

static inline void live_add(live_set *live, uint64_t number) {
  uint64_t *slot = &live->slots[number % LIVE_SLOTS];
  if (*slot == LIVE_NONE) {
    *slot = number;
  } else {
    live->crowded[live->crowded_count++] = number;
  }
}

/* player_drive.c */
void player_crowded_remove(live_set *live, uint64_t number);

/* A record is complete (T2). */
static inline void live_remove(live_set *live, uint64_t number) {
  uint64_t *slot = &live->slots[number % LIVE_SLOTS];
  if (*slot == number) {
    *slot = LIVE_NONE;
  } else {
    player_crowded_remove(live, number);
  }
}

#endif
