/* A program whose accesses cross page boundaries, and what whoever splits them must put on the pins (P13).
 *
 * Every crossing has two pages of its own. Some are touched before, so that the crossing faults in both halves, in the
 * first, in the second, or in none.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_CROSSING_PROGRAM_H
#define TWINWALK_TESTS_PERMISSIONS_CROSSING_PROGRAM_H

#include "side.h"

#define PROGRAM_SIZES 64u  /* bytes of an access: 1 to this many */
#define PROGRAM_TOUCHED 4u /* pages touched before: bit 0 the first, bit 1 the second */
#define PROGRAM_CROSSINGS (PROGRAM_SIZES * (PROGRAM_SIZES - 1) / 2 * PROGRAM_TOUCHED)
#define PROGRAM_INSIDE (PROGRAM_SIZES * (PROGRAM_SIZES + 1) - PROGRAM_SIZES * (PROGRAM_SIZES - 1) / 2)

/* Something that must be asked at the pins, in one piece. */
typedef struct program_part {
  uint64_t va;
  unsigned size;
  tw_access kind;
  bool faults;                         /* must, until its page is mapped */
  bool ended_faulted;                  /* its last answer was a fault */
  unsigned asked, faulted, translated; /* more than once, if an older one trapped */
  uint64_t last;                       /* when it was asked last: number of the request */
} program_part;

/* What it looks like at the pins. */
typedef struct program_watch {
  program_part *parts; /* owned; in the order of the program: what crosses has two neighbours */
  unsigned count;
  unsigned next[TW_PORT_COUNT];                         /* the part that must be asked next for the first time */
  unsigned trap;                                        /* the part that trapped last */
  bool replays[TW_PORT_COUNT];                          /* the port has yet to begin again behind it */
  program_part *tags[TW_PORT_COUNT][1u << TW_TAG_BITS]; /* outstanding */
  uint64_t requests;
  char error[300]; /* what is wrong first; "" if nothing is */
} program_watch;

/* Writes the program, as text, and what must be seen of it. Asserts that it could. The caller frees the parts. */
void program_write(const char *path, program_watch *watch);

/* Looks at the pins of a cycle; fits tw_side. */
void program_look(void *payload, const tw_side *side, const tw_pins_in *in);

/* At the end: whether everything was asked, faulted and was translated as it must. */
void program_check(program_watch *watch);

#endif
