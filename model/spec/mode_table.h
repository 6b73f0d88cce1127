/* The table of modes: everything in which Sv32, Sv39, Sv48 and Sv57 differ; for the oracle's own files, whose decisions
 * are compiled with a row's numbers in them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPEC_MODE_TABLE_H
#define TWINWALK_SPEC_MODE_TABLE_H

#include "twinwalk/spec.h"

/* Bits 63..54 of an 8-byte entry: N (Sv39_pte_svnapot_rsv), PBMT (Sv39_pte_svpbmt_rsv), 60..54 (Sv39_pte_future_rsv).
 */
#define RESERVED_OF_8_BYTES 0xffc0000000000000u

static const tw_mode_info tw_mode_table[TW_MODE_COUNT] = {
    [TW_BARE] = {.name = "Bare", .satp_mode = 0, .va_bits = 64, .ppn_bits = 44, .pa_bits = 56},
    [TW_SV32] = {.name = "Sv32",
                 .xlen = 32,
                 .satp_mode = 1,
                 .levels = 2,
                 .vpn_bits = 10,
                 .va_bits = 32,
                 .ppn_bits = 22,
                 .pa_bits = 34,
                 .asid_bits = 9,
                 .pte_bytes = 4,
                 .pte_reserved = 0},
    [TW_SV39] = {.name = "Sv39",
                 .xlen = 64,
                 .satp_mode = 8,
                 .levels = 3,
                 .vpn_bits = 9,
                 .va_bits = 39,
                 .ppn_bits = 44,
                 .pa_bits = 56,
                 .asid_bits = 16,
                 .pte_bytes = 8,
                 .pte_reserved = RESERVED_OF_8_BYTES},
    [TW_SV48] = {.name = "Sv48",
                 .xlen = 64,
                 .satp_mode = 9,
                 .levels = 4,
                 .vpn_bits = 9,
                 .va_bits = 48,
                 .ppn_bits = 44,
                 .pa_bits = 56,
                 .asid_bits = 16,
                 .pte_bytes = 8,
                 .pte_reserved = RESERVED_OF_8_BYTES},
    [TW_SV57] = {.name = "Sv57",
                 .xlen = 64,
                 .satp_mode = 10,
                 .levels = 5,
                 .vpn_bits = 9,
                 .va_bits = 57,
                 .ppn_bits = 44,
                 .pa_bits = 56,
                 .asid_bits = 16,
                 .pte_bytes = 8,
                 .pte_reserved = RESERVED_OF_8_BYTES},
};

/* The lowest `bits` bits, for bits below 64. */
static inline uint64_t low_mask(unsigned bits) {
  return ((uint64_t)1 << bits) - 1;
}

#endif
