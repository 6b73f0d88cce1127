/* The kernel: its map, its way in and out, and how it writes page tables, all as records (S4).
 *
 * Order on any device: the kernel is entered when everything before has ended, and left when everything in between has;
 * inside, a load or store follows its fetch, an entry's change follows the store to it, fences follow all changes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define STACK_REGISTERS (TW_PAGE_BYTES - 64u) /* where they are saved, in the stack's page */
#define STORES_A_FETCH 8u                     /* of a loop that writes many entries */

static const tw_after after_none = {0};
static const tw_after after_all = {.all = true};
static const tw_after after_last = {.count = 1, .back = {1}};

static tw_record *kernel_push(tw_space *space, tw_record_kind kind, tw_after after, tw_error *error) {
  tw_record *record = queue_push(&space->urgent);
  if (!record) {
    tw_error_set(error, "out of memory for the kernel's records");
    return NULL;
  }
  record->kind = kind;
  record->after = after;
  space->kernel.since_fetch++;
  return record;
}

bool space_kernel_fetch(tw_space *space, uint64_t offset, tw_error *error) {
  tw_record *record = kernel_push(space, TW_RECORD_ACCESS, after_none, error);
  if (!record) return false;
  record->access = (tw_record_access){.va = space->kernel.text_va + offset, .kind = TW_FETCH, .size = 4};
  space->kernel.since_fetch = 0;
  return true;
}

static bool kernel_data(tw_space *space, tw_access kind, uint64_t pa, tw_error *error) {
  tw_after after = {.count = 1, .back = {space->kernel.since_fetch + 1}};
  tw_record *record = kernel_push(space, TW_RECORD_ACCESS, after, error);
  if (!record) return false;
  uint64_t va = space->kernel.direct_va + (pa - space->kernel.direct_pa);
  record->access = (tw_record_access){.va = va, .kind = kind, .size = (uint8_t)space->info->pte_bytes};
  return true;
}

static bool kernel_registers(tw_space *space, tw_access kind, tw_error *error) {
  return kernel_data(space, kind, (space->kernel.stack->ppn << TW_PAGE_BITS) + STACK_REGISTERS, error);
}

bool space_kernel_control(tw_space *space, const space_process *process, tw_privilege privilege, bool sum,
                          tw_error *error) {
  tw_record *record = kernel_push(space, TW_RECORD_CONTROL, after_all, error);
  if (!record) return false;
  const page_table *table = process ? &process->table : &space->kernel.table;
  tw_satp satp = {space->mode, process ? process->asid.asid : 0, table->root->ppn};
  record->control = (tw_record_control){
      .satp = tw_satp_encode(&satp), .privilege = privilege, .sum = sum, .adue = space->options.adue};
  return true;
}

bool space_kernel_enter(tw_space *space, tw_error *error) {
  if (space->kernel.inside || !space->kernel.booted) return true;
  space->kernel.inside = true;
  if (!space->running) return true;
  return space_kernel_control(space, space->running, TW_SUPERVISOR, false, error) &&
         space_kernel_fetch(space, TEXT_ENTRY, error) && kernel_registers(space, TW_STORE, error) &&
         space_kernel_fetch(space, TEXT_FAULT, error);
}

/* Back to the program, or to the copying loop of a system call. */
bool space_kernel_leave(tw_space *space, tw_error *error) {
  if (!space->kernel.inside) return true;
  space->kernel.inside = false;
  if (!space->running) return true;
  return space_kernel_fetch(space, TEXT_RETURN, error) && kernel_registers(space, TW_LOAD, error) &&
         space_kernel_control(space, space->running, space->call.active ? TW_SUPERVISOR : TW_USER, space->call.active,
                              error);
}

static bool kernel_memory(tw_space *space, const tw_record_store *change, tw_after after, tw_error *error) {
  tw_record *record = kernel_push(space, TW_RECORD_STORE, after, error);
  if (!record) return false;
  uint64_t width = space->info->pte_bytes == 4 ? 0xffffffffu : UINT64_MAX;
  record->store = *change;
  record->store.width = (uint8_t)space->info->pte_bytes;
  record->store.first &= width;
  record->store.second &= width;
  record->delay = space->kernel.delay;
  space->kernel.delay = 0;
  space->counts.stores++;
  return true;
}

bool space_kernel_store(tw_space *space, uint64_t pa, uint64_t keep, uint64_t set, tw_error *error) {
  const tw_record_store change = {.pa = pa, .first = keep, .second = set};
  /* Before satp is written nothing is translated: such stores need no accesses of their own. */
  if (!space->kernel.booted) return kernel_memory(space, &change, after_none, error);
  return kernel_data(space, TW_STORE, pa, error) && kernel_memory(space, &change, after_last, error);
}

static bool kernel_store_fetched(tw_space *space, uint64_t pa, uint64_t keep, uint64_t set, tw_error *error) {
  return (!space->kernel.booted || space_kernel_fetch(space, TEXT_SET_ENTRY, error)) &&
         space_kernel_store(space, pa, keep, set, error);
}

bool space_kernel_write(tw_space *space, const table_slot *slot, uint64_t keep, uint64_t set, tw_error *error) {
  table_set(slot, (*slot->entry & keep) | set);
  return kernel_store_fetched(space, slot->pa, keep, set, error);
}

bool space_kernel_reach(tw_space *space, const page_table *table, uint64_t va, unsigned level, table_slot *slot,
                        tw_error *error) {
  for (table_reach(table, va, level, slot); slot->level > level && !*slot->entry; table_reach(table, va, level, slot)) {
    frame *below = space_frame_take(space, FRAME_TABLE, true, error);
    uint64_t pointer = below ? table_hang(table, slot, below->ppn) : 0;
    if (!below) return false;
    if (!pointer) return tw_error_set(error, "out of memory for page tables");
    if (!kernel_store_fetched(space, slot->pa, 0, pointer, error)) return false;
  }
  return true;
}

bool space_kernel_fence(tw_space *space, const tw_record_fence *fence, tw_error *error) {
  if (space->kernel.booted && !space_kernel_fetch(space, TEXT_FENCE, error)) return false;
  tw_record *record = kernel_push(space, TW_RECORD_FENCE, after_all, error);
  if (!record) return false;
  record->fence = *fence;
  space->counts.fences++;
  space->counts.fences_page += fence->has_va && !fence->has_asid;
  space->counts.fences_page_asid += fence->has_va && fence->has_asid;
  space->counts.fences_asid += !fence->has_va && fence->has_asid;
  space->counts.fences_all += !fence->has_va && !fence->has_asid;
  return true;
}

/* A loop over a root's entries: one fetch for several stores. */
static bool kernel_root_write(tw_space *space, const page_table *table, size_t index, uint64_t value, unsigned *written,
                              tw_error *error) {
  if (space->kernel.booted && (*written)++ % STORES_A_FETCH == 0 && !space_kernel_fetch(space, TEXT_TABLE, error))
    return false;
  uint64_t pa = (table->root->ppn << TW_PAGE_BITS) + index * space->info->pte_bytes;
  return space_kernel_store(space, pa, 0, value, error);
}

bool space_kernel_root_make(tw_space *space, page_table *table, tw_error *error) {
  const page_table *from = &space->kernel.table;
  unsigned written = 0;
  frame *root = space_frame_take(space, FRAME_TABLE, true, error);
  if (!root) return false;
  if (!table_open(table, space->mode, root->ppn)) return tw_error_set(error, "out of memory for page tables");
  for (size_t i = 0; i < table_entries(from); i++) {
    if (!from->root->entry[i]) continue;
    table_share(table, from->root, i);
    if (!kernel_root_write(space, table, i, from->root->entry[i], &written, error)) return false;
  }
  return true;
}

/* Whoever gets the frame finds zeroes in it. */
bool space_kernel_root_free(tw_space *space, page_table *table, tw_error *error) {
  unsigned written = 0;
  for (size_t i = 0; i < table_entries(table); i++) {
    if (table->root->entry[i] && !kernel_root_write(space, table, i, 0, &written, error)) return false;
  }
  frame_give(space->frames, frame_find(space->frames, table->root->ppn));
  table_close(table);
  return true;
}

static bool kernel_map(tw_space *space, uint64_t va, uint64_t pa, unsigned level, uint8_t flags, tw_error *error) {
  table_slot slot;
  return space_kernel_reach(space, &space->kernel.table, va, level, &slot, error) &&
         space_kernel_write(space, &slot, 0, table_entry(pa >> TW_PAGE_BITS, flags), error);
}

/* The direct map, as far as it reaches, and one superpage of code, which lies behind the frames. */
static bool kernel_share_make(tw_space *space, tw_error *error) {
  space_kernel *kernel = &space->kernel;
  const tw_space_options *options = &space->options;
  uint64_t bytes = table_span(&kernel->table, options->layout.direct_level);
  uint64_t text_bytes = table_span(&kernel->table, 1);
  uint64_t end = options->frame_base + options->frame_count * TW_PAGE_BYTES;
  uint8_t global = TW_PTE_V | TW_PTE_R | TW_PTE_G | TW_PTE_A | TW_PTE_D, data = global | TW_PTE_W;
  kernel->direct_va = options->layout.direct_va;
  kernel->direct_pa = options->frame_base & ~(bytes - 1);
  kernel->text_va = options->layout.text_va;
  kernel->text_pa = (end + text_bytes - 1) & ~(text_bytes - 1);
  for (uint64_t at = 0; kernel->direct_pa + at < end && at < options->layout.direct_bytes; at += bytes) {
    if (!kernel_map(space, kernel->direct_va + at, kernel->direct_pa + at, options->layout.direct_level, data, error))
      return false;
  }
  return kernel_map(space, kernel->text_va, kernel->text_pa, 1, global | TW_PTE_X, error);
}

/* What firmware does in M-mode: PMP entry 0 grants everything, else nothing below M-mode would be. */
static bool kernel_pmp_open(tw_space *space, tw_error *error) {
  const uint64_t everything = space->info->xlen == 32 ? 0xffffffffu : ((uint64_t)1 << 54) - 1;
  if (!space->options.pmp_entries) return true;
  tw_record *record = kernel_push(space, TW_RECORD_PMP, after_none, error);
  if (!record) return false;
  record->pmp = (tw_record_pmp){.target = TW_PMP_ADDR, .value = everything};
  record = kernel_push(space, TW_RECORD_PMP, after_last, error);
  if (!record) return false;
  record->pmp = (tw_record_pmp){.target = TW_PMP_CFG, .value = TW_PMP_R | TW_PMP_W | TW_PMP_X | TW_PMP_NAPOT};
  return true;
}

bool space_kernel_boot(tw_space *space, tw_error *error) {
  space_kernel *kernel = &space->kernel;
  if (!kernel_pmp_open(space, error)) return false;
  frame *root = space_frame_take(space, FRAME_TABLE, true, error);
  if (!root) return false;
  if (!table_open(&kernel->table, space->mode, root->ppn)) return tw_error_set(error, "out of memory for page tables");
  kernel->table.root->shared = true;
  if (!kernel_share_make(space, error)) return false;
  kernel->stack = space_frame_take(space, FRAME_KERNEL, true, error);
  if (!kernel->stack) return false;
  space->running = space_process_new(space, 0, "", error);
  if (!space->running) return false;
  asid_get(&space->asids, &space->running->asid);
  const tw_record_fence all = {0};
  if (!space_kernel_fence(space, &all, error) || !space_kernel_control(space, space->running, TW_USER, false, error))
    return false;
  kernel->booted = true;
  return true;
}
