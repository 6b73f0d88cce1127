/* One line of a file of recorded vectors.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_VECTORS_VECTOR_LINE_H
#define TWINWALK_TESTS_VECTORS_VECTOR_LINE_H

#include "vector_file.h"

/* Takes a line apart, cutting it up in place. False if it is no record. */
bool vector_line_parse(char *line, vector_record *record);

#endif
