/* What `twinwalk convert` and `twinwalk cat` share: copying a trace, record by record.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CLI_COPY_H
#define TWINWALK_CLI_COPY_H

#include "twinwalk/trace.h"

typedef struct cli_copy {
  const char *from, *to;
  tw_trace_form form; /* of `to` */
  bool salvage;       /* keep what was before an error */
  bool progress;
} cli_copy;

/* Copies; returns an exit status. A damaged trace is CLI_FAILED also if what was before the damage was kept. */
int cli_copy_run(const cli_copy *copy);

#endif
