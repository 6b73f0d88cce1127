/* Plays MMU records at once: stores change memory, accesses are walked by the oracle.
 * SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twinwalk/pins.h"

static machine_word *machine_slot(machine_word *words, size_t capacity, uint64_t key) {
  size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (capacity - 1);
  while (words[at].key && words[at].key != key) at = (at + 1) & (capacity - 1);
  return &words[at];
}

static uint32_t machine_load(const test_machine *machine, uint64_t pa) {
  return (uint32_t)machine_slot(machine->words, machine->word_capacity, pa / 4 + 1)->value;
}

uint32_t machine_word_at(const test_machine *machine, uint64_t pa) {
  return machine_load(machine, pa);
}

static void machine_store(test_machine *machine, uint64_t pa, uint32_t value) {
  if (machine->word_count * 2 >= machine->word_capacity) {
    size_t capacity = machine->word_capacity * 2;
    machine_word *words = calloc(capacity, sizeof *words);
    assert_non_null(words);
    for (size_t i = 0; i < machine->word_capacity; i++) {
      if (machine->words[i].key) *machine_slot(words, capacity, machine->words[i].key) = machine->words[i];
    }
    free(machine->words);
    machine->words = words;
    machine->word_capacity = capacity;
  }
  machine_word *word = machine_slot(machine->words, machine->word_capacity, pa / 4 + 1);
  if (!word->key) machine->word_count++;
  *word = (machine_word){pa / 4 + 1, value};
}

static bool machine_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const test_machine *machine = payload;
  *pte = machine_load(machine, pa);
  if (bytes == 8) *pte |= (uint64_t)machine_load(machine, pa + 4) << 32;
  return true;
}

static bool machine_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  uint64_t found;
  machine_read(payload, pa, bytes, &found);
  if (found == *expected) {
    machine_store(payload, pa, (uint32_t)desired);
    if (bytes == 8) machine_store(payload, pa + 4, (uint32_t)(desired >> 32));
  }
  *expected = found;
  return true;
}

static void machine_translate(test_machine *machine, const tw_context *context, const tw_request *request,
                              tw_walk *walk) {
  const tw_table_memory tables = {.read = machine_read, .update = machine_update, .payload = machine};
  tw_walk_run(context, request, &tables, walk);
}

/* Without updates of A and D: looking changes nothing. */
tw_walk machine_walk(test_machine *machine, tw_privilege privilege, tw_access access, uint64_t va) {
  tw_context context = machine->context;
  const tw_request request = {.access = access, .va = va, .bytes = 1, .speculative = true};
  tw_walk walk;
  context.privilege = privilege;
  machine_translate(machine, &context, &request, &walk);
  return walk;
}

static void machine_play_store(test_machine *machine, const tw_record_store *store) {
  uint64_t value;
  machine_read(machine, store->pa, store->width, &value);
  value = (value & store->first) | store->second;
  machine_store(machine, store->pa, (uint32_t)value);
  if (store->width == 8) machine_store(machine, store->pa + 4, (uint32_t)(value >> 32));
}

static void machine_answer(test_machine *machine, const tw_record_answer *answer) {
  tw_error error = {0};
  if (!tw_space_answer(machine->space, answer, &error)) fail_msg("%s", error.text);
}

static bool machine_tlb_is(const test_machine *machine, const machine_tlb_entry *entry, uint64_t va) {
  return entry->valid && va - entry->va < entry->length &&
         (entry->asid == machine->context.satp.asid || (entry->walk.flags & TW_PTE_G));
}

/* What a TLB holds is used whatever memory says now, also to deny; where A or D is to be set it walks again. */
static bool machine_tlb_answer(const test_machine *machine, const tw_request *request, tw_walk *walk) {
  for (size_t i = 0; i < machine->tlb_size; i++) {
    const machine_tlb_entry *entry = &machine->tlb[i];
    if (!machine_tlb_is(machine, entry, request->va)) continue;
    tw_reason reason = tw_permission_check(entry->walk.flags, request->access, &machine->context);
    if (reason == TW_OK) reason = tw_accessed_dirty_check(entry->walk.flags, request->access);
    if (reason != TW_OK && (machine->context.extensions & TW_EXT_SVADU)) return false;
    *walk = entry->walk;
    walk->reason = reason;
    walk->pa = reason == TW_OK ? entry->walk.pa + (request->va - entry->va) : 0;
    return true;
  }
  return false;
}

static void machine_tlb_fill(test_machine *machine, const tw_request *request, const tw_walk *walk) {
  if (!machine->tlb_size || walk->reason != TW_OK || !walk->step_count) return;
  unsigned bits = walk->napot ? 16 : 12 + (machine->context.xlen == 32 ? 10u : 9u) * walk->level;
  uint64_t length = UINT64_C(1) << bits, offset = request->va & (length - 1);
  machine_tlb_entry *entry = &machine->tlb[machine->tlb_next++ % machine->tlb_size];
  for (size_t i = 0; i < machine->tlb_size; i++) {
    if (machine_tlb_is(machine, &machine->tlb[i], request->va)) entry = &machine->tlb[i];
  }
  *entry = (machine_tlb_entry){
      .valid = true, .asid = machine->context.satp.asid, .va = request->va - offset, .length = length, .walk = *walk};
  entry->walk.pa -= offset;
}

/* Rules sfence_vma_...: an operand that is x0 stands for all; with an ASID, global entries stay. */
static void machine_play_fence(test_machine *machine, const tw_record_fence *fence) {
  for (size_t i = 0; i < machine->tlb_size; i++) {
    machine_tlb_entry *entry = &machine->tlb[i];
    if (fence->has_va && fence->va - entry->va >= entry->length) continue;
    if (fence->has_asid && (fence->asid != entry->asid || (entry->walk.flags & TW_PTE_G))) continue;
    entry->valid = false;
  }
}

static void machine_play_access(test_machine *machine, const tw_record *record, tw_walk *walk) {
  const tw_request request = {.access = record->access.kind, .va = record->access.va, .bytes = record->access.size};
  bool hit = machine_tlb_answer(machine, &request, walk);
  if (!hit) {
    machine_translate(machine, &machine->context, &request, walk);
    machine_tlb_fill(machine, &request, walk);
  }
  machine->accesses++;
  if (walk->reason == TW_OK) {
    machine->granted++;
  } else {
    machine->faults++;
  }
  tw_record_answer answer = {.access = record->number,
                             .pa = walk->pa,
                             .status = walk->reason == TW_OK ? TW_PIN_TRANSLATED : TW_PIN_FAULT,
                             .reason = (uint8_t)walk->reason,
                             .level = walk->level,
                             .flags = walk->flags,
                             .napot = walk->napot,
                             .hit = hit};
  if (machine->lie) machine->lie(machine, record, &answer);
  if (machine->late) {
    machine->waiting[machine->waiting_count++] = answer;
  } else {
    machine_answer(machine, &answer);
  }
}

static void machine_play_control(test_machine *machine, const tw_record_control *control) {
  tw_context *context = &machine->context;
  assert_true(tw_satp_decode(context->xlen, control->satp, &context->satp));
  context->privilege = control->privilege;
  context->sum = control->sum;
  context->mxr = control->mxr;
  context->extensions = tw_extensions_in_force(TW_EXT_SVADU | TW_EXT_SVNAPOT, control->pbmte, control->adue);
}

static void machine_keep(test_machine *machine, const tw_record *record, const tw_walk *walk) {
  if (machine->log_count == machine->log_capacity) {
    machine->log_capacity = machine->log_capacity ? machine->log_capacity * 2 : 256;
    machine->log = realloc(machine->log, machine->log_capacity * sizeof *machine->log);
    assert_non_null(machine->log);
  }
  machine->log[machine->log_count++] = (machine_log){*record, *walk};
}

static void machine_hash(test_machine *machine, const tw_record *record) {
  char line[512];
  tw_record_format(record, line, sizeof line);
  for (const char *c = line; *c; c++) machine->hash = (machine->hash ^ (unsigned char)*c) * 0x100000001b3u;
}

static void machine_play(test_machine *machine, const tw_record *record) {
  tw_error error;
  tw_walk walk = {0};
  if (!tw_record_check(record, TW_TRACE_MMU, &error)) fail_msg("%s", error.text);
  switch (record->kind) {
  case TW_RECORD_STORE:
    machine_play_store(machine, &record->store);
    break;
  case TW_RECORD_CONTROL:
    machine_play_control(machine, &record->control);
    break;
  case TW_RECORD_FENCE:
    machine_play_fence(machine, &record->fence);
    break;
  case TW_RECORD_PMP:
    if (record->pmp.target == TW_PMP_ADDR) tw_pmp_write_addr(&machine->pmp, record->pmp.index, record->pmp.value);
    if (record->pmp.target == TW_PMP_CFG)
      tw_pmp_write_cfg(&machine->pmp, record->pmp.index, (uint8_t)record->pmp.value);
    break;
  case TW_RECORD_ACCESS:
    machine_play_access(machine, record, &walk);
    break;
  default:
    fail_msg("record %llu is of kind %d", (unsigned long long)record->number, (int)record->kind);
  }
  machine_hash(machine, record);
  if (machine->keep) machine_keep(machine, record, &walk);
}

void machine_play_all(test_machine *machine, const tw_record *records, size_t count) {
  for (size_t i = 0; i < count; i++) machine_play(machine, &records[i]);
}

static void machine_drain(test_machine *machine, bool settle) {
  tw_record record;
  for (;;) {
    if (tw_space_take(machine->space, &record)) {
      machine_play(machine, &record);
    } else if (machine->waiting_count && (settle || !tw_space_hungry(machine->space))) {
      tw_record_answer answer = machine->waiting[--machine->waiting_count];
      machine_answer(machine, &answer);
    } else {
      return;
    }
  }
}

void machine_open(test_machine *machine, const tw_space_options *options) {
  tw_error error = {0};
  memset(machine, 0, sizeof *machine);
  machine->space = tw_space_open(options, NULL, &error);
  if (!machine->space) fail_msg("%s", error.text);
  machine->word_capacity = 4096;
  machine->words = calloc(machine->word_capacity, sizeof *machine->words);
  assert_non_null(machine->words);
  machine->context =
      (tw_context){.privilege = TW_MACHINE, .xlen = options->mode == TW_SV32 ? 32 : 64, .machine = &machine->behind};
  machine->pmp = (tw_pmp){.count = options->pmp_entries, .xlen = machine->context.xlen};
  machine->behind = (tw_machine){.pmp = &machine->pmp};
  machine->hash = 0xcbf29ce484222325u;
  machine->keep = true;
}

void machine_close(test_machine *machine) {
  tw_space_close(machine->space);
  free(machine->words);
  free(machine->log);
  free(machine->tlb);
}

void machine_give_tlb(test_machine *machine, size_t entries) {
  machine->tlb = calloc(entries, sizeof *machine->tlb);
  assert_non_null(machine->tlb);
  machine->tlb_size = entries;
}

bool machine_try(test_machine *machine, tw_record *program, tw_error *error) {
  program->number = machine->fed++;
  machine_drain(machine, false);
  if (!tw_space_feed(machine->space, program, error)) return false;
  machine_drain(machine, false);
  return true;
}

void machine_feed(test_machine *machine, tw_record *program) {
  tw_error error = {0};
  if (!machine_try(machine, program, &error)) fail_msg("%s", error.text);
}

void machine_check(const test_machine *machine) {
  tw_error error = {0};
  if (!tw_space_check(machine->space, &error)) fail_msg("%s", error.text);
}

void machine_settle(test_machine *machine) {
  machine_drain(machine, true);
}

tw_space_counts machine_counts(const test_machine *machine) {
  tw_space_counts counts;
  tw_space_count(machine->space, &counts);
  return counts;
}

tw_record program_access(tw_access kind, uint64_t va, uint8_t size) {
  return (tw_record){.kind = TW_RECORD_ACCESS, .access = {.va = va, .kind = kind, .size = size}};
}

tw_record program_map(uint64_t start, uint64_t length, uint8_t prot, tw_region_use use) {
  return (tw_record){.kind = TW_RECORD_MAP,
                     .map = {.start = start,
                             .length = length,
                             .prot = prot,
                             .use = use,
                             .grows_down = use == TW_REGION_STACK,
                             .name = ""}};
}

tw_record program_range(tw_record_kind kind, uint64_t start, uint64_t length, uint8_t prot) {
  return (tw_record){.kind = kind, .map = {.start = start, .length = length, .prot = prot, .name = ""}};
}
