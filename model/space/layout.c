/* Linux's layouts, and what any layout must be.
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/layout.h"

#include <inttypes.h>
#include <stddef.h>

#define GIB (UINT64_C(1) << 30)
#define CHUNK_BYTES (UINT64_C(1) << 24) /* of what is moved when a program does not fit: user_end is a multiple */

const tw_layout *tw_layout_of(tw_mode mode) {
  static const tw_layout layouts[TW_MODE_COUNT] = {
      [TW_SV32] = {"linux-sv32", 0xc0000000u, 0xc0000000u, 1, UINT64_C(254) << 22, 0xffc00000u},
      [TW_SV39] = {"linux-sv39", UINT64_C(1) << 38, 0xffffffd600000000u, 2, 128 * GIB, 0xffffffff80000000u},
      [TW_SV48] = {"linux-sv48", UINT64_C(1) << 47, 0xffffaf8000000000u, 2, 128 * GIB, 0xffffffff80000000u},
      [TW_SV57] = {"linux-sv57", UINT64_C(1) << 47, 0xff60000000000000u, 2, 128 * GIB, 0xffffffff80000000u},
  };
  return mode > TW_BARE && mode < TW_MODE_COUNT ? &layouts[mode] : NULL;
}

static unsigned page_bits(const tw_mode_info *info, unsigned level) {
  return TW_PAGE_BITS + info->vpn_bits * level;
}

/* A part of the address space: [first, last]. */
typedef struct part {
  const char *name;
  uint64_t first, last;
} part;

static bool is_canonical(const tw_mode_info *info, uint64_t va) {
  if (info->xlen == 32) return va <= UINT32_MAX;
  uint64_t top = va >> (info->va_bits - 1);
  return top == 0 || top == UINT64_MAX >> (info->va_bits - 1);
}

static bool part_check(const tw_layout *layout, const tw_mode_info *info, const part *checked, tw_error *error) {
  bool halves = info->xlen != 32 && checked->first >> 63 != checked->last >> 63;
  if (checked->last < checked->first || halves || !is_canonical(info, checked->first) ||
      !is_canonical(info, checked->last))
    return tw_error_set(error, "layout `%s`: %s, 0x%" PRIx64 " to 0x%" PRIx64 ": %s has no such addresses",
                        layout->name, checked->name, checked->first, checked->last, info->name);
  return true;
}

/* Entries of the root table are a process's own, or the kernel's and the same in all. */
static bool parts_apart(const tw_layout *layout, const tw_mode_info *info, const part *one, const part *other,
                        unsigned bits, tw_error *error) {
  if (one->last >> bits < other->first >> bits || other->last >> bits < one->first >> bits) return true;
  return tw_error_set(error,
                      "layout `%s`: %s, 0x%" PRIx64 " to 0x%" PRIx64 ", and %s, 0x%" PRIx64 " to 0x%" PRIx64
                      ", are not apart: %s wants them in different parts of 0x%" PRIx64 " bytes",
                      layout->name, one->name, one->first, one->last, other->name, other->first, other->last,
                      info->name, UINT64_C(1) << bits);
}

static bool is_multiple(const tw_layout *layout, const char *what, uint64_t value, uint64_t of, tw_error *error) {
  if (value % of == 0) return true;
  return tw_error_set(error, "layout `%s`: %s: expected a multiple of 0x%" PRIx64 ", found 0x%" PRIx64, layout->name,
                      what, of, value);
}

static bool numbers_check(const tw_layout *layout, const tw_mode_info *info, tw_error *error) {
  if (layout->direct_level == 0 || layout->direct_level >= info->levels)
    return tw_error_set(error, "layout `%s`: level of the direct map: expected 1 to %u in %s, found %u", layout->name,
                        info->levels - 1, info->name, layout->direct_level);
  if (!layout->user_end || !layout->direct_bytes)
    return tw_error_set(error, "layout `%s`: %s: expected more than 0 bytes", layout->name,
                        layout->user_end ? "the direct map" : "the user part");
  uint64_t direct_page = UINT64_C(1) << page_bits(info, layout->direct_level);
  return is_multiple(layout, "end of the user part", layout->user_end, CHUNK_BYTES, error) &&
         is_multiple(layout, "address of the direct map", layout->direct_va, direct_page, error) &&
         is_multiple(layout, "bytes of the direct map", layout->direct_bytes, direct_page, error) &&
         is_multiple(layout, "address of the kernel's code", layout->text_va, UINT64_C(1) << page_bits(info, 1), error);
}

bool tw_layout_check(const tw_layout *layout, tw_mode mode, tw_error *error) {
  const tw_mode_info *info = tw_mode_row(mode);
  if (!tw_layout_of(mode)) return tw_error_set(error, "layout `%s`: the mode does not translate", layout->name);
  if (!numbers_check(layout, info, error)) return false;
  unsigned root_bits = page_bits(info, info->levels - 1), text_bits = page_bits(info, 1);
  part user = {"the user part", 0, layout->user_end - 1};
  part direct = {"the direct map", layout->direct_va, layout->direct_va + (layout->direct_bytes - 1)};
  part text = {"the kernel's code", layout->text_va, layout->text_va + ((UINT64_C(1) << text_bits) - 1)};
  return part_check(layout, info, &user, error) && part_check(layout, info, &direct, error) &&
         part_check(layout, info, &text, error) && parts_apart(layout, info, &user, &direct, root_bits, error) &&
         parts_apart(layout, info, &user, &text, root_bits, error) &&
         parts_apart(layout, info, &direct, &text, text_bits, error);
}
