/* A machine that was traced whole. The address spaces are told apart by satp where its values are known: each root is a
 * process. Where they are not, there is one process, whose pages move when satp is written.
 *
 * An access in machine mode is not translated, and a trace may not say which are: one whose physical address is its
 * virtual address, on a page that is known to lie elsewhere, is taken for that, and belongs to a process of its own. So
 * it contradicts nothing, and what was seen in this way may be seen elsewhere later.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <inttypes.h>
#include <stdlib.h>

#define MODE_SHIFT_64 60u
#define ROOT_BITS_64 ((UINT64_C(1) << 44) - 1)
#define ROOT_BITS_32 ((UINT64_C(1) << 22) - 1)

void machine_open(machine_trace *machine, trace_builder *builder) {
  *machine = (machine_trace){.builder = builder, .bare = MACHINE_NO_PROCESS};
}

void machine_close(machine_trace *machine) {
  free(machine->pairs);
  free(machine->roots);
}

static machine_pair *pair_find(machine_pair *pairs, size_t capacity, uint32_t process, uint64_t page) {
  size_t at = (size_t)((page ^ (uint64_t)process << 52) * 0x9e3779b97f4a7c15u >> 32) & (capacity - 1);
  while (pairs[at].used && (pairs[at].page != page || pairs[at].process != process)) at = (at + 1) & (capacity - 1);
  return &pairs[at];
}

static bool pairs_grow(machine_trace *machine) {
  size_t capacity = machine->capacity ? machine->capacity * 2 : 256;
  machine_pair *pairs = calloc(capacity, sizeof *pairs);
  if (!pairs) return false;
  for (size_t i = 0; i < machine->capacity; i++) {
    const machine_pair *old = &machine->pairs[i];
    if (old->used) *pair_find(pairs, capacity, old->process, old->page) = *old;
  }
  free(machine->pairs);
  machine->pairs = pairs;
  machine->capacity = capacity;
  return true;
}

/* The pair of a page, which is added, not known, if it is new. NULL if memory is out. */
static machine_pair *pair_of(machine_trace *machine, unsigned process, uint64_t page) {
  if (machine->count * 2 >= machine->capacity && !pairs_grow(machine)) return NULL;
  machine_pair *pair = pair_find(machine->pairs, machine->capacity, process, page);
  if (pair->used) return pair;
  *pair = (machine_pair){.page = page, .process = process, .used = true};
  machine->count++;
  return pair;
}

/* The process of untranslated accesses. The one that is there from the beginning, if nothing was switched so far. */
static bool machine_bare(machine_trace *machine, tw_error *error) {
  return machine->bare != MACHINE_NO_PROCESS || builder_begin(machine->builder, "untranslated", &machine->bare, error);
}

static bool pair_contradicts(const machine_access *access, const machine_pair *pair, tw_error *error) {
  return tw_error_set(error,
                      "0x%" PRIx64 " is at 0x%" PRIx64 " here, but the page 0x%" PRIx64 " was at 0x%" PRIx64
                      " in line %" PRIu64 ", and no fence or write of satp came between",
                      access->va, access->pa, pair->page << TW_PAGE_BITS, pair->frame << TW_PAGE_BITS, pair->place);
}

/* Whether nothing was seen in a frame so far; from now on something was. False in *done if memory is out. */
static bool frame_is_new(machine_trace *machine, uint64_t frame, bool *done) {
  machine_pair *pair = pair_of(machine, MACHINE_NO_PROCESS, frame);
  bool first = pair && !pair->known;
  if (pair) pair->known = true;
  *done = pair;
  return first;
}

/* Checks the pair of the access's page, and says where the page lies if that is new. */
static bool pair_check(machine_trace *machine, const machine_access *access, unsigned process, tw_error *error) {
  uint64_t page = access->va >> TW_PAGE_BITS, frame = access->pa >> TW_PAGE_BITS;
  machine_pair *pair = pair_of(machine, process, page);
  if (!pair) return builder_out_of_memory(machine->builder, error);
  bool seen = pair->epoch != 0, same = pair->known && pair->frame == frame;
  bool untranslated = pair->known && pair->frame == pair->page;
  bool fenced = pair->epoch <= machine->changed || pair->epoch <= pair->fenced;
  if (pair->known && !same && !untranslated && !fenced) return pair_contradicts(access, pair, error);
  if (!same) {
    bool done, first = frame_is_new(machine, frame, &done);
    if (!done) return builder_out_of_memory(machine->builder, error);
    if (!builder_place(machine->builder, access->va, access->pa, seen, first, error)) return false;
    pair = pair_of(machine, process, page); /* the table may have grown */
    pair->place = access->place;
  }
  pair->known = true;
  pair->frame = frame;
  pair->epoch = machine->epoch + 1;
  return true;
}

/* A page that was touched, and nobody said where it lies. */
static bool pair_touch(machine_trace *machine, unsigned process, uint64_t page, tw_error *error) {
  machine_pair *pair = pair_of(machine, process, page);
  if (!pair) return builder_out_of_memory(machine->builder, error);
  if (!pair->known) pair->epoch = machine->epoch + 1;
  return true;
}

static bool hart_check(unsigned hart, tw_error *error) {
  return hart < MACHINE_HARTS_MAX ||
         tw_error_set(error, "expected at most %u harts, found number %u", MACHINE_HARTS_MAX, hart);
}

bool machine_take(machine_trace *machine, const machine_access *access, tw_error *error) {
  uint64_t page = access->va >> TW_PAGE_BITS, last = (access->va + access->size - 1u) >> TW_PAGE_BITS;
  unsigned process = 0;
  if (!hart_check(access->hart, error)) return false;
  process = machine->running[access->hart];
  if (access->has_pa && (access->va ^ access->pa) & (TW_PAGE_BYTES - 1)) {
    return tw_error_set(error, "expected the same place in the page, found 0x%" PRIx64 " at 0x%" PRIx64, access->va,
                        access->pa);
  }
  if (!builder_check_range(machine->builder, access->va, access->size, error)) return false;
  bool bare = access->bare;
  if (access->has_pa && access->va == access->pa && !bare) {
    const machine_pair *pair = pair_of(machine, process, page);
    if (!pair) return builder_out_of_memory(machine->builder, error);
    bare = pair->known && pair->frame != page;
  }
  if (bare && machine->begun && !machine_bare(machine, error)) return false;
  if (bare && machine->bare == MACHINE_NO_PROCESS) machine->bare = process;
  if (bare) process = machine->bare;
  machine->begun = true;
  builder_thread(machine->builder, process << 16 | (access->hart + 1));
  if (access->has_pa ? !pair_check(machine, access, process, error) : !pair_touch(machine, process, page, error)) {
    return false;
  }
  if (last != page && !pair_touch(machine, process, last, error)) return false;
  return builder_access(machine->builder, access->kind, access->va, access->size, error);
}

bool machine_fence(machine_trace *machine, unsigned hart, const tw_record_fence *fence, tw_error *error) {
  if (!hart_check(hart, error)) return false;
  machine->epoch++;
  if (fence->has_va && !fence->unknown) {
    machine_pair *pair = pair_of(machine, machine->running[hart], fence->va >> TW_PAGE_BITS);
    if (!pair) return builder_out_of_memory(machine->builder, error);
    pair->fenced = machine->epoch;
  } else {
    machine->changed = machine->epoch;
  }
  builder_thread(machine->builder, machine->running[hart] << 16 | (hart + 1));
  return builder_fence(machine->builder, fence, error);
}

bool machine_switch(machine_trace *machine, unsigned hart, tw_error *error) {
  return machine_fence(machine, hart, &(tw_record_fence){.kind = TW_FENCE_SFENCE_VMA, .unknown = true}, error);
}

/* The process of a root. The one that is there from the beginning gets the first, if nothing ran untranslated in it. */
static bool machine_root_find(machine_trace *machine, uint64_t root, unsigned *process, tw_error *error) {
  for (size_t i = 0; i < machine->root_count; i++) {
    *process = machine->roots[i].process;
    if (machine->roots[i].root == root) return true;
  }
  if (machine->root_count == machine->root_capacity) {
    size_t capacity = machine->root_capacity ? machine->root_capacity * 2 : 8;
    machine_root *roots = realloc(machine->roots, capacity * sizeof *roots);
    if (!roots) return builder_out_of_memory(machine->builder, error);
    machine->roots = roots;
    machine->root_capacity = capacity;
  }
  *process = 0;
  if (machine->begun && !builder_begin(machine->builder, "", process, error)) return false;
  machine->roots[machine->root_count++] = (machine_root){root, *process};
  return true;
}

bool machine_satp(machine_trace *machine, unsigned hart, uint64_t satp, unsigned xlen, tw_error *error) {
  bool translates = xlen == 32 ? satp >> 31 & 1 : satp >> MODE_SHIFT_64;
  uint64_t root = satp & (xlen == 32 ? ROOT_BITS_32 : ROOT_BITS_64);
  if (!hart_check(hart, error)) return false;
  machine->changed = ++machine->epoch;
  if (!translates) {
    if (machine->bare == MACHINE_NO_PROCESS && !machine->begun) machine->bare = 0;
    if (!machine_bare(machine, error)) return false;
    machine->running[hart] = machine->bare;
  } else {
    if (machine->begun && machine->bare == MACHINE_NO_PROCESS) machine->bare = machine->running[hart];
    if (!machine_root_find(machine, root, &machine->running[hart], error)) return false;
  }
  machine->begun = true;
  builder_thread(machine->builder, machine->running[hart] << 16 | (hart + 1));
  return true;
}
