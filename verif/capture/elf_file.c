/* Reads program headers of little-endian ELF files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "elf_file.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

/* The fields of both classes, as wide as the wider. */
static Elf64_Phdr elf_header_widen(const Elf32_Phdr *narrow) {
  return (Elf64_Phdr){.p_type = narrow->p_type,
                      .p_flags = narrow->p_flags,
                      .p_offset = narrow->p_offset,
                      .p_vaddr = narrow->p_vaddr,
                      .p_filesz = narrow->p_filesz,
                      .p_memsz = narrow->p_memsz};
}

static bool elf_interpreter_read(FILE *file, const Elf64_Phdr *header, elf_file *elf) {
  if (header->p_filesz == 0 || header->p_filesz >= sizeof elf->interpreter) return false;
  if (fseek(file, (long)header->p_offset, SEEK_SET)) return false;
  if (fread(elf->interpreter, header->p_filesz, 1, file) != 1) return false;
  elf->interpreter[header->p_filesz] = 0;
  return true;
}

static bool elf_segment_add(const Elf64_Phdr *header, elf_file *elf) {
  if (elf->count == ELF_SEGMENTS_MAX || header->p_memsz < header->p_filesz) return false;
  unsigned prot = (header->p_flags & PF_R ? TW_PROT_READ : 0u) | (header->p_flags & PF_W ? TW_PROT_WRITE : 0u) |
                  (header->p_flags & PF_X ? TW_PROT_EXECUTE : 0u);
  elf->segments[elf->count++] = (elf_segment){.start = header->p_vaddr,
                                              .file_end = header->p_vaddr + header->p_filesz,
                                              .end = header->p_vaddr + header->p_memsz,
                                              .offset = header->p_offset,
                                              .prot = (uint8_t)prot};
  return true;
}

static bool elf_segments_read(FILE *file, uint64_t at, unsigned count, elf_file *elf) {
  for (unsigned i = 0; i < count; i++) {
    Elf64_Phdr wide;
    Elf32_Phdr narrow;
    size_t size = elf->bits == 64 ? sizeof wide : sizeof narrow;
    if (fseek(file, (long)(at + i * size), SEEK_SET)) return false;
    if (elf->bits == 64 ? fread(&wide, sizeof wide, 1, file) != 1 : fread(&narrow, sizeof narrow, 1, file) != 1) {
      return false;
    }
    if (elf->bits == 32) wide = elf_header_widen(&narrow);
    if (wide.p_type == PT_INTERP && !elf_interpreter_read(file, &wide, elf)) return false;
    if (wide.p_type == PT_LOAD && wide.p_memsz && !elf_segment_add(&wide, elf)) return false;
  }
  return elf->count > 0;
}

static bool elf_headers_read(FILE *file, elf_file *elf) {
  unsigned char identity[EI_NIDENT];
  Elf64_Ehdr wide;
  Elf32_Ehdr narrow;
  if (fread(identity, sizeof identity, 1, file) != 1 || memcmp(identity, ELFMAG, SELFMAG)) return false;
  if (identity[EI_DATA] != ELFDATA2LSB) return false;
  rewind(file);
  if (identity[EI_CLASS] == ELFCLASS64) {
    if (fread(&wide, sizeof wide, 1, file) != 1) return false;
    elf->bits = 64;
    elf->machine = wide.e_machine;
    elf->entry = wide.e_entry;
    elf->relocatable = wide.e_type == ET_DYN;
    return elf_segments_read(file, wide.e_phoff, wide.e_phnum, elf);
  }
  if (fread(&narrow, sizeof narrow, 1, file) != 1) return false;
  elf->bits = 32;
  elf->machine = narrow.e_machine;
  elf->entry = narrow.e_entry;
  elf->relocatable = narrow.e_type == ET_DYN;
  return elf_segments_read(file, narrow.e_phoff, narrow.e_phnum, elf);
}

bool elf_read(const char *path, elf_file *elf) {
  FILE *file = fopen(path, "rb");
  *elf = (elf_file){0};
  if (!file) return false;
  snprintf(elf->path, sizeof elf->path, "%s", path);
  bool read = elf_headers_read(file, elf);
  fclose(file);
  return read;
}
