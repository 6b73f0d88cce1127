/* Imports bytes of a format, and says what must come of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CAPTURE_TEST_IMPORTED_H
#define CAPTURE_TEST_IMPORTED_H

#include "capture.h"

/* Imports and returns the whole trace as text; the caller frees it. `how` may be NULL. */
char *imported(void **state, const char *format, const void *bytes, size_t size, const capture_options *how,
               capture_result *result);
/* The records of the text's trace must be these. */
void imported_as(void **state, const char *format, const char *text, const char *records);
/* Importing must fail with a message that has the file's name and `expected` in it, and leave nothing behind. */
void refused(void **state, const char *format, const void *bytes, size_t size, const char *expected);
void refused_text(void **state, const char *format, const char *text, const char *expected);

#endif
