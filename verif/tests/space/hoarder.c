/* The worst MMU that the specification allows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "hoarder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twinwalk/pins.h"

struct hoard_page {
  uint64_t number; /* of the page + 1; 0: unused */
  uint32_t words[1024];
};

/* ---- Memory ---- */

static hoard_page *page_place(hoard_page *memory, size_t size, uint64_t number) {
  size_t at = (size_t)(number * 0x9e3779b97f4a7c15u >> 32) & (size - 1);
  while (memory[at].number && memory[at].number != number) at = (at + 1) & (size - 1);
  return &memory[at];
}

static uint32_t *memory_word(hoarder *mmu, uint64_t pa) {
  if (mmu->memory_used * 2 >= mmu->memory_size) {
    size_t size = mmu->memory_size ? mmu->memory_size * 2 : 64;
    hoard_page *memory = calloc(size, sizeof *memory);
    assert_non_null(memory);
    for (size_t i = 0; i < mmu->memory_size; i++) {
      if (mmu->memory[i].number) *page_place(memory, size, mmu->memory[i].number) = mmu->memory[i];
    }
    free(mmu->memory);
    mmu->memory = memory;
    mmu->memory_size = size;
  }
  hoard_page *page = page_place(mmu->memory, mmu->memory_size, (pa >> 12) + 1);
  mmu->memory_used += !page->number;
  page->number = (pa >> 12) + 1;
  return &page->words[(pa & 0xfff) / 4];
}

static uint64_t memory_read(hoarder *mmu, uint64_t pa, unsigned bytes) {
  uint64_t low = *memory_word(mmu, pa);
  return bytes == 8 ? low | (uint64_t)*memory_word(mmu, pa + 4) << 32 : low;
}

static void memory_write(hoarder *mmu, uint64_t pa, unsigned bytes, uint64_t value) {
  *memory_word(mmu, pa) = (uint32_t)value;
  if (bytes == 8) *memory_word(mmu, pa + 4) = (uint32_t)(value >> 32);
}

/* ---- What it holds ---- */

static bool chance(hoarder *mmu, unsigned of_16) {
  return random_below(&mmu->random, 16) < of_16;
}

/* Global leaves belong to every address space. */
static bool entry_is(const hoarder *mmu, const hoard_entry *entry, uint64_t va) {
  return entry->valid && va - entry->va < entry->length &&
         (entry->asid == mmu->context.satp.asid || entry->pte & TW_PTE_G);
}

static uint64_t va_cut(const hoarder *mmu, uint64_t va) {
  return mmu->context.xlen == 32 ? (uint32_t)va : va;
}

/* In the place of any other, unless it is there. */
static void keep(hoarder *mmu, hoard_entry *entries, size_t count, const hoard_entry *kept) {
  for (size_t i = 0; i < count; i++) {
    const hoard_entry *entry = &entries[i];
    if (entry->valid && entry->va == kept->va && entry->pte == kept->pte && entry->asid == kept->asid &&
        entry->level == kept->level)
      return;
  }
  if (mmu->greed) entries[random_below(&mmu->random, count)] = *kept;
}

static const hoard_entry *held(hoarder *mmu, const hoard_entry *entries, size_t count, uint64_t va) {
  size_t first = random_below(&mmu->random, count);
  for (size_t i = 0; i < count; i++) {
    const hoard_entry *entry = &entries[(first + i) % count];
    if (entry_is(mmu, entry, va)) return entry;
  }
  return NULL;
}

/* Rules sfence_vma_...: with an address, leaves alone; with an ASID, not what is global. */
static void fence_entries(hoard_entry *entries, size_t count, const tw_record_fence *fence) {
  for (size_t i = 0; i < count; i++) {
    hoard_entry *entry = &entries[i];
    if (fence->has_va && fence->va - entry->va >= entry->length) continue;
    if (fence->has_asid && (fence->asid != entry->asid || entry->pte & TW_PTE_G)) continue;
    entry->valid = false;
  }
}

static void play_fence(hoarder *mmu, const tw_record_fence *fence) {
  mmu->fences++;
  fence_entries(mmu->leaves, HOARD_LEAVES, fence);
  if (!fence->has_va) fence_entries(mmu->pointers, HOARD_POINTERS, fence);
}

/* ---- Translation ---- */

static unsigned pte_bytes(const hoarder *mmu) {
  return tw_mode_row(mmu->context.satp.mode)->pte_bytes;
}

/* Where the walk of an address begins: at the root, or at a table that a pointer it holds leads to. */
static void walk_begin(hoarder *mmu, uint64_t va, uint64_t *table, unsigned *level) {
  const hoard_entry *pointer = held(mmu, mmu->pointers, HOARD_POINTERS, va);
  *table = mmu->context.satp.root_ppn;
  *level = tw_mode_row(mmu->context.satp.mode)->levels - 1u;
  if (!pointer || !chance(mmu, mmu->greed)) return;
  *table = tw_pte_decode(mmu->context.satp.mode, 0, pointer->pte, pointer->level).ppn;
  *level = pointer->level - 1u;
}

/* Reads entries down to a leaf, or one that maps nothing. Returns its address in memory. */
static uint64_t walk(hoarder *mmu, uint64_t va, hoard_entry *found) {
  const tw_mode_info *info = tw_mode_row(mmu->context.satp.mode);
  uint64_t table;
  unsigned level;
  walk_begin(mmu, va, &table, &level);
  for (;; level--) {
    uint64_t at = tw_pte_address(mmu->context.satp.mode, table, level, va);
    uint64_t pte = memory_read(mmu, at, pte_bytes(mmu)), length = UINT64_C(4096) << info->vpn_bits * level;
    tw_pte_view view = tw_pte_decode(mmu->context.satp.mode, mmu->context.extensions, pte, level);
    *found = (hoard_entry){true, mmu->context.satp.asid, va & ~(length - 1), length, pte, (uint8_t)level};
    if (view.kind != TW_PTE_POINTER) return at;
    keep(mmu, mmu->pointers, HOARD_POINTERS, found);
    table = view.ppn;
  }
}

/* What an entry answers to an access; the answer's `pa` is set if it grants it. */
static tw_reason judge(const hoarder *mmu, const hoard_entry *entry, const tw_record_access *access,
                       tw_record_answer *answer) {
  tw_pte_view view = tw_pte_decode(mmu->context.satp.mode, mmu->context.extensions, entry->pte, entry->level);
  answer->level = entry->level;
  answer->flags = view.flags;
  answer->napot = view.napot;
  if (view.kind != TW_PTE_LEAF) return view.reason;
  tw_reason reason = tw_permission_check(view.flags, access->kind, &mmu->context);
  if (reason == TW_OK) reason = tw_accessed_dirty_check(view.flags, access->kind);
  uint64_t va = va_cut(mmu, access->va);
  if (reason == TW_OK) answer->pa = tw_leaf_address(mmu->context.satp.mode, view.ppn, entry->level, view.napot, va);
  return reason;
}

static bool is_update(tw_reason reason) {
  return reason == TW_REASON_ACCESSED_CLEAR || reason == TW_REASON_DIRTY_CLEAR;
}

static tw_reason read_anew(hoarder *mmu, const tw_record_access *access, tw_record_answer *answer) {
  hoard_entry found;
  uint64_t at = walk(mmu, va_cut(mmu, access->va), &found);
  tw_reason reason = judge(mmu, &found, access, answer);
  if (is_update(reason) && (mmu->context.extensions & TW_EXT_SVADU)) {
    found.pte = tw_pte_updated(found.pte, access->kind);
    memory_write(mmu, at, pte_bytes(mmu), found.pte);
    reason = judge(mmu, &found, access, answer);
  }
  keep(mmu, mmu->leaves, HOARD_LEAVES, &found);
  return reason;
}

static tw_reason translate(hoarder *mmu, const tw_record_access *access, tw_record_answer *answer) {
  if (!tw_context_translates(&mmu->context)) {
    answer->pa = access->va;
    return TW_OK;
  }
  if (!tw_va_canonical(mmu->context.satp.mode, access->va)) return TW_REASON_NOT_CANONICAL;
  const hoard_entry *entry = held(mmu, mmu->leaves, HOARD_LEAVES, access->va);
  if (!entry || !chance(mmu, mmu->greed)) return read_anew(mmu, access, answer);
  tw_reason reason = judge(mmu, entry, access, answer);
  if (is_update(reason) && (mmu->context.extensions & TW_EXT_SVADU)) return read_anew(mmu, access, answer);
  mmu->hits++;
  answer->hit = true;
  return reason;
}

/* Looks at an entry that nobody asked for: near one that was, under satp as it is now. */
static void look_ahead(hoarder *mmu) {
  uint64_t va = mmu->recent[random_below(&mmu->random, HOARD_RECENT)] + random_below(&mmu->random, 3) * 4096 - 4096;
  hoard_entry found;
  if (!tw_context_translates(&mmu->context) || !tw_va_canonical(mmu->context.satp.mode, va)) return;
  va = va_cut(mmu, va);
  walk(mmu, va, &found);
  keep(mmu, mmu->leaves, HOARD_LEAVES, &found);
}

/* ---- Records ---- */

static void play_access(hoarder *mmu, const tw_record *record) {
  tw_record_answer answer = {.access = record->number};
  tw_reason reason = translate(mmu, &record->access, &answer);
  mmu->recent[random_below(&mmu->random, HOARD_RECENT)] = record->access.va;
  answer.status = reason == TW_OK ? TW_PIN_TRANSLATED : TW_PIN_FAULT;
  answer.reason = (uint8_t)reason;
  mmu->faults += reason != TW_OK;
  assert_true(mmu->waiting_count < TW_SPACE_PENDING_MAX);
  mmu->waiting[mmu->waiting_count++] = answer;
}

static void play_store(hoarder *mmu, const tw_record_store *store) {
  uint64_t value = memory_read(mmu, store->pa, store->width);
  memory_write(mmu, store->pa, store->width, (value & store->first) | store->second);
}

static void play_control(hoarder *mmu, const tw_record_control *control) {
  tw_context *context = &mmu->context;
  assert_true(tw_satp_decode(context->xlen, control->satp, &context->satp));
  context->privilege = control->privilege;
  context->sum = control->sum;
  context->mxr = control->mxr;
  context->extensions = tw_extensions_in_force(TW_EXT_SVADU | TW_EXT_SVNAPOT, control->pbmte, control->adue);
}

static void play(hoarder *mmu, const tw_record *record) {
  tw_error error;
  if (!tw_record_check(record, TW_TRACE_MMU, &error)) fail_msg("%s", error.text);
  mmu->records++;
  if (record->kind == TW_RECORD_STORE) play_store(mmu, &record->store);
  if (record->kind == TW_RECORD_CONTROL) play_control(mmu, &record->control);
  if (record->kind == TW_RECORD_FENCE) play_fence(mmu, &record->fence);
  if (record->kind == TW_RECORD_ACCESS) play_access(mmu, record);
  while (mmu->greed && chance(mmu, 2)) look_ahead(mmu);
}

static bool answer_one(hoarder *mmu, tw_error *error) {
  size_t chosen = random_below(&mmu->random, mmu->waiting_count);
  tw_record_answer answer = mmu->waiting[chosen];
  mmu->waiting[chosen] = mmu->waiting[--mmu->waiting_count];
  mmu->answers++;
  return tw_space_answer(mmu->space, &answer, error);
}

/* Takes and answers in any order, until there is nothing to take and (settle) nothing to answer, or the next program
 * record may be fed. */
static bool go_on(hoarder *mmu, bool settle, tw_error *error) {
  for (;;) {
    tw_record record;
    bool room = mmu->waiting_count < TW_SPACE_PENDING_MAX;
    if (mmu->waiting_count && (!room || chance(mmu, 4))) {
      if (!answer_one(mmu, error)) return false;
    } else if (room && tw_space_take(mmu->space, &record)) {
      play(mmu, &record);
    } else if (mmu->waiting_count && (settle || !tw_space_hungry(mmu->space))) {
      if (!answer_one(mmu, error)) return false;
    } else {
      return true;
    }
  }
}

bool hoarder_feed(hoarder *mmu, tw_record *program, tw_error *error) {
  program->number = mmu->fed++;
  return go_on(mmu, false, error) && tw_space_feed(mmu->space, program, error) && go_on(mmu, false, error);
}

bool hoarder_settle(hoarder *mmu, tw_error *error) {
  return go_on(mmu, true, error);
}

void hoarder_open(hoarder *mmu, const tw_space_options *options, unsigned greed, uint64_t seed) {
  tw_error error = {0};
  *mmu = (hoarder){.random = {seed}, .greed = greed};
  mmu->space = tw_space_open(options, NULL, &error);
  if (!mmu->space) fail_msg("%s", error.text);
  mmu->context = (tw_context){.privilege = TW_MACHINE, .xlen = options->mode == TW_SV32 ? 32 : 64};
}

void hoarder_close(hoarder *mmu) {
  tw_space_close(mmu->space);
  free(mmu->memory);
}
