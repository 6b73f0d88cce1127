/* Puts the checksums of a damaged binary trace right, so that a reader gets to the damage.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_TRACE_CHECKSUMS_H
#define TWINWALK_TESTS_TRACE_CHECKSUMS_H

#include <stddef.h>
#include <stdint.h>

/* Overwrites the checksums of a binary trace with those of what is there. */
void checksums_fix(uint8_t *bytes, size_t size);

#endif
