/* What a trace's header asks for: of the design (needs.*) and of the memory (memory.*).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_NEEDS_H
#define TWINWALK_NEEDS_H

#include "dut.h"
#include "memory.h"

/* Whether a design in a configuration has all that a trace needs; if not, the error says what is missing. A key of
 * needs.* that is not known is refused, too (docs/traces.md, "Header keys"). */
bool tw_needs_check(const tw_trace_header *header, const tw_dut_description *design, const tw_config *config,
                    tw_error *error);

/* Replaces what the header's memory.* keys say. False and error if a value is malformed. */
bool tw_needs_memory(const tw_trace_header *header, tw_memory_options *memory, tw_error *error);

/* Parses "MIN" or "MIN+SPAN" into cycles; `key` names it in messages. */
bool tw_latency_parse(const char *key, const char *text, tw_latency *latency, tw_error *error);

#endif
