/* What happened over time: windows of so many accesses each. If their length is not given they are short at first, and
 * pairs of them become one whenever there are too many; what they say stays exact.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TIMELINE_H
#define TWINWALK_TIMELINE_H

#include "twinwalk/space.h"

/* Windows that are kept if their length is not given, and what it is at first. */
#define TW_WINDOWS_MAX 400u
#define TW_WINDOW_FIRST 10u
#define TW_WINDOWS_FIXED_MAX 65536u /* that may be kept if it is given */
#define TW_WINDOW_DEPTH 33u

typedef struct tw_window {
  uint64_t accesses;                     /* of the program */
  uint64_t kernel;                       /* accesses of the kernel */
  uint64_t fetch_walks, data_walks;      /* accesses of both that no TLB answered */
  uint64_t events[TW_SPACE_EVENT_COUNT]; /* by kind */
  uint64_t first_copies;                 /* COPY events that were part of a first touch: minor or major faults, too */
  uint64_t cycle;                        /* of the last answer */
  /* Pages touched for the first time in this window, by how far back they were touched before: at n, in the window
   * whose number first differs from this one's in bit n - 1; at the end, never. */
  uint64_t touched[TW_WINDOW_DEPTH];
} tw_window;

/* Begins with tw_timeline_init. */
typedef struct tw_timeline {
  uint64_t length;    /* accesses of a window */
  bool fixed;         /* it was given */
  bool full;          /* and there are too many windows */
  tw_window *windows; /* owned */
  size_t count, room;
} tw_timeline;

/* Length 0: as it turns out. */
void tw_timeline_init(tw_timeline *timeline, uint64_t length);
void tw_timeline_free(tw_timeline *timeline);
/* The window that the next access of the program falls into; *halved says that the numbers of all windows were halved.
 * The timeline's until the next call; NULL if memory is out, or the timeline is full. */
tw_window *tw_timeline_next(tw_timeline *timeline, bool *halved);
/* The window of what happened last; NULL if memory is out. */
tw_window *tw_timeline_now(tw_timeline *timeline);
/* A page was touched in window `now` that was touched before in window `before` (UINT32_MAX: never). */
void tw_window_touch(tw_window *window, uint32_t now, uint32_t before);
/* Different pages that were touched in a window. */
uint64_t tw_window_pages(const tw_window *window);

#endif
