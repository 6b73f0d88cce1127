/* Feeds the reader of ELF programs what libFuzzer makes up. What it lets through must fit the file and an address
 * space.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_image.h"

static void demand(bool good, const char *what, const tw_error *error) {
  if (good) return;
  fprintf(stderr, "fuzz_elf: %s: %s\n", what, error->text);
  abort();
}

static void image_check(const elf_image *image, size_t size) {
  const uint64_t end = image->bits == 32 ? (uint64_t)1 << 32 : (uint64_t)1 << 56;
  const tw_error none = {"no message"};
  bool entered = false;
  demand(image->bits == 32 || image->bits == 64, "a width that is none", &none);
  demand(image->count >= 1 && image->count <= ELF_IMAGE_PARTS_MAX, "a number of segments that cannot be", &none);
  for (unsigned i = 0; i < image->count; i++) {
    const elf_part *part = &image->parts[i];
    demand(part->start <= part->file_end && part->file_end <= part->end && part->start < part->end && part->end <= end,
           "a segment without order", &none);
    demand(part->offset <= size && part->file_end - part->start <= size - part->offset, "a segment without file",
           &none);
    demand(!i || image->parts[i - 1].end <= part->start, "segments that overlap", &none);
    entered |= image->entry >= part->start && image->entry < part->end;
  }
  demand(entered, "an entry point nowhere", &none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  arena memory = {0};
  elf_image image;
  tw_error error = {""};
  char *bytes = malloc(size + 1); /* libelf may write there */
  if (!bytes) abort();
  memcpy(bytes, data, size);
  if (elf_image_parse("fuzz.elf", bytes, size, &memory, &image, &error)) {
    image_check(&image, size);
  } else {
    demand(strncmp(error.text, "fuzz.elf: ", 10) == 0 && !strchr(error.text, '\n'),
           "an error is not one line with the file", &error);
  }
  arena_free(&memory);
  free(bytes);
  return 0;
}
