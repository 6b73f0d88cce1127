/* Makes what the fuzzer begins with: small traces of every kind and form, as fuzz_trace.c takes them.
 *
 *   make_trace_corpus DIRECTORY
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "sample.h"

static void save(const char *directory, const char *name, const uint8_t *begin, size_t begin_size, const uint8_t *rest,
                 size_t rest_size) {
  char path[SAMPLE_PATH_BYTES];
  uint8_t *all = malloc(begin_size + rest_size + 1);
  if (!all) abort();
  memcpy(all, begin, begin_size);
  memcpy(all + begin_size, rest, rest_size);
  sample_save(sample_path(path, directory, name), all, begin_size + rest_size);
  free(all);
}

/* The content of a binary trace's first block, by itself. */
static void save_content(const char *directory, const char *name, tw_trace_kind kind, const uint8_t *bytes,
                         size_t size) {
  static uint8_t content[1 << 20];
  uint32_t header, packed;
  memcpy(&header, bytes + 12, 4);
  const uint8_t *block = bytes + 16 + header + 8;
  memcpy(&packed, block + 4, 4);
  const size_t unpacked = ZSTD_decompress(content, sizeof content, block + 48, packed);
  if (block + 48 + packed > bytes + size || ZSTD_isError(unpacked)) abort();
  save(directory, name, (const uint8_t[]){2, (uint8_t)(kind - TW_TRACE_PROGRAM)}, 2, content, unpacked);
}

int main(int argc, char **argv) {
  char path[SAMPLE_PATH_BYTES], name[32];
  if (argc != 2) {
    fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    return 2;
  }
  mkdir(argv[1], 0777);
  for (tw_trace_kind kind = TW_TRACE_PROGRAM; kind <= TW_TRACE_GOLDEN; kind++)
    for (unsigned seed = 1; seed <= 8; seed++)
      for (tw_trace_form form = TW_TRACE_TEXT; form <= TW_TRACE_BINARY; form++) {
        size_t size;
        sample_write(sample_path(path, argv[1], "temporary"), kind, form, seed, 4 * seed);
        uint8_t *bytes = sample_load(path, &size);
        remove(path);
        snprintf(name, sizeof name, "%d-%d-%u", (int)kind, (int)form, seed);
        save(argv[1], name, (const uint8_t[]){form == TW_TRACE_BINARY}, 1, bytes, size);
        snprintf(name, sizeof name, "%d-content-%u", (int)kind, seed);
        if (form == TW_TRACE_BINARY) save_content(argv[1], name, kind, bytes, size);
        free(bytes);
      }
  return 0;
}
