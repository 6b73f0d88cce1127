/* Oracles with one decision broken: each must be told from the naive translator, or the comparison is blind to it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SPEC_BROKEN_H
#define TWINWALK_TESTS_SPEC_BROKEN_H

#include <stddef.h>

#include "subject.h"

/* Each returns its list, and its length in *count. */
const subject *broken_translations(size_t *count); /* addresses, permissions, entries */
const subject *broken_updates(size_t *count);      /* A and D */
const subject *broken_protections(size_t *count);  /* PMP, regions, physical width, as they are checked */
const subject *broken_registers(size_t *count);    /* writes to PMP registers */

#endif
