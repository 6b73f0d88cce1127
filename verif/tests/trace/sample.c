/* Random traces that are legal, and files.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void sample_begin(sample *from, tw_trace_kind kind, uint64_t seed) {
  memset(from, 0, sizeof *from);
  from->kind = kind;
  from->random = seed * 0x9e3779b97f4a7c15u + 1;
}

static uint64_t draw64(sample *from) {
  from->random ^= from->random << 13;
  from->random ^= from->random >> 7;
  from->random ^= from->random << 17;
  return from->random * 0x2545f4914f6cdd1du;
}

uint64_t sample_draw(sample *from, uint64_t below) {
  return (draw64(from) >> 11) % below;
}

/* A number of any magnitude, up to most. */
static uint64_t draw_wide(sample *from, uint64_t most) {
  const uint64_t value = draw64(from) >> sample_draw(from, 64);
  return sample_draw(from, 20) == 0 ? most : value > most ? value & most : value;
}

static bool draw_bool(sample *from) {
  return sample_draw(from, 2) != 0;
}

static uint64_t draw_pa(sample *from, uint64_t alignment) {
  return draw_wide(from, ((uint64_t)1 << 56) - 1) & ~(alignment - 1);
}

static tw_privilege draw_privilege(sample *from) {
  static const tw_privilege ALL[] = {TW_USER, TW_SUPERVISOR, TW_MACHINE};
  return ALL[sample_draw(from, 3)];
}

static void fill_when(sample *from, tw_record *record) {
  if (sample_draw(from, 3) == 0) return;
  record->after.all = sample_draw(from, 4) == 0;
  if (!record->after.all && from->numbers > 0) record->after.count = (uint8_t)sample_draw(from, TW_AFTER_MAX + 1);
  for (unsigned i = 0; i < record->after.count; i++)
    record->after.back[i] = (uint32_t)sample_draw(from, from->numbers < 1000 ? from->numbers : 1000) + 1;
  if (sample_draw(from, 8) == 0) record->delay = (uint32_t)draw_wide(from, UINT32_MAX);
  if (sample_draw(from, 16) == 0) record->hart = (uint8_t)sample_draw(from, 256);
}

static void fill_access(sample *from, tw_record *record) {
  tw_record_access *access = &record->access;
  access->kind = (tw_access)sample_draw(from, TW_ACCESS_COUNT);
  access->size = (uint8_t)(draw_bool(from) ? 1u << sample_draw(from, 7) : 1 + sample_draw(from, 64));
  const bool far = sample_draw(from, 4) == 0;
  access->va = far ? draw_wide(from, UINT64_MAX) : from->va[access->kind] + sample_draw(from, 300) - 150;
  if (from->kind != TW_TRACE_PROGRAM && (access->va & 4095) + access->size > 4096) access->va &= ~(uint64_t)4095;
  if (access->va + access->size < access->va) access->va = 0;
  from->va[access->kind] = access->va;
  if (from->kind == TW_TRACE_PROGRAM) return;
  fill_when(from, record);
  if (sample_draw(from, 8) == 0) access->retries = (uint16_t)draw_wide(from, UINT16_MAX);
  if (sample_draw(from, 8) == 0) access->cancel_after = (uint32_t)draw_wide(from, UINT32_MAX);
  access->speculative = sample_draw(from, 8) == 0;
}

static void fill_map(sample *from, tw_record_map *map) {
  map->length = (draw_wide(from, UINT32_MAX) + 1) * TW_PAGE_BYTES;
  map->start = draw_wide(from, UINT64_MAX - map->length) & ~(uint64_t)(TW_PAGE_BYTES - 1);
  map->offset = draw_bool(from) ? draw_wide(from, UINT64_MAX) : 0;
  map->prot = (uint8_t)sample_draw(from, 8);
  map->shared = draw_bool(from);
  map->grows_down = draw_bool(from);
  map->use = (tw_region_use)(TW_REGION_CODE + sample_draw(from, TW_REGION_USE_COUNT - 1));
  const uint64_t length = sample_draw(from, sizeof from->name);
  for (uint64_t i = 0; i < length; i++) from->name[i] = (char)(1 + sample_draw(from, 255));
  from->name[length] = '\0';
  map->name = from->name;
}

static void fill_program(sample *from, tw_record *record) {
  record->kind = (tw_record_kind)(TW_RECORD_MAP + sample_draw(from, 7));
  switch (record->kind) {
  case TW_RECORD_MAP:
    fill_map(from, &record->map);
    break;
  case TW_RECORD_UNMAP:
  case TW_RECORD_PROTECT:
    record->map.length = (sample_draw(from, 1000) + 1) * TW_PAGE_BYTES;
    record->map.start = draw_wide(from, UINT64_MAX / 2) & ~(uint64_t)(TW_PAGE_BYTES - 1);
    record->map.prot = record->kind == TW_RECORD_PROTECT ? (uint8_t)sample_draw(from, 8) : 0;
    break;
  case TW_RECORD_BREAK:
    record->map.start = draw_wide(from, UINT64_MAX);
    break;
  default:
    record->id = (uint32_t)draw_wide(from, UINT32_MAX);
  }
}

static void fill_setup(sample *from, tw_record *record) {
  if (draw_bool(from)) {
    record->kind = TW_RECORD_IMAGE;
    record->image = (tw_record_image){.pa = draw_pa(from, 8), .value = draw_wide(from, UINT64_MAX)};
    return;
  }
  record->kind = TW_RECORD_INJECT;
  record->inject = (tw_record_inject){.pa = draw_pa(from, 4),
                                      .nth = (uint32_t)sample_draw(from, 9),
                                      .latency = (uint32_t)sample_draw(from, 900),
                                      .stall = (uint32_t)sample_draw(from, 9),
                                      .error = draw_bool(from)};
}

static void fill_store(sample *from, tw_record_store *store) {
  store->width = draw_bool(from) ? 4 : 8;
  store->pa = draw_pa(from, store->width);
  store->swap = draw_bool(from);
  store->first = draw_wide(from, store->width == 4 ? UINT32_MAX : UINT64_MAX);
  store->second = draw_wide(from, store->width == 4 ? UINT32_MAX : UINT64_MAX);
}

static void fill_pmp(sample *from, tw_record_pmp *pmp) {
  static const uint64_t MOST[TW_PMP_REGISTER_COUNT] = {0xff, ((uint64_t)1 << 54) - 1, 7};
  pmp->target = (tw_pmp_register)sample_draw(from, TW_PMP_REGISTER_COUNT);
  pmp->index = pmp->target == TW_PMP_MSECCFG ? 0 : (uint8_t)sample_draw(from, TW_PMP_MAX);
  pmp->value = draw_wide(from, MOST[pmp->target]);
}

static void fill_played(sample *from, tw_record *record) {
  record->kind = (tw_record_kind)(TW_RECORD_CONTROL + sample_draw(from, 4));
  fill_when(from, record);
  if (record->kind == TW_RECORD_STORE) {
    fill_store(from, &record->store);
  } else if (record->kind == TW_RECORD_PMP) {
    fill_pmp(from, &record->pmp);
  } else if (record->kind == TW_RECORD_FENCE) {
    static const uint8_t KINDS[] = {TW_FENCE_SFENCE_VMA, TW_FENCE_SINVAL_VMA, TW_FENCE_SFENCE_W_INVAL,
                                    TW_FENCE_SFENCE_INVAL_IR};
    record->fence.kind = KINDS[sample_draw(from, 4)];
    const bool operands = record->fence.kind <= TW_FENCE_SINVAL_VMA;
    record->fence.has_va = operands && draw_bool(from);
    record->fence.has_asid = operands && draw_bool(from);
    if (record->fence.has_va) record->fence.va = draw_wide(from, UINT64_MAX);
    if (record->fence.has_asid) record->fence.asid = (uint16_t)draw_wide(from, UINT16_MAX);
  } else {
    record->control = (tw_record_control){.satp = draw_wide(from, UINT64_MAX),
                                          .privilege = draw_privilege(from),
                                          .mpp = draw_privilege(from),
                                          .mprv = draw_bool(from),
                                          .sum = draw_bool(from),
                                          .adue = sample_draw(from, 4) == 0,
                                          .pbmte = sample_draw(from, 4) == 0,
                                          .mxr = draw_bool(from)};
  }
}

static void fill_answer(sample *from, tw_record *record) {
  tw_record_answer *answer = &record->answer;
  record->kind = TW_RECORD_ANSWER;
  answer->access = sample_draw(from, from->numbers);
  answer->attempt = (uint32_t)sample_draw(from, 3);
  answer->accepted = draw_wide(from, UINT64_MAX / 2);
  answer->answered = answer->accepted + 1 + sample_draw(from, 1000);
  answer->status = (uint8_t)sample_draw(from, 3);
  answer->only = draw_bool(from);
  if (answer->status == 0) {
    answer->pa = draw_pa(from, 1);
    answer->level = (uint8_t)sample_draw(from, TW_MAX_LEVELS);
    answer->flags = (uint8_t)sample_draw(from, 256);
    answer->attribute = (uint8_t)(draw_bool(from) ? 0 : sample_draw(from, 3));
    answer->napot = answer->level == 0 && draw_bool(from);
  }
  if (answer->status == 1) answer->reason = (uint8_t)(1 + sample_draw(from, TW_REASON_COUNT - 1));
  answer->hit = answer->status != 2 && draw_bool(from);
  answer->l2 = answer->hit && draw_bool(from);
}

static void fill_step(sample *from, tw_record *record) {
  record->kind = TW_RECORD_STEP;
  record->step.size = draw_bool(from) ? 4 : 8;
  record->step.cycle = draw_wide(from, UINT64_MAX);
  record->step.pa = draw_pa(from, record->step.size);
  record->step.error = sample_draw(from, 8) == 0;
  record->step.update = sample_draw(from, 4) == 0;
  if (record->step.update) {
    record->step.expected = draw_wide(from, record->step.size == 4 ? UINT32_MAX : UINT64_MAX);
    record->step.desired = draw_wide(from, record->step.size == 4 ? UINT32_MAX : UINT64_MAX);
  }
  if (!record->step.error) record->step.pte = draw_wide(from, record->step.size == 4 ? UINT32_MAX : UINT64_MAX);
}

void sample_record(sample *from, tw_record *record) {
  const uint64_t what = sample_draw(from, 10);
  memset(record, 0, sizeof *record);
  record->kind = TW_RECORD_ACCESS;
  if (from->kind == TW_TRACE_PROGRAM) {
    if (what < 5)
      fill_program(from, record);
    else
      fill_access(from, record);
    from->numbers++;
    return;
  }
  if (from->numbers == 0 && what < 8) {
    fill_setup(from, record);
    return;
  }
  if (from->kind == TW_TRACE_GOLDEN && from->numbers > 0 && what < 4) {
    if (what < 2)
      fill_answer(from, record);
    else
      fill_step(from, record);
    if (sample_draw(from, 9) == 0) record->hart = (uint8_t)sample_draw(from, 256);
    return;
  }
  if (what < 6)
    fill_played(from, record);
  else
    fill_access(from, record);
  from->numbers++;
}

void sample_header(tw_trace_header *header, tw_trace_kind kind) {
  tw_trace_header_init(header, kind);
  assert_true(tw_trace_header_set(header, "source", "random"));
  assert_true(tw_trace_header_set(header, "odd.key-0_9", " leading blank, tab\t, # no comment: \"quoted\" \xc3\xa9 "));
  assert_true(tw_trace_header_set(header, "empty", "%s", ""));
}

static void write_or_fail(tw_trace_writer *writer, const tw_record *record) {
  tw_error error;
  if (!tw_trace_write(writer, record, &error)) fail_msg("%s", error.text);
}

void sample_write(const char *path, tw_trace_kind kind, tw_trace_form form, uint64_t seed, uint64_t records) {
  tw_trace_header header;
  tw_error error;
  tw_record record;
  sample from;
  sample_header(&header, kind);
  tw_trace_writer *writer = tw_trace_create(path, form, &header, &error);
  tw_trace_header_free(&header);
  if (!writer) fail_msg("%s", error.text);
  sample_begin(&from, kind, seed);
  for (uint64_t i = 0; i < records; i++) {
    sample_record(&from, &record);
    write_or_fail(writer, &record);
  }
  if (!tw_trace_commit(writer, &error)) fail_msg("%s", error.text);
}

void sample_convert(const char *from, const char *to, tw_trace_form form) {
  tw_error error;
  tw_record record;
  tw_trace_result result;
  tw_trace_reader *reader = tw_trace_open(from, &error);
  if (!reader) fail_msg("%s", error.text);
  tw_trace_writer *writer = tw_trace_create(to, form, tw_trace_reader_header(reader), &error);
  if (!writer) fail_msg("%s", error.text);
  while ((result = tw_trace_read(reader, &record, &error)) == TW_TRACE_RECORD) write_or_fail(writer, &record);
  if (result != TW_TRACE_END || !tw_trace_commit(writer, &error)) fail_msg("%s", error.text);
  tw_trace_close(reader);
}

sample_outcome sample_read(const char *path, char *const *expect) {
  static const size_t LINE_BYTES = 1 << 15;
  sample_outcome outcome = {.result = TW_TRACE_ERROR};
  tw_record record;
  tw_trace_reader *reader = tw_trace_open(path, &outcome.error);
  if (!reader) return outcome;
  outcome.opened = true;
  char *line = malloc(LINE_BYTES);
  assert_non_null(line);
  while ((outcome.result = tw_trace_read(reader, &record, &outcome.error)) == TW_TRACE_RECORD) {
    tw_record_format(&record, line, LINE_BYTES);
    if (expect && (!expect[outcome.records] || strcmp(expect[outcome.records], line) != 0))
      fail_msg("record %llu is `%s`", (unsigned long long)outcome.records, line);
    outcome.records++;
  }
  free(line);
  tw_trace_close(reader);
  return outcome;
}

char **sample_lines(const char *path) {
  char **lines = NULL, line[1 << 15];
  size_t count = 0;
  tw_error error;
  tw_record record;
  tw_trace_reader *reader = tw_trace_open(path, &error);
  if (!reader) fail_msg("%s", error.text);
  do {
    if ((count & (count - 1)) == 0) lines = realloc(lines, (count == 0 ? 1 : 2 * count) * sizeof *lines);
    assert_non_null(lines);
    const tw_trace_result result = tw_trace_read(reader, &record, &error);
    if (result == TW_TRACE_ERROR) fail_msg("%s", error.text);
    if (result == TW_TRACE_RECORD) tw_record_format(&record, line, sizeof line);
    lines[count] = result == TW_TRACE_RECORD ? strdup(line) : NULL;
  } while (lines[count++]);
  tw_trace_close(reader);
  return lines;
}

void sample_lines_free(char **lines) {
  for (char **line = lines; *line; line++) free(*line);
  free(lines);
}

uint8_t *sample_load(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(*size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, *size, file), *size);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

void sample_save(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

void sample_directory(char directory[SAMPLE_PATH_BYTES]) {
  const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
  snprintf(directory, SAMPLE_PATH_BYTES, "%.100s/trace-test-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(directory));
}

/* Calls unlink on every file of a directory if asked to; how many there were. */
static unsigned visit_directory(const char *directory, bool remove_them) {
  unsigned count = 0;
  char path[SAMPLE_PATH_BYTES + 256];
  DIR *open = opendir(directory);
  assert_non_null(open);
  for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    count++;
    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
    if (remove_them) unlink(path);
  }
  closedir(open);
  return count;
}

void sample_directory_remove(const char *directory) {
  visit_directory(directory, true);
  rmdir(directory);
}

unsigned sample_directory_count(const char *directory) {
  return visit_directory(directory, false);
}

const char *sample_path(char path[SAMPLE_PATH_BYTES], const char *directory, const char *name) {
  snprintf(path, SAMPLE_PATH_BYTES, "%.110s/%.40s", directory, name);
  return path;
}
