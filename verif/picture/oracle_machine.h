/* A machine whose MMU is the oracle: it plays what an operating system's side says, and answers every access at once.
 *
 * It has no TLB and no clock, so that what a program record does is over when the next one comes: the address spaces
 * can be looked at between any two records. An MMU with TLBs reaches the same state, but for A bits that it sets less
 * often, and so for which pages are taken back first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_ORACLE_MACHINE_H
#define TWINWALK_ORACLE_MACHINE_H

#include "forward.h"

typedef struct oracle_machine {
  tw_space *space;     /* owned */
  tw_forward *forward; /* owned */
  uint64_t answered;   /* accesses; stands for the time */
} oracle_machine;

/* What an operating system's side must know of an MMU, then what a program trace says of the machine, then what
 * `machine` says of it (keys `machine.*`; NULL: nothing). False and error if one says something malformed, or the
 * configuration does not translate. */
bool oracle_machine_options(const tw_config *config, const tw_trace_header *program, const tw_trace_header *machine,
                            tw_space_options *options, tw_error *error);

/* The configuration stays the caller's. Closes itself on failure. */
bool oracle_machine_open(oracle_machine *machine, const tw_config *config, const tw_space_options *options,
                         const tw_trace_header *program, tw_error *error);
void oracle_machine_close(oracle_machine *machine);

/* Feeds one program record and plays whatever comes of it. False and error as the space says. */
bool oracle_machine_feed(oracle_machine *machine, const tw_record *program, tw_error *error);

#endif
