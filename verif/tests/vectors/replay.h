/* Replays recorded vectors against the oracle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_VECTORS_REPLAY_H
#define TWINWALK_TESTS_VECTORS_REPLAY_H

#include "vector_file.h"

enum { REPLAY_WORDS_MAX = 512, REPLAY_TEXT_SIZE = 256 };

/* A scene as far as it was read, and what the oracle made of the record replayed last. */
typedef struct vector_replay {
  vector_scene scene;
  tw_pmp pmp;
  tw_pma_table regions;
  vector_context context;
  unsigned word_count;
  vector_entry words[REPLAY_WORDS_MAX]; /* memory; what is not here is 0 */
  tw_walk walk;                         /* of an access */
  unsigned changed_count;
  vector_entry changed[VECTOR_ENTRIES_MAX]; /* updates by the access */
  char difference[REPLAY_TEXT_SIZE];        /* what the oracle says and what was recorded; "" if they agree */
} vector_replay;

/* Takes over or checks one record. False if the oracle differs: replay->difference says how. */
bool replay_record(vector_replay *replay, const vector_record *record);

#endif
