/* What an ELF file says of the memory that its program gets: read with libelf, and believed only if it can be.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_ELF_IMAGE_H
#define TWINWALK_SCENARIO_ELF_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "twinwalk/error.h"

#define ELF_IMAGE_PARTS_MAX 64u

/* A PT_LOAD segment. */
typedef struct elf_part {
  uint64_t start;         /* bytes from the load address */
  uint64_t file_end, end; /* bytes from file_end on are zeroes */
  uint64_t offset;        /* of `start` in the file */
  uint8_t prot;           /* TW_PROT_... */
} elf_part;

typedef struct elf_image {
  unsigned bits;    /* 32 or 64 */
  bool relocatable; /* ET_DYN: the load address is the operating system's */
  uint64_t entry;
  const char *interpreter; /* path; NULL if it has none */
  unsigned count;
  elf_part parts[ELF_IMAGE_PARTS_MAX]; /* by address, with no page in two of them */
} elf_image;

/* Reads a program or interpreter for RISC-V or x86. Strings are the arena's. False and error, which names the file. */
bool elf_image_read(const char *path, arena *memory, elf_image *image, tw_error *error);
/* The same of bytes in memory; `path` stands for them in messages. */
bool elf_image_parse(const char *path, char *bytes, size_t size, arena *memory, elf_image *image, tw_error *error);

#endif
