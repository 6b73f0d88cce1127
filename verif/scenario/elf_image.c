/* Program headers by libelf. Every size is held against the file and the address space before it is used.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "elf_image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twinwalk/trace.h"

#define PAGE 4096u
#define INTERPRETER_BYTES_MAX 4096u
#define SHOW(number) ((unsigned long long)(number))

typedef struct reading {
  const char *path;
  Elf *elf;
  size_t file_bytes;
  arena *memory;
  elf_image *image;
  tw_error *error;
} reading;

static uint64_t address_end(const elf_image *image) {
  return image->bits == 32 ? (uint64_t)1 << 32 : (uint64_t)1 << 56;
}

static bool identity_read(reading *read) {
  GElf_Ehdr header;
  elf_image *image = read->image;
  if (elf_kind(read->elf) != ELF_K_ELF || !gelf_getehdr(read->elf, &header))
    return tw_error_set(read->error, "%s: no ELF file", read->path);
  const int class = gelf_getclass(read->elf);
  image->bits = class == ELFCLASS64 ? 64 : 32;
  if (header.e_ident[EI_DATA] != ELFDATA2LSB)
    return tw_error_set(read->error, "%s: expected a little-endian program", read->path);
  const bool x86 = header.e_machine == (class == ELFCLASS64 ? EM_X86_64 : EM_386);
  if (!x86 && header.e_machine != EM_RISCV)
    return tw_error_set(read->error, "%s: expected a program for RISC-V or x86, found machine %u", read->path,
                        header.e_machine);
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
    return tw_error_set(read->error, "%s: expected a program, found an ELF file of type %u", read->path, header.e_type);
  image->relocatable = header.e_type == ET_DYN;
  image->entry = header.e_entry;
  return true;
}

static bool interpreter_read(reading *read, const GElf_Phdr *header) {
  size_t size;
  const char *file = elf_rawfile(read->elf, &size);
  if (header->p_filesz < 2 || header->p_filesz > INTERPRETER_BYTES_MAX || header->p_offset > size ||
      header->p_filesz > size - header->p_offset)
    return tw_error_set(read->error, "%s: the name of its interpreter, %llu bytes at offset %llu, is not in the file",
                        read->path, SHOW(header->p_filesz), SHOW(header->p_offset));
  const char *name = file + header->p_offset;
  if (!memchr(name, '\0', header->p_filesz))
    return tw_error_set(read->error, "%s: the name of its interpreter does not end", read->path);
  read->image->interpreter = arena_text(read->memory, name, strlen(name));
  return read->image->interpreter || tw_error_set(read->error, "%s: memory is out", read->path);
}

static bool part_check(const reading *read, const GElf_Phdr *header, size_t index) {
  const uint64_t end = address_end(read->image);
  if (header->p_filesz > header->p_memsz)
    return tw_error_set(read->error, "%s: program header %zu: %llu bytes in the file, but only %llu in memory",
                        read->path, index, SHOW(header->p_filesz), SHOW(header->p_memsz));
  if (header->p_offset > read->file_bytes || header->p_filesz > read->file_bytes - header->p_offset)
    return tw_error_set(read->error, "%s: program header %zu: %llu bytes at offset %llu, but the file has %llu",
                        read->path, index, SHOW(header->p_filesz), SHOW(header->p_offset), SHOW(read->file_bytes));
  if (header->p_vaddr >= end || header->p_memsz > end - header->p_vaddr)
    return tw_error_set(read->error, "%s: program header %zu: %llu bytes at 0x%llx do not fit an address space",
                        read->path, index, SHOW(header->p_memsz), SHOW(header->p_vaddr));
  if (header->p_filesz && header->p_vaddr % PAGE != header->p_offset % PAGE)
    return tw_error_set(read->error, "%s: program header %zu: address 0x%llx and offset 0x%llx differ within a page",
                        read->path, index, SHOW(header->p_vaddr), SHOW(header->p_offset));
  return true;
}

static bool part_add(reading *read, const GElf_Phdr *header, size_t index) {
  elf_image *image = read->image;
  if (!part_check(read, header, index)) return false;
  if (image->count == ELF_IMAGE_PARTS_MAX)
    return tw_error_set(read->error, "%s: more than %u segments", read->path, ELF_IMAGE_PARTS_MAX);
  const elf_part *before = image->count ? &image->parts[image->count - 1] : NULL;
  if (before && header->p_vaddr / PAGE <= (before->end - 1) / PAGE)
    return tw_error_set(read->error, "%s: program header %zu: address 0x%llx is not behind the segment before",
                        read->path, index, SHOW(header->p_vaddr));
  const unsigned prot = (header->p_flags & PF_R ? TW_PROT_READ : 0u) | (header->p_flags & PF_W ? TW_PROT_WRITE : 0u) |
                        (header->p_flags & PF_X ? TW_PROT_EXECUTE : 0u);
  image->parts[image->count++] = (elf_part){.start = header->p_vaddr,
                                            .file_end = header->p_vaddr + header->p_filesz,
                                            .end = header->p_vaddr + header->p_memsz,
                                            .offset = header->p_offset,
                                            .prot = (uint8_t)prot};
  return true;
}

static bool entry_check(const reading *read) {
  const elf_image *image = read->image;
  for (unsigned i = 0; i < image->count; i++) {
    const elf_part *part = &image->parts[i];
    if (image->entry >= part->start && image->entry < part->end && part->prot & TW_PROT_EXECUTE) return true;
  }
  return tw_error_set(read->error, "%s: entry point 0x%llx is in no segment that can be executed", read->path,
                      SHOW(image->entry));
}

static bool headers_read(reading *read) {
  size_t count;
  if (elf_getphdrnum(read->elf, &count))
    return tw_error_set(read->error, "%s: program headers cannot be read: %s", read->path, elf_errmsg(-1));
  if (count == 0 || count > UINT16_MAX) return tw_error_set(read->error, "%s: it has no program headers", read->path);
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr entry;
    if (!gelf_getphdr(read->elf, (int)i, &entry))
      return tw_error_set(read->error, "%s: program header %zu cannot be read: %s", read->path, i, elf_errmsg(-1));
    if (entry.p_type == PT_INTERP && !interpreter_read(read, &entry)) return false;
    if (entry.p_type == PT_LOAD && entry.p_memsz && !part_add(read, &entry, i)) return false;
  }
  return entry_check(read);
}

static bool elf_take(reading *read) {
  if (!read->elf) return tw_error_set(read->error, "%s: %s", read->path, elf_errmsg(-1));
  *read->image = (elf_image){0};
  elf_rawfile(read->elf, &read->file_bytes);
  const bool taken = identity_read(read) && headers_read(read);
  elf_end(read->elf);
  return taken;
}

bool elf_image_read(const char *path, arena *memory, elf_image *image, tw_error *error) {
  elf_version(EV_CURRENT);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return tw_error_set(error, "%s: %s", path, strerror(errno));
  struct stat status;
  bool taken = false;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    tw_error_set(error, "%s: no regular file", path);
  } else {
    reading read = {path, elf_begin(file, ELF_C_READ_MMAP, NULL), 0, memory, image, error};
    taken = elf_take(&read);
  }
  close(file);
  return taken;
}

bool elf_image_parse(const char *path, char *bytes, size_t size, arena *memory, elf_image *image, tw_error *error) {
  elf_version(EV_CURRENT);
  reading read = {path, elf_memory(bytes, size), 0, memory, image, error};
  return elf_take(&read);
}
