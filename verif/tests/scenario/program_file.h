/* ELF files, made in memory: small programs whose headers a test can then spoil.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_SCENARIO_PROGRAM_FILE_H
#define TWINWALK_TESTS_SCENARIO_PROGRAM_FILE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define PROGRAM_FILE_BYTES 0x4000u

/* Three segments: text at `base`, rodata at base + 0x1000, data and BSS at base + 0x2000 (0x123 bytes of the file,
 * 0x2400 in memory). A program with an interpreter names it. */
typedef struct program_file {
  unsigned char bytes[PROGRAM_FILE_BYTES];
  size_t size;
} program_file;

void program_file_make(program_file *file, unsigned bits, unsigned machine, uint64_t base, const char *interpreter);
/* Of 64-bit files: what a test changes. */
Elf64_Ehdr *program_file_header(program_file *file);
Elf64_Phdr *program_file_segment(program_file *file, unsigned n); /* 0 to 2 are loaded, 3 names the interpreter */
/* Writes it to a path; fails the test if it cannot. */
void program_file_write(const program_file *file, const char *path);

#endif
