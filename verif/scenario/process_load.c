/* What exec does: puts a program, its interpreter, stack and heap where the layout and the seed say.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "play.h"

#define PAGE 4096u
#define STACK_ALIGN 16u
#define AUXILIARY_PAIRS 10u /* headers, page size, base, entry, random bytes, name, ..., and the end */
#define RANDOM_BYTES 16u

typedef struct loading {
  playing *play;
  process *owner;
  const plan_program *program;
  draw_stream random;
  uint64_t behind; /* the program's last segment */
} loading;

/* An offset of so many bits of pages, drawn in any case, so that one that is not used changes no other. */
static uint64_t offset_draw(loading *load, layout_part part) {
  const uint64_t drawn = draw_next(&load->random);
  if (!load->play->story->aslr) return 0;
  const uint64_t mask = ((uint64_t)1 << load->play->story->layout.entropy[part]) - 1;
  return (drawn & mask) * PAGE;
}

/* As Linux has it: the mmap area begins below what the first thread's stack may need, with its random offset. */
static void areas_place(loading *load) {
  const layout_file *layout = &load->play->story->layout;
  process *owner = load->owner;
  const uint64_t room = load->program->stack > LAYOUT_STACK_LIMIT ? load->program->stack : (uint64_t)LAYOUT_STACK_LIMIT;
  const uint64_t span = load->play->story->aslr ? (uint64_t)PAGE << layout->entropy[LAYOUT_STACK] : 0;
  uint64_t below = room + LAYOUT_STACK_GAP + span;
  if (below < layout->mmap_below) below = layout->mmap_below;
  owner->stack_end = layout->stack_end - offset_draw(load, LAYOUT_STACK);
  owner->stack_bytes = load->program->stack;
  const uint64_t offset = offset_draw(load, LAYOUT_MMAP);
  if (!layout->mmap_grows_down) {
    owner->mmap_base = layout->mmap_from + offset;
  } else {
    const uint64_t from = layout->mmap_from           ? layout->mmap_from
                          : layout->stack_end > below ? layout->stack_end - below
                                                      : 0;
    owner->mmap_base = from > offset ? from - offset : 0;
  }
  owner->mmap_full = owner->mmap_base;
}

static bool stack_map(loading *load) {
  process *owner = load->owner;
  const uint64_t start = owner->stack_end - owner->stack_bytes;
  const uint8_t prot = TW_PROT_READ | TW_PROT_WRITE;
  load->play->node = take_blamed(load->program->node, "stack");
  if (owner->stack_bytes >= owner->stack_end)
    return play_fail(load->play, "a stack of 0x%" PRIx64 " bytes has no place below 0x%" PRIx64, owner->stack_bytes,
                     owner->stack_end);
  const size_t next = tw_region_above(&owner->regions, start);
  if (next < owner->regions.count && owner->regions.at[next].start < owner->stack_end)
    return play_fail(load->play, "the stack, 0x%" PRIx64 " to 0x%" PRIx64 ", overlaps what is mapped", start,
                     owner->stack_end);
  const tw_region region = {start, owner->stack_end, prot, false, true, TW_REGION_STACK, 0, 0, 0};
  if (!tw_region_insert(&owner->regions, &region)) return play_fail(load->play, "memory is out");
  return process_name(load->play, owner, &(named_range){"stack", start, owner->stack_bytes}) &&
         play_record(load->play, &(tw_record){.kind = TW_RECORD_MAP,
                                              .map = {.start = start,
                                                      .length = owner->stack_bytes,
                                                      .prot = prot,
                                                      .grows_down = true,
                                                      .use = TW_REGION_STACK,
                                                      .name = ""}});
}

/* Maps the segments of an image; those that have bytes of the file in their last page have the rest of it zeroed. */
static bool image_map(loading *load, const plan_segment *parts, uint64_t base) {
  for (const plan_segment *part = parts; part; part = part->next) {
    load->play->node = part->node;
    if (!process_map(load->play, load->owner, part, base + part->at)) return false;
  }
  return true;
}

static uint64_t parts_start(const plan_segment *parts) {
  return parts ? parts->at : 0;
}

static uint64_t parts_end(const plan_segment *parts) {
  uint64_t end = 0;
  for (; parts; parts = parts->next) end = parts->at + parts->size;
  return end;
}

/* The program, at its own address or the layout's, then its interpreter in the mmap area. */
static bool elf_load(loading *load, uint64_t bases[2]) {
  const plan_program *program = load->program;
  const uint64_t offset = offset_draw(load, LAYOUT_PROGRAM);
  if (!program->image) return true;
  if (program->image->relocatable)
    bases[0] = load->play->story->layout.relocated + offset - parts_start(program->image_parts);
  if (!image_map(load, program->image_parts, bases[0])) return false;
  load->behind = bases[0] + parts_end(program->image_parts);
  load->owner->entries[1] = bases[0] + program->image->entry;
  if (!program->interpreter_image) return true;
  const uint64_t first = parts_start(program->interpreter_parts);
  if (program->interpreter_image->relocatable) {
    const uint64_t start = process_place(load->play, load->owner, parts_end(program->interpreter_parts) - first);
    if (!start) return false;
    bases[1] = start - first;
  }
  load->owner->entries[0] = bases[1] + program->interpreter_image->entry;
  return image_map(load, program->interpreter_parts, bases[1]);
}

/* Segments by hand: where they say, in the mmap area, or behind the one before. */
static bool segments_load(loading *load) {
  const layout_file *layout = &load->play->story->layout;
  if (!load->behind) load->behind = layout->program;
  for (const plan_segment *segment = load->program->segments; segment; segment = segment->next) {
    const bool mapped = segment->use == TW_REGION_FILE || segment->use == TW_REGION_MAPPED;
    uint64_t start = segment->at ? segment->at : load->behind;
    load->play->node = take_blamed(segment->node, segment->at ? "at" : "size");
    if (mapped && !segment->at) start = process_place(load->play, load->owner, segment->size);
    if (!start || !process_map(load->play, load->owner, segment, start)) return false;
    if (!mapped) load->behind = start + segment->size;
  }
  return true;
}

/* Instructions come from the program's first code, around its entry point if it has one. */
static void code_find(process *owner) {
  for (size_t i = 0; i < owner->regions.count; i++) {
    const tw_region *region = &owner->regions.at[i];
    if (region->use != TW_REGION_CODE || !(region->prot & TW_PROT_EXECUTE)) continue;
    if (owner->entries[1] && (owner->entries[1] < region->start || owner->entries[1] >= region->end)) continue;
    owner->code_start = owner->entries[1] ? owner->entries[1] & ~(uint64_t)63 : region->start;
    owner->code_bytes = region->end - owner->code_start;
    return;
  }
}

/* Stores that fill [start, end), in words where they can be. */
static bool words_store(loading *load, uint64_t start, uint64_t end) {
  const unsigned word = load->play->story->layout.bits / 8;
  while (start < end) {
    const uint64_t next = (start / word + 1) * word, stop = next < end ? next : end;
    if (!play_access(load->play, TW_STORE, start, (uint8_t)(stop - start))) return false;
    start = stop;
  }
  return true;
}

static bool tails_zero(loading *load, const plan_segment *parts, uint64_t base) {
  for (; parts; parts = parts->next)
    if (parts->zero && !words_store(load, base + parts->zero, base + parts->at + parts->size)) return false;
  return true;
}

/* The strings at the end of the stack, and below them argc, argv, an empty environment and the auxiliary vector. */
static bool arguments_store(loading *load) {
  const plan_program *program = load->program;
  process *owner = load->owner;
  const unsigned word = load->play->story->layout.bits / 8;
  const char *name = program->elf ? program->elf : program->name;
  uint64_t strings = RANDOM_BYTES + 2 * (strlen(name) + 1); /* the program's name, and argv[0] */
  for (const plan_text *argument = program->arguments; argument; argument = argument->next)
    strings += strlen(argument->text) + 1;
  const uint64_t words = 1 + (1 + program->argument_count + 1) + 1 + (uint64_t)2 * AUXILIARY_PAIRS;
  const uint64_t top = owner->stack_end - word, bottom = top - strings;
  const uint64_t vector = (bottom - words * word) / STACK_ALIGN * STACK_ALIGN;
  if (owner->stack_end - vector > owner->stack_bytes)
    return play_fail(load->play, "the arguments do not fit the stack of 0x%" PRIx64 " bytes", owner->stack_bytes);
  owner->stack_top = vector;
  return words_store(load, bottom, top) && words_store(load, vector, vector + words * word);
}

static bool places_tell(loading *load) {
  for (const plan_place *place = load->program->places; place; place = place->next) {
    load->play->node = take_blamed(place->node, "page");
    if (!tw_region_find(&load->owner->regions, place->page))
      return play_fail(load->play, "nothing is mapped at page 0x%" PRIx64, place->page);
    if (!play_record(load->play, &(tw_record){.kind = TW_RECORD_PLACE, .place = {place->page, place->frame}}))
      return false;
  }
  return true;
}

bool process_load(playing *play, process *owner, const plan_program *program) {
  const uint64_t life = (uint64_t)owner->number << 32 | owner->programs++;
  loading load = {play, owner, program, {draw_key(play->story->aslr_seed, life)}, 0};
  uint64_t bases[2] = {0, 0};
  play->node = program->node;
  owner->code_bytes = owner->entries[0] = owner->entries[1] = 0;
  areas_place(&load);
  if (!elf_load(&load, bases) || !segments_load(&load)) return false;
  code_find(owner);
  owner->heap_start = owner->heap_end = (load.behind + PAGE - 1) / PAGE * PAGE + offset_draw(&load, LAYOUT_HEAP);
  owner->stack_top = owner->stack_end - STACK_ALIGN;
  if (!stack_map(&load) || !process_break(play, owner, owner->heap_start) || !places_tell(&load)) return false;
  play->node = take_blamed(program->node, "arguments");
  if (!tails_zero(&load, program->image_parts, bases[0])) return false;
  if (!tails_zero(&load, program->interpreter_parts, bases[1])) return false;
  return !(program->image || program->has_arguments) || arguments_store(&load);
}
