/* Makes ELF files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "program_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NAME_AT 0x800u

Elf64_Ehdr *program_file_header(program_file *file) {
  return (Elf64_Ehdr *)(void *)file->bytes;
}

Elf64_Phdr *program_file_segment(program_file *file, unsigned n) {
  return (Elf64_Phdr *)(void *)(file->bytes + sizeof(Elf64_Ehdr)) + n;
}

static void make_64(program_file *file, unsigned machine, uint64_t base, unsigned count) {
  const uint64_t flags[] = {PF_R | PF_X, PF_R, PF_R | PF_W}, sizes[] = {0x900, 0x800, 0x123};
  Elf64_Ehdr *header = program_file_header(file);
  *header = (Elf64_Ehdr){.e_type = base ? ET_EXEC : ET_DYN,
                         .e_machine = (Elf64_Half)machine,
                         .e_version = EV_CURRENT,
                         .e_entry = base + 0x400,
                         .e_phoff = sizeof(Elf64_Ehdr),
                         .e_ehsize = sizeof(Elf64_Ehdr),
                         .e_phentsize = sizeof(Elf64_Phdr),
                         .e_phnum = (Elf64_Half)count};
  for (unsigned i = 0; i < 3; i++)
    *program_file_segment(file, i) = (Elf64_Phdr){.p_type = PT_LOAD,
                                                  .p_flags = (Elf64_Word)flags[i],
                                                  .p_offset = 0x1000u * i,
                                                  .p_vaddr = base + 0x1000u * i,
                                                  .p_filesz = sizes[i],
                                                  .p_memsz = i == 2 ? 0x2400 : sizes[i],
                                                  .p_align = 0x1000};
}

static void make_32(program_file *file, unsigned machine, uint64_t base, unsigned count) {
  const Elf32_Word flags[] = {PF_R | PF_X, PF_R, PF_R | PF_W}, sizes[] = {0x900, 0x800, 0x123};
  Elf32_Ehdr *header = (Elf32_Ehdr *)(void *)file->bytes;
  Elf32_Phdr *segments = (Elf32_Phdr *)(void *)(file->bytes + sizeof(Elf32_Ehdr));
  *header = (Elf32_Ehdr){.e_type = base ? ET_EXEC : ET_DYN,
                         .e_machine = (Elf32_Half)machine,
                         .e_version = EV_CURRENT,
                         .e_entry = (Elf32_Addr)base + 0x400,
                         .e_phoff = sizeof(Elf32_Ehdr),
                         .e_ehsize = sizeof(Elf32_Ehdr),
                         .e_phentsize = sizeof(Elf32_Phdr),
                         .e_phnum = (Elf32_Half)count};
  for (unsigned i = 0; i < 3; i++)
    segments[i] = (Elf32_Phdr){.p_type = PT_LOAD,
                               .p_flags = flags[i],
                               .p_offset = 0x1000u * i,
                               .p_vaddr = (Elf32_Addr)base + 0x1000u * i,
                               .p_filesz = sizes[i],
                               .p_memsz = i == 2 ? 0x2400 : sizes[i],
                               .p_align = 0x1000};
}

void program_file_make(program_file *file, unsigned bits, unsigned machine, uint64_t base, const char *interpreter) {
  const size_t length = interpreter ? strlen(interpreter) + 1 : 0;
  memset(file, 0, sizeof *file);
  file->size = 0x2123;
  if (bits == 64) {
    make_64(file, machine, base, interpreter ? 4 : 3);
    *program_file_segment(file, 3) = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = NAME_AT, .p_filesz = length};
  } else {
    assert_null(interpreter);
    make_32(file, machine, base, 3);
  }
  memcpy(file->bytes, ELFMAG, SELFMAG);
  file->bytes[EI_CLASS] = bits == 64 ? ELFCLASS64 : ELFCLASS32;
  file->bytes[EI_DATA] = ELFDATA2LSB;
  file->bytes[EI_VERSION] = EV_CURRENT;
  if (interpreter) memcpy(file->bytes + NAME_AT, interpreter, length);
}

void program_file_write(const program_file *file, const char *path) {
  FILE *stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(file->bytes, 1, file->size, stream), file->size);
  assert_int_equal(fclose(stream), 0);
}
