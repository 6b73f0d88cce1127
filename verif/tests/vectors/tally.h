/* Counts what recorded vectors cover: answers by class, the oracle's reasons, writes of PMP registers.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_VECTORS_TALLY_H
#define TWINWALK_TESTS_VECTORS_TALLY_H

#include "replay.h"

enum { TALLY_CLASSES_MAX = 32 };

typedef struct tally_class {
  char name[VECTOR_CLASS_SIZE];
  unsigned granted, page_faults, access_faults;
  unsigned updated; /* of all of these: an entry changed */
} tally_class;

typedef struct tally {
  unsigned class_count;
  tally_class classes[TALLY_CLASSES_MAX];
  unsigned reasons[TW_REASON_COUNT]; /* the oracle's */
  unsigned vectors;
  unsigned writes;  /* of PMP registers */
  unsigned changed; /* of these: the register reads otherwise than it was written */
  unsigned differences;
} tally;

/* Counts a record that was just replayed. False if there are too many classes. */
bool tally_record(tally *sum, const vector_replay *replay, const vector_record *record);

/* The row of a class; NULL if none of its vectors was counted. */
const tally_class *tally_find(const tally *sum, const char *name);

unsigned tally_class_vectors(const tally_class *row);

void tally_print(const tally *sum);

#endif
