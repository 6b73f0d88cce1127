/* Keeps windows.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "timeline.h"

#include <stdlib.h>

void tw_timeline_init(tw_timeline *timeline, uint64_t length) {
  *timeline = (tw_timeline){.length = length ? length : TW_WINDOW_FIRST, .fixed = length != 0};
}

void tw_timeline_free(tw_timeline *timeline) {
  free(timeline->windows);
  *timeline = (tw_timeline){0};
}

/* Adds the second of a pair to the first. A page that both touched is one page of the pair: it was counted for the
 * second at depth 1, which is not taken over. */
static void pair_join(tw_window *pair, const tw_window *second) {
  pair->accesses += second->accesses;
  pair->kernel += second->kernel;
  pair->fetch_walks += second->fetch_walks;
  pair->data_walks += second->data_walks;
  pair->first_copies += second->first_copies;
  pair->cycle = second->cycle;
  for (unsigned kind = 0; kind < TW_SPACE_EVENT_COUNT; kind++) pair->events[kind] += second->events[kind];
  for (unsigned depth = 2; depth < TW_WINDOW_DEPTH; depth++) pair->touched[depth] += second->touched[depth];
}

/* A bit of the windows' numbers goes away, and with it what differed in it alone. */
static void depths_shift(tw_window *window) {
  for (unsigned depth = 1; depth + 2 < TW_WINDOW_DEPTH; depth++) window->touched[depth] = window->touched[depth + 1];
  window->touched[TW_WINDOW_DEPTH - 2] = 0;
}

static void pairs_join(tw_timeline *timeline) {
  const size_t pairs = timeline->count / 2;
  for (size_t i = 0; i < pairs; i++) {
    tw_window pair = timeline->windows[2 * i];
    pair_join(&pair, &timeline->windows[2 * i + 1]);
    depths_shift(&pair);
    timeline->windows[i] = pair;
  }
  if (timeline->count % 2) {
    timeline->windows[pairs] = timeline->windows[timeline->count - 1];
    depths_shift(&timeline->windows[pairs]);
  }
  timeline->count = pairs + timeline->count % 2;
  timeline->length *= 2;
}

static tw_window *window_add(tw_timeline *timeline) {
  if (timeline->count == timeline->room) {
    const size_t room = timeline->room ? timeline->room * 2 : 64;
    tw_window *windows = realloc(timeline->windows, room * sizeof *windows);
    if (!windows) return NULL;
    timeline->windows = windows;
    timeline->room = room;
  }
  tw_window *window = &timeline->windows[timeline->count++];
  *window = (tw_window){.cycle = timeline->count > 1 ? window[-1].cycle : 0};
  return window;
}

tw_window *tw_timeline_now(tw_timeline *timeline) {
  return timeline->count ? &timeline->windows[timeline->count - 1] : window_add(timeline);
}

tw_window *tw_timeline_next(tw_timeline *timeline, bool *halved) {
  tw_window *window = tw_timeline_now(timeline);
  *halved = false;
  if (!window || window->accesses < timeline->length) return window;
  timeline->full = timeline->fixed && timeline->count == TW_WINDOWS_FIXED_MAX;
  if (timeline->full) return NULL;
  if (!timeline->fixed && timeline->count == TW_WINDOWS_MAX) {
    pairs_join(timeline);
    *halved = true;
  }
  return window_add(timeline);
}

void tw_window_touch(tw_window *window, uint32_t now, uint32_t before) {
  const uint32_t differ = now ^ before;
  if (before == UINT32_MAX) {
    window->touched[TW_WINDOW_DEPTH - 1]++;
  } else if (differ) {
    window->touched[32 - __builtin_clz(differ)]++;
  }
}

uint64_t tw_window_pages(const tw_window *window) {
  uint64_t pages = 0;
  for (unsigned depth = 1; depth < TW_WINDOW_DEPTH; depth++) pages += window->touched[depth];
  return pages;
}
