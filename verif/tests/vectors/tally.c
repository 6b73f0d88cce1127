/* Counts what recorded vectors cover.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include <stdio.h>
#include <string.h>

const tally_class *tally_find(const tally *sum, const char *name) {
  for (unsigned i = 0; i < sum->class_count; i++) {
    if (strcmp(sum->classes[i].name, name) == 0) return &sum->classes[i];
  }
  return NULL;
}

static bool count_access(tally *sum, const vector_replay *replay, const vector_access *access) {
  const tally_class *found = tally_find(sum, replay->scene.class);
  if (!found && sum->class_count == TALLY_CLASSES_MAX) return false;
  tally_class *row = &sum->classes[found ? (unsigned)(found - sum->classes) : sum->class_count];
  if (!found) {
    sum->class_count++;
    memcpy(row->name, replay->scene.class, sizeof row->name);
  }
  const bool page_fault = access->cause >= TW_CAUSE_FETCH_PAGE_FAULT;
  row->granted += access->cause == 0;
  row->page_faults += page_fault;
  row->access_faults += access->cause != 0 && !page_fault;
  row->updated += access->changed_count > 0;
  sum->reasons[replay->walk.reason]++;
  sum->vectors++;
  return true;
}

bool tally_record(tally *sum, const vector_replay *replay, const vector_record *record) {
  if (record->kind == VECTOR_ACCESS) return count_access(sum, replay, &record->of.access);
  if (record->kind != VECTOR_WRITE) return true;
  sum->writes++;
  sum->changed += record->of.write.read != record->of.write.written.value;
  return true;
}

unsigned tally_class_vectors(const tally_class *row) {
  return row->granted + row->page_faults + row->access_faults;
}

void tally_print(const tally *sum) {
  printf("%-14s %8s %8s %8s %8s %8s\n", "class", "vectors", "granted", "page", "access", "updated");
  for (unsigned i = 0; i < sum->class_count; i++) {
    const tally_class *row = &sum->classes[i];
    printf("%-14s %8u %8u %8u %8u %8u\n", row->name, tally_class_vectors(row), row->granted, row->page_faults,
           row->access_faults, row->updated);
  }
  for (unsigned reason = 1; reason < TW_REASON_COUNT; reason++) {
    printf("%-18s %8u\n", tw_reason_name((tw_reason)reason), sum->reasons[reason]);
  }
  printf("%u vectors, %u writes of PMP registers, of which %u read otherwise; %u differences\n", sum->vectors,
         sum->writes, sum->changed, sum->differences);
}
