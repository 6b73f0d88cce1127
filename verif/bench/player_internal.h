/* What the player is made of; for the player's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PLAYER_INTERNAL_H
#define TWINWALK_PLAYER_INTERNAL_H

#include "player.h"

#define AGAIN_MAX (TW_TAGS + 1u) /* all that can be in flight on a port when the first answer asks for a repeat */
#define LIVE_MAX 128u            /* two ports with all tags, all repeats and a place, and three other places */

/* What makes a record wait in its place. */
typedef struct place {
  bool taken;
  bool eligible; /* everything in `after` is complete; then at `due` the delay has passed */
  bool presented;
  uint64_t due;
  uint64_t number;
  uint32_t delay;
  tw_after after;
} place;

typedef struct port {
  place place;
  tw_flight next;  /* in the place */
  tw_flight asked; /* on the pins: from the place, or asked once more */
  bool asked_again;
  tw_pins_request *pins;
  uint16_t busy; /* a bit for each tag in flight */
  uint8_t next_tag;
  uint8_t cancels; /* flights that will be cancelled */
  uint8_t again_count;
  tw_flight again[AGAIN_MAX]; /* to be asked once more, the oldest first */
  tw_flight flights[TW_TAGS];
} port;

/* A place for a record that is no access. */
typedef struct other {
  place place;
  tw_record record;
} other;

struct tw_player {
  tw_player_options options;
  tw_pins_in in;
  uint64_t cycle;
  uint64_t progress; /* cycle in which something last happened */
  port ports[TW_PORT_COUNT];
  other control, fence, store;
  tw_record peek; /* taken from the source, not yet in a place */
  bool peeked, ended, waiting;
  uint64_t fences_open[LIVE_MAX]; /* accepted, not done: a ring */
  unsigned fences_first, fences_count;
  uint64_t live[LIVE_MAX]; /* taken and not complete */
  unsigned live_count;
  tw_control_state state;
  tw_player_counts counts;
};

/* player_drive.c */
void player_complete(tw_player *player, uint64_t number);

#endif
