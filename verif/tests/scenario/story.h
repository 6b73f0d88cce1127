/* What the tests of scenarios share: a scenario from text, and its records in a list.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SCENARIO_STORY_H
#define TWINWALK_TESTS_SCENARIO_STORY_H

#include "scenario.h"

typedef struct story {
  tw_record *records; /* owned; their names are the scenario's */
  size_t count;
  scenario *open;
} story;

/* Folder of the layouts; a test program's first argument. */
extern const char *story_layouts;

/* Plays a scenario from text; fails the test with its message if it cannot. Every record may stand in a program trace.
 */
story story_play(const char *text, const char *layout);
/* The same with another seed. */
story story_play_seed(const char *text, const char *layout, uint64_t seed);
void story_close(story *told);

/* Asserts that a scenario is refused, with a message that begins with "story.yaml:" and holds `expected`. */
void story_refused(const char *text, const char *expected);

/* The n-th record of a kind, from 0; fails if there are fewer. */
const tw_record *story_record(const story *told, tw_record_kind kind, size_t n);
size_t story_count(const story *told, tw_record_kind kind);
/* The n-th access of a kind. */
const tw_record *story_access(const story *told, tw_access kind, size_t n);
size_t story_accesses(const story *told, tw_access kind);
/* The first map of a use. */
const tw_record *story_map(const story *told, tw_region_use use);

#endif
