/* What is compared with the naive translator: the oracle's functions, or some of them broken on purpose.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_SUBJECT_H
#define TWINWALK_TESTS_SPEC_SUBJECT_H

#include "twinwalk/spec.h"

typedef struct subject {
  const char *name;
  void (*walk)(const tw_context *context, const tw_request *request, const tw_table_memory *memory, tw_walk *walk);
  void (*write_cfg)(tw_pmp *pmp, unsigned index, uint8_t value);
  void (*write_addr)(tw_pmp *pmp, unsigned index, uint64_t value);
  void (*write_mseccfg)(tw_pmp *pmp, uint64_t value);
} subject;

/* The oracle as it is. */
extern const subject SUBJECT_ORACLE;

/* The oracle behind a memory that shows entries as they are: what broken oracles of that kind are built with. */
extern const subject SUBJECT_UNALTERED;

#endif
