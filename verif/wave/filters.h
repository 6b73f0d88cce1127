/* The translations from values to words that GTKWave applies: a file of pairs, or a program that answers line by line.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_WAVE_FILTERS_H
#define TWINWALK_WAVE_FILTERS_H

#include <stdbool.h>

#include "twinwalk/error.h"
#include "twinwalk/spec.h"

typedef enum wave_filter {
  FILTER_NONE = 0,
  FILTER_STATE, /* of a walker */
  FILTER_SLOT,  /* state of a miss slot */
  FILTER_FENCE, /* kind of fence */
  FILTER_HIT,   /* which structure answered */
  FILTER_ATTRIBUTE,
  FILTER_PMP, /* what a PMP write goes to */
  FILTER_KIND,
  FILTER_STATUS,
  FILTER_REASON,
  FILTER_CAUSE,
  FILTER_PRIVILEGE,
  FILTER_PAGE,  /* a level as a page size */
  FILTER_FLAGS, /* of an entry */
  FILTER_PTE,   /* process: an entry of a page table, taken apart */
  FILTER_COUNT
} wave_filter;

/* Name of the filter's file within the folder; static storage. */
const char *wave_filter_file(wave_filter filter);
bool wave_filter_is_process(wave_filter filter);
/* GTKWave's number for it; files and processes are counted apart, from 1. */
unsigned wave_filter_slot(wave_filter filter);

/* Writes all filters of a mode into a folder, which is made if need be. */
bool wave_filters_write(const char *folder, tw_mode mode, tw_error *error);

#endif
