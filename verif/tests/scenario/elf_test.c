/* ELF programs become processes; ELF files that lie are refused.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "elf_image.h"
#include "program_file.h"
#include "story.h"

#define BASE 0x400000u

static char folder[] = "/tmp/twinwalk-elf-XXXXXX";
static char program_path[64], interpreter_path[64];

static int folder_make(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(program_path, sizeof program_path, "%s/program", folder);
  snprintf(interpreter_path, sizeof interpreter_path, "%s/interpreter", folder);
  return 0;
}

static int folder_remove(void **state) {
  (void)state;
  unlink(program_path);
  unlink(interpreter_path);
  return rmdir(folder);
}

static story play_program(const char *more, const char *layout) {
  char text[1024];
  snprintf(text, sizeof text, "processes: [{name: a, elf: %s%s}]\n", program_path, more);
  return story_play(text, layout);
}

static void expect_map(const story *told, size_t n, const tw_record_map *expected) {
  const tw_record_map *map = &story_record(told, TW_RECORD_MAP, n)->map;
  assert_int_equal(map->start, expected->start);
  assert_int_equal(map->length, expected->length);
  assert_int_equal(map->offset, expected->offset);
  assert_int_equal(map->prot, expected->prot);
  assert_int_equal(map->use, expected->use);
  assert_string_equal(map->name, expected->name);
}

/* What program_file_make makes, at a load address. */
static void expect_maps(const story *told, size_t n, uint64_t base, const char *name) {
  const uint8_t r = TW_PROT_READ, w = TW_PROT_WRITE, x = TW_PROT_EXECUTE;
  expect_map(told, n, &(tw_record_map){base, 0x1000, 0, r | x, false, false, TW_REGION_CODE, 0, name});
  expect_map(told, n + 1, &(tw_record_map){base + 0x1000, 0x1000, 0x1000, r, false, false, TW_REGION_RODATA, 0, name});
  expect_map(told, n + 2,
             &(tw_record_map){base + 0x2000, 0x1000, 0x2000, r | w, false, false, TW_REGION_DATA, 0, name});
  expect_map(told, n + 3, &(tw_record_map){base + 0x3000, 0x2000, 0, r | w, false, false, TW_REGION_BSS, 0, ""});
}

static void static_programs_of_both_widths_are_mapped(void **state) {
  static const struct {
    unsigned bits, machine;
    const char *layout;
  } kinds[] = {{64, EM_RISCV, "linux-sv39"},
               {64, EM_X86_64, "linux-sv48"},
               {32, EM_RISCV, "linux-sv32"},
               {32, EM_386, "linux-riscv32"}};
  (void)state;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    program_file file;
    program_file_make(&file, kinds[i].bits, kinds[i].machine, BASE, NULL);
    program_file_write(&file, program_path);
    story told = play_program("", kinds[i].layout);
    expect_maps(&told, 0, BASE, program_path);
    assert_int_equal(story_access(&told, TW_FETCH, 0)->access.va, BASE + 0x400);
    assert_int_equal(story_record(&told, TW_RECORD_BREAK, 0)->map.start, BASE + 0x5000);
    story_close(&told);
  }
}

static void bytes_behind_the_files_are_zeroed_by_stores(void **state) {
  program_file file;
  (void)state;
  program_file_make(&file, 64, EM_RISCV, BASE, NULL);
  program_file_write(&file, program_path);
  story told = play_program("", NULL);
  uint64_t next = BASE + 0x2123;
  for (size_t i = 0; next < BASE + 0x3000; i++) {
    const tw_record_access *store = &story_access(&told, TW_STORE, i)->access;
    assert_int_equal(store->va, next);
    next += store->size;
  }
  assert_int_equal(next, BASE + 0x3000);
  story_close(&told);
}

static void the_stack_holds_the_arguments_before_the_first_instruction(void **state) {
  program_file file;
  (void)state;
  program_file_make(&file, 64, EM_RISCV, BASE, NULL);
  program_file_write(&file, program_path);
  story told = play_program(", arguments: [one, two]", NULL);
  const tw_record *first = story_access(&told, TW_FETCH, 0), *argc = story_access(&told, TW_LOAD, 0);
  const uint64_t pointer = argc->access.va, top = 0x4000000000;
  size_t stores = 0;
  assert_int_equal(pointer % 16, 0);
  for (const tw_record *record = told.records; record != first; record++)
    if (record->kind == TW_RECORD_ACCESS && record->access.va >= pointer) stores += record->access.size;
  /* argc, argv and its end, the environment's end, ten pairs; 16 random bytes, the name twice, two arguments */
  const size_t words = 1 + 4 + 1 + 20, strings = 16 + 2 * (strlen(program_path) + 1) + 8;
  assert_int_equal(stores, words * 8 + strings + sizeof(uint64_t)); /* and argc is loaded */
  assert_in_range(top - pointer, words * 8 + strings, words * 8 + strings + 32);
  story_close(&told);
}

static void a_dynamic_program_begins_in_its_interpreter(void **state) {
  program_file file;
  (void)state;
  program_file_make(&file, 64, EM_RISCV, 0, NULL);
  program_file_write(&file, interpreter_path);
  program_file_make(&file, 64, EM_RISCV, 0, interpreter_path);
  program_file_write(&file, program_path);
  story told = play_program(", run: [load: {in: interpreter.rodata}, fetch: {in: text}]", NULL);
  const uint64_t base = 0x3ff8000000 - 0x5000;
  expect_maps(&told, 0, 0x2aaaaaa000, program_path);
  expect_maps(&told, 4, base, interpreter_path);
  assert_int_equal(story_access(&told, TW_FETCH, 0)->access.va, base + 0x400);
  assert_int_equal(story_access(&told, TW_FETCH, 1)->access.va, 0x2aaaaaa000 + 0x400);
  assert_int_equal(story_access(&told, TW_LOAD, 1)->access.va, base + 0x1000);
  story_close(&told);
}

static void a_relocatable_program_moves_with_the_seed(void **state) {
  program_file file;
  char text[256];
  uint64_t varied = 0;
  (void)state;
  program_file_make(&file, 64, EM_RISCV, 0, NULL);
  program_file_write(&file, program_path);
  for (unsigned seed = 1; seed <= 40; seed++) {
    snprintf(text, sizeof text, "aslr: %u\nprocesses: [{name: a, elf: %s}]\n", seed, program_path);
    story told = story_play(text, NULL);
    const uint64_t start = story_record(&told, TW_RECORD_MAP, 0)->map.start;
    expect_maps(&told, 0, start, program_path);
    assert_in_range(start, 0x2aaaaaa000, 0x2aaaaaa000 + ((uint64_t)4096 << 18) - 4096);
    varied |= start ^ 0x2aaaaaa000;
    story_close(&told);
  }
  assert_true(varied >> 12 >= (uint64_t)1 << 17);
}

/* A spoiled copy of a good program, and what the message says. */
static void expect_refused(program_file *file, const char *expected) {
  arena memory = {0};
  elf_image image;
  tw_error error = {""};
  const bool taken = elf_image_parse("spoiled", (char *)file->bytes, file->size, &memory, &image, &error);
  arena_free(&memory);
  if (taken) fail_msg("accepted, expected \"%s\"", expected);
  if (strncmp(error.text, "spoiled: ", 9) != 0 || !strstr(error.text, expected))
    fail_msg("expected \"%s\", found \"%s\"", expected, error.text);
  program_file_make(file, 64, EM_RISCV, BASE, "/lib/interpreter");
}

static void segments_that_lie_are_refused(void **state) {
  program_file file;
  (void)state;
  program_file_make(&file, 64, EM_RISCV, BASE, "/lib/interpreter");
  Elf64_Phdr *text = program_file_segment(&file, 0), *rodata = text + 1, *data = text + 2;
  data->p_filesz = 0x2401;
  expect_refused(&file, "program header 2: 9217 bytes in the file, but only 9216 in memory");
  data->p_filesz = 0x124;
  expect_refused(&file, "program header 2: 292 bytes at offset 8192, but the file has 8483");
  rodata->p_offset = UINT64_MAX - 0xfff;
  expect_refused(&file, "program header 1");
  data->p_memsz = (uint64_t)1 << 60;
  expect_refused(&file, "do not fit an address space");
  data->p_vaddr = UINT64_MAX - 0xfff;
  expect_refused(&file, "do not fit an address space");
  rodata->p_vaddr = BASE;
  expect_refused(&file, "is not behind the segment before");
  rodata->p_vaddr += 8;
  expect_refused(&file, "differ within a page");
}

static void names_and_headers_that_lie_are_refused(void **state) {
  program_file file;
  (void)state;
  program_file_make(&file, 64, EM_RISCV, BASE, "/lib/interpreter");
  Elf64_Ehdr *header = program_file_header(&file);
  Elf64_Phdr *name = program_file_segment(&file, 3);
  name->p_filesz = UINT64_MAX;
  expect_refused(&file, "is not in the file");
  name->p_filesz = 5;
  expect_refused(&file, "does not end");
  header->e_entry = BASE + 0x1000;
  expect_refused(&file, "entry point 0x401000 is in no segment");
  header->e_machine = EM_ARM;
  expect_refused(&file, "expected a program for RISC-V or x86, found machine 40");
  header->e_type = ET_REL;
  expect_refused(&file, "found an ELF file of type 1");
  header->e_phoff = 0x2120;
  expect_refused(&file, "");
  header->e_phnum = 0;
  expect_refused(&file, "no program headers");
  file.bytes[EI_DATA] = ELFDATA2MSB;
  expect_refused(&file, "");
  file.bytes[0] = 0;
  expect_refused(&file, "no ELF file");
  file.size = 40;
  expect_refused(&file, "");
  file.size = 0;
  expect_refused(&file, "");
}

static void scenarios_name_the_line_of_the_file_that_lies(void **state) {
  program_file file;
  char text[256];
  (void)state;
  program_file_make(&file, 64, EM_RISCV, BASE, NULL);
  program_file_segment(&file, 2)->p_filesz = 0x124;
  program_file_write(&file, program_path);
  snprintf(text, sizeof text, "processes:\n  - name: a\n    elf: %s\n", program_path);
  story_refused(text, "story.yaml:3: key elf: ");
  story_refused(text, "but the file has 8483");
  snprintf(text, sizeof text, "processes: [{name: a, elf: %s/none}]\n", folder);
  story_refused(text, "No such file or directory");
  snprintf(text, sizeof text, "processes: [{name: a, elf: %s}]\n", folder);
  story_refused(text, "no regular file");
  program_file_make(&file, 32, EM_RISCV, BASE, NULL);
  program_file_write(&file, program_path);
  snprintf(text, sizeof text, "processes: [{name: a, elf: %s}]\n", program_path);
  story_refused(text, "is a program of 32 bits, the layout linux-sv39 has 64");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(static_programs_of_both_widths_are_mapped),
      cmocka_unit_test(bytes_behind_the_files_are_zeroed_by_stores),
      cmocka_unit_test(the_stack_holds_the_arguments_before_the_first_instruction),
      cmocka_unit_test(a_dynamic_program_begins_in_its_interpreter),
      cmocka_unit_test(a_relocatable_program_moves_with_the_seed),
      cmocka_unit_test(segments_that_lie_are_refused),
      cmocka_unit_test(names_and_headers_that_lie_are_refused),
      cmocka_unit_test(scenarios_name_the_line_of_the_file_that_lies),
  };
  if (argc != 2) return 2;
  story_layouts = argv[1];
  return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
