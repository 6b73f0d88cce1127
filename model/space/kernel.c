/* The kernel: its map, its way in and out, and how it writes page tables, all as records.
 *
 * Order on any device: the kernel is entered when everything before has ended, and left when everything in between has;
 * inside, a load or store follows its fetch, an entry's change follows the store to it, fences follow all changes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stddef.h>

#define FRAMES_MAX_RV64 ((uint64_t)128 << 18)

const space_layout *space_layout_of(tw_mode mode) {
  static const space_layout layouts[TW_MODE_COUNT] = {
      [TW_SV32] = {0xc0000000u, 0xc0000000u, 1, (uint64_t)254 << 10, 0xffc00000u},
      [TW_SV39] = {(uint64_t)1 << 38, 0xffffffd600000000u, 2, FRAMES_MAX_RV64, 0xffffffff80000000u},
      [TW_SV48] = {(uint64_t)1 << 47, 0xffffaf8000000000u, 2, FRAMES_MAX_RV64, 0xffffffff80000000u},
      [TW_SV57] = {(uint64_t)1 << 47, 0xff60000000000000u, 2, FRAMES_MAX_RV64, 0xffffffff80000000u},
  };
  return mode > TW_BARE && mode < TW_MODE_COUNT ? &layouts[mode] : NULL;
}

/* Places in the kernel's code. */
enum { TEXT_ENTRY = 0x1040, TEXT_FAULT = 0x9a30, TEXT_SET_ENTRY = 0xb2f4, TEXT_FENCE = 0xc118, TEXT_RETURN = 0x11c0 };

static const tw_after after_none = {0};
static const tw_after after_all = {.all = true};
static const tw_after after_last = {.count = 1, .back = {1}};

static queue_item *kernel_push(tw_space *space, tw_record_kind kind, tw_after after, tw_error *error) {
  queue_item *item = queue_push(&space->urgent);
  if (!item) {
    tw_error_set(error, "out of memory for the kernel's records");
    return NULL;
  }
  item->record.kind = kind;
  item->record.after = after;
  item->origin.kernel = true;
  space->kernel.since_fetch++;
  return item;
}

static bool kernel_fetch(tw_space *space, uint64_t offset, tw_error *error) {
  queue_item *item = kernel_push(space, TW_RECORD_ACCESS, (tw_after){0}, error);
  if (!item) return false;
  item->record.access = (tw_record_access){.va = space->kernel.text_va + offset, .kind = TW_FETCH, .size = 4};
  space->kernel.since_fetch = 0;
  return true;
}

static bool kernel_data(tw_space *space, tw_access kind, uint64_t pa, tw_error *error) {
  tw_after after = {.count = 1, .back = {space->kernel.since_fetch + 1}};
  queue_item *item = kernel_push(space, TW_RECORD_ACCESS, after, error);
  if (!item) return false;
  uint64_t va = space->kernel.direct_va + (pa - space->kernel.direct_pa);
  item->record.access = (tw_record_access){.va = va, .kind = kind, .size = (uint8_t)space->info->pte_bytes};
  return true;
}

static bool kernel_control(tw_space *space, tw_privilege privilege, tw_error *error) {
  queue_item *item = kernel_push(space, TW_RECORD_CONTROL, after_all, error);
  if (!item) return false;
  tw_satp satp = {space->mode, space->process.asid, table_root_ppn(&space->process.table)};
  item->record.control = (tw_record_control){.satp = tw_satp_encode(&satp), .privilege = privilege};
  return true;
}

static bool kernel_store(tw_space *space, const tw_record_store *change, tw_after after, tw_error *error) {
  queue_item *item = kernel_push(space, TW_RECORD_STORE, after, error);
  if (!item) return false;
  uint64_t width = space->info->pte_bytes == 4 ? 0xffffffffu : UINT64_MAX;
  item->record.store = *change;
  item->record.store.width = (uint8_t)space->info->pte_bytes;
  item->record.store.first &= width;
  item->record.store.second &= width;
  space->counts.stores++;
  return true;
}

bool space_kernel_enter(tw_space *space, tw_error *error) {
  return kernel_control(space, TW_SUPERVISOR, error) && kernel_fetch(space, TEXT_ENTRY, error) &&
         kernel_data(space, TW_STORE, space->kernel.stack_pa + TW_PAGE_BYTES - 64, error) &&
         kernel_fetch(space, TEXT_FAULT, error);
}

bool space_kernel_leave(tw_space *space, tw_error *error) {
  return kernel_fetch(space, TEXT_RETURN, error) &&
         kernel_data(space, TW_LOAD, space->kernel.stack_pa + TW_PAGE_BYTES - 64, error) &&
         kernel_control(space, TW_USER, error);
}

static bool kernel_write(tw_space *space, uint64_t pa, uint64_t keep, uint64_t set, tw_error *error) {
  return kernel_fetch(space, TEXT_SET_ENTRY, error) && kernel_data(space, TW_STORE, pa, error) &&
         kernel_store(space, &(tw_record_store){.pa = pa, .first = keep, .second = set}, after_last, error);
}

bool space_kernel_write(tw_space *space, const table_slot *slot, uint64_t keep, uint64_t set, tw_error *error) {
  *slot->entry = (*slot->entry & keep) | set;
  return kernel_write(space, slot->pa, keep, set, error);
}

bool space_kernel_reach(tw_space *space, uint64_t va, table_slot *slot, tw_error *error) {
  table_pointers made;
  if (!table_make(&space->process.table, &space->frames, va, 0, slot, &made, error)) return false;
  for (unsigned i = 0; i < made.count; i++) {
    if (!kernel_write(space, made.at[i].pa, 0, made.at[i].value, error)) return false;
  }
  return true;
}

bool space_kernel_fence(tw_space *space, const uint64_t *va, tw_error *error) {
  if (!kernel_fetch(space, TEXT_FENCE, error)) return false;
  queue_item *item = kernel_push(space, TW_RECORD_FENCE, after_all, error);
  if (!item) return false;
  item->record.fence = (tw_record_fence){.asid = space->process.asid, .has_asid = true, .has_va = va != NULL};
  if (va) item->record.fence.va = *va;
  space->counts.fences++;
  return true;
}

/* Before satp is written nothing is translated: the stores need no accesses of their own. */
static bool kernel_map(tw_space *space, uint64_t va, uint64_t pa, unsigned level, uint8_t flags, tw_error *error) {
  table_slot slot;
  table_pointers made;
  if (!table_make(&space->process.table, &space->frames, va, level, &slot, &made, error)) return false;
  for (unsigned i = 0; i < made.count; i++) {
    if (!kernel_store(space, &(tw_record_store){.pa = made.at[i].pa, .second = made.at[i].value}, after_none, error))
      return false;
  }
  *slot.entry = table_entry(pa >> TW_PAGE_BITS, flags);
  return kernel_store(space, &(tw_record_store){.pa = slot.pa, .second = *slot.entry}, after_none, error);
}

static unsigned direct_bits(const tw_space *space) {
  return TW_PAGE_BITS + space->info->vpn_bits * space->layout->direct_level;
}

/* The kernel's code is one superpage behind the frames. */
static void kernel_place(tw_space *space) {
  space_kernel *kernel = &space->kernel;
  kernel->direct_va = space->layout->direct_va;
  kernel->direct_pa = space->options.frame_base >> direct_bits(space) << direct_bits(space);
  kernel->text_va = space->layout->text_va;
  kernel->text_level = 1;
  uint64_t text_bytes = (uint64_t)1 << (TW_PAGE_BITS + space->info->vpn_bits);
  uint64_t end = space->options.frame_base + space->options.frame_count * TW_PAGE_BYTES;
  kernel->text_pa = (end + text_bytes - 1) & ~(text_bytes - 1);
}

/* What firmware does in M-mode: PMP entry 0 grants everything, else nothing below M-mode would be. */
static bool kernel_pmp_open(tw_space *space, tw_error *error) {
  const uint64_t everything = space->info->xlen == 32 ? 0xffffffffu : ((uint64_t)1 << 54) - 1;
  if (!space->options.pmp_entries) return true;
  queue_item *item = kernel_push(space, TW_RECORD_PMP, after_none, error);
  if (!item) return false;
  item->record.pmp = (tw_record_pmp){.target = TW_PMP_ADDR, .value = everything};
  item = kernel_push(space, TW_RECORD_PMP, after_last, error);
  if (!item) return false;
  item->record.pmp = (tw_record_pmp){.target = TW_PMP_CFG, .value = TW_PMP_R | TW_PMP_W | TW_PMP_X | TW_PMP_NAPOT};
  return true;
}

bool space_kernel_boot(tw_space *space, tw_error *error) {
  space_kernel *kernel = &space->kernel;
  kernel_place(space);
  if (!kernel_pmp_open(space, error)) return false;
  uint64_t bytes = (uint64_t)1 << direct_bits(space);
  uint64_t end = space->options.frame_base + space->options.frame_count * TW_PAGE_BYTES;
  uint8_t global = TW_PTE_V | TW_PTE_R | TW_PTE_G | TW_PTE_A | TW_PTE_D, data = global | TW_PTE_W;
  for (uint64_t pa = kernel->direct_pa; pa < end; pa += bytes) {
    uint64_t va = kernel->direct_va + (pa - kernel->direct_pa);
    if (!kernel_map(space, va, pa, space->layout->direct_level, data, error)) return false;
  }
  if (!kernel_map(space, kernel->text_va, kernel->text_pa, kernel->text_level, global | TW_PTE_X, error)) return false;
  uint64_t stack;
  if (!frame_take(&space->frames, &stack)) return tw_error_set(error, "out of frames: none for the kernel's stack");
  kernel->stack_pa = stack << TW_PAGE_BITS;
  queue_item *item = kernel_push(space, TW_RECORD_FENCE, after_all, error);
  if (!item) return false;
  space->counts.fences++;
  return kernel_control(space, TW_USER, error);
}
