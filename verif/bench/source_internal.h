/* What the kinds of source over a trace share; for the source's own files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SOURCE_INTERNAL_H
#define TWINWALK_SOURCE_INTERNAL_H

#include "source.h"

/* A source over a program trace. Takes the reader on success; on failure it stays the caller's, with an error. */
tw_source *program_source_open(const tw_source_options *options, tw_trace_reader *reader, tw_error *error);

#endif
