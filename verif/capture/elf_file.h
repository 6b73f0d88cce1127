/* What an ELF file says of the memory that its program gets.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_ELF_H
#define TWINWALK_CAPTURE_ELF_H

#include "twinwalk/trace.h"

#define ELF_SEGMENTS_MAX 16u
#define ELF_PATH_MAX 4096u

typedef struct elf_segment {
  uint64_t start, file_end, end; /* bytes from the load address; those from file_end on are zeros */
  uint64_t offset;               /* of the segment's first byte in the file */
  uint8_t prot;
} elf_segment;

typedef struct elf_file {
  char path[ELF_PATH_MAX];
  char interpreter[ELF_PATH_MAX]; /* "" if there is none */
  unsigned bits;
  unsigned machine; /* EM_... */
  bool relocatable; /* ET_DYN */
  uint64_t entry;
  unsigned count;
  elf_segment segments[ELF_SEGMENTS_MAX];
} elf_file;

/* Reads the headers of a file. False if it is no ELF file for this purpose. */
bool elf_read(const char *path, elf_file *elf);

#endif
