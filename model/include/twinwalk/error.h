/* What went wrong, for a person: one line that says where, what was expected and what was found.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_ERROR_H
#define TWINWALK_ERROR_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TW_ERROR_BYTES 512u

typedef struct tw_error {
  char text[TW_ERROR_BYTES]; /* "" if there was none; no newline at the end */
} tw_error;

/* Formats into error (which may be NULL) as printf does. Always returns false, so that callers can return it. */
__attribute__((format(printf, 2, 3))) bool tw_error_set(tw_error *error, const char *format, ...);

#ifdef __cplusplus
}
#endif
#endif
