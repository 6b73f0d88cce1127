/* The memory of one run.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CUSTOM_0 0x0bu
#define OPCODE_BITS 7u
#define OPCODE_MASK 0x7fu
#define INDEX_MASK 0x1ffffffu
#define SCRAMBLE 0x19e3779u   /* odd: a bijection modulo 2^25 */
#define UNSCRAMBLE 0x1b382c9u /* SCRAMBLE * UNSCRAMBLE is 1 modulo 2^25 */

_Static_assert((SCRAMBLE * (uint64_t)UNSCRAMBLE & INDEX_MASK) == 1, "not each other's inverse");

uint8_t *judge_ram_at(uint8_t *ram, uint64_t pa, unsigned bytes) {
  if (pa < JUDGE_RAM || pa - JUDGE_RAM > JUDGE_RAM_BYTES - bytes) return NULL;
  return ram + (pa - JUDGE_RAM);
}

uint32_t judge_frame_word(uint64_t pa) {
  uint32_t index = (uint32_t)((pa - JUDGE_FRAMES) / 4);
  return (index * SCRAMBLE & INDEX_MASK) << OPCODE_BITS | CUSTOM_0;
}

bool judge_frame_find(uint32_t word, uint64_t *pa) {
  uint32_t index = (word >> OPCODE_BITS) * UNSCRAMBLE & INDEX_MASK;
  *pa = JUDGE_FRAMES + (uint64_t)index * 4;
  return (word & OPCODE_MASK) == CUSTOM_0 && *pa < JUDGE_FRAMES_END;
}

uint64_t judge_frame_tame(uint64_t va, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; i++) {
    if ((va + i) % 4 != 0) continue;
    value &= ~((uint64_t)OPCODE_MASK << 8 * i);
    value |= (uint64_t)CUSTOM_0 << 8 * i;
  }
  return value;
}

static bool file_map(judge_image *image, int file) {
  if (ftruncate(file, (off_t)JUDGE_RAM_BYTES) != 0) return false;
  image->ram = mmap(NULL, JUDGE_RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return image->ram != MAP_FAILED;
}

bool judge_image_open(judge_image *image) {
  const char *folder = getenv("TMPDIR");
  snprintf(image->path, sizeof image->path, "%s/judge_qemu-XXXXXX", folder ? folder : "/tmp");
  image->expected = malloc(JUDGE_RAM_BYTES);
  int file = mkstemp(image->path);
  if (file < 0 || image->expected == NULL || !file_map(image, file)) {
    perror(image->path);
    if (file >= 0) {
      close(file);
      unlink(image->path);
    }
    free(image->expected);
    return false;
  }
  close(file);
  return true;
}

void judge_image_close(judge_image *image) {
  munmap(image->ram, JUDGE_RAM_BYTES);
  free(image->expected);
  unlink(image->path);
}

static bool guest_load(uint8_t *ram, const char *guest) {
  FILE *file = fopen(guest, "rb");
  if (file == NULL) {
    perror(guest);
    fputs("the guest is built by riscv64-unknown-elf-gcc (scripts/setup --test installs it)\n", stderr);
    return false;
  }
  size_t bytes = fread(ram, 1, JUDGE_CONTROL - JUDGE_RAM, file);
  bool fine = bytes > 0 && !ferror(file);
  if (!fine) fprintf(stderr, "%s: cannot be read\n", guest);
  fclose(file);
  return fine;
}

bool judge_image_reset(judge_image *image, const char *guest) {
  memset(image->ram, 0, JUDGE_RAM_BYTES);
  for (uint64_t pa = JUDGE_FRAMES; pa < JUDGE_FRAMES_END; pa += 4) {
    uint32_t word = judge_frame_word(pa);
    memcpy(judge_ram_at(image->ram, pa, 4), &word, sizeof word);
  }
  return guest_load(image->ram, guest);
}
