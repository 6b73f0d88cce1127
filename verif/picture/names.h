/* What the regions of each process are called: a space keeps no names, so they are taken from the program trace.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_NAMES_H
#define TWINWALK_NAMES_H

#include "twinwalk/space.h"

/* A copy in which what is no printable ASCII is '?': names come from anywhere. The caller's; NULL if memory is out. */
char *tw_plain_copy(const char *text);

/* Where a program's address is played, and the way back: regions may have been moved as a whole. */
uint64_t tw_played_address(const tw_space *space, uint64_t va);
uint64_t tw_program_address(const tw_space *space, uint64_t va);

/* The named ranges of one process: the `object` of a range is the place of its name in the list of all. */
typedef struct tw_names_process {
  uint32_t id;
  tw_region_list ranges; /* owned; program addresses */
} tw_names_process;

/* Begins as {0}. */
typedef struct tw_names {
  const char *first; /* what process 0 is called if nothing else says it: the trace's program; the caller's; or NULL */
  char **names;      /* owned, each once; a range's object is one more than its place here */
  size_t count, room;
  tw_names_process *processes; /* owned */
  size_t process_count;
  uint32_t running; /* id of the process whose the records are */
  bool failed;      /* memory was out */
} tw_names;

void tw_names_free(tw_names *names);
/* Takes a program record. */
void tw_names_take(tw_names *names, const tw_record *record);
/* The name of what is mapped at a program's address, or ""; the names'. */
const char *tw_names_find(const tw_names *names, uint32_t process, uint64_t va);

#endif
