/* Dinero: `2 400000`, label and hexadecimal address (0 read, 1 write, 2 fetch, 3 other, taken as a read; 4 and 5 are
 * about caches), or, of Dinero IV's extended form, `r 7fff0010 8`: label, address and size, both hexadecimal (r, w, i;
 * m is taken as a read; c and v are about caches). What stands behind is a comment.
 *
 * The shorter form has no sizes: 4 bytes are assumed, or fewer, so that the access is aligned.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "text.h"

#define SIZE_ASSUMED 4u
#define SIZE_MAX_TRACE 64u

typedef struct din_state {
  trace_builder *builder;
} din_state;

static bool din_open(void *state, trace_builder *builder, tw_error *error) {
  (void)error;
  ((din_state *)state)->builder = builder;
  return true;
}

static uint8_t size_aligned(uint64_t va, uint8_t size) {
  while (va % size) size /= 2;
  return size;
}

/* An access of more bytes than a trace's records hold comes in parts. */
static bool din_access(trace_builder *builder, tw_access kind, uint64_t va, uint64_t size, tw_error *error) {
  for (uint64_t done = 0; done < size; done += SIZE_MAX_TRACE) {
    uint64_t part = size - done < SIZE_MAX_TRACE ? size - done : SIZE_MAX_TRACE;
    if (!builder_access(builder, kind, va + done, (uint8_t)part, error)) return false;
  }
  return true;
}

static bool din_take(void *state, char *text, size_t length, tw_error *error) {
  static const char labels[] = "0123rwim45cv";
  static const tw_access kinds[] = {TW_LOAD, TW_STORE, TW_FETCH, TW_LOAD, TW_LOAD, TW_STORE, TW_FETCH, TW_LOAD};
  trace_builder *builder = ((din_state *)state)->builder;
  const char *at = text + strspn(text, " \t\r");
  uint64_t va, size;
  (void)length;
  if (!*at) return true;
  const char *label = strchr(labels, *at++);
  bool good = label && text_blank(&at) && text_hex_prefixed(&at, &va) && (!*at || strchr(" \t\r", *at));
  if (!good) return text_unexpected("a line of Dinero (`2 400000`, `r 7fff0010 8`)", text, error);
  size_t index = (size_t)(label - labels);
  if (index >= sizeof kinds / sizeof *kinds) return true;
  if (index < 4) {
    snprintf(builder->assumed, sizeof builder->assumed, "size=%u", SIZE_ASSUMED);
    return builder_access(builder, kinds[index], va, size_aligned(va, SIZE_ASSUMED), error);
  }
  if (!text_blank(&at) || !text_hex_prefixed(&at, &size) || (*at && !strchr(" \t\r", *at)) || !size || size > 4096) {
    return text_unexpected("a size from 1 to 1000 (hexadecimal) in a line of Dinero IV", text, error);
  }
  return din_access(builder, kinds[index], va, size, error);
}

const import_format FORMAT_DIN = {.name = "din",
                                  .what = "Dinero III and IV, traditional and extended",
                                  .nothing = "lines of Dinero (`2 400000`, `r 7fff0010 8`)",
                                  .state_bytes = sizeof(din_state),
                                  .line_bytes = 65536,
                                  .open = din_open,
                                  .take = din_take};
