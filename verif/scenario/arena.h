/* Memory that is given back all at once: what a scenario's file becomes lives as long as the scenario.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_ARENA_H
#define TWINWALK_SCENARIO_ARENA_H

#include <stddef.h>

/* Begins as {0}. */
typedef struct arena {
  struct arena_block *blocks; /* owned */
} arena;

void *arena_take(arena *memory, size_t bytes); /* zeroed, aligned for anything; NULL if memory is out */
char *arena_text(arena *memory, const char *text, size_t length); /* a copy, with a NUL */
void arena_free(arena *memory);

#endif
