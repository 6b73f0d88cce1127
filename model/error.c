/* Formats errors.
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/error.h"

#include <stdarg.h>
#include <stdio.h>

bool tw_error_set(tw_error *error, const char *format, ...) {
  if (!error) return false;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text, sizeof error->text, format, arguments);
  va_end(arguments);
  return false;
}
