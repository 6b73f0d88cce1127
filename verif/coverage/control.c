/* Counts control writes: of satp, of bits in mid-walk, and of bits that an older entry is used after.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/* ASID bits that are not implemented, in satp. */
static uint64_t asid_bits_cut(const tw_coverage *coverage) {
  const uint64_t all = (UINT64_C(1) << coverage->row->asid_bits) - 1;
  const uint64_t cut = all & ~((UINT64_C(1) << coverage->config.asid_bits) - 1);
  return coverage->xlen == 32 ? cut << 22 : cut << 44;
}

static bool satp_supported(const tw_coverage *coverage, uint64_t satp) {
  tw_satp decoded;
  return tw_satp_decode(coverage->xlen, satp, &decoded) && decoded.mode <= coverage->config.mode;
}

/* What the register holds after the write. */
static uint64_t satp_stored(const tw_coverage *coverage, uint64_t satp) {
  if (!satp_supported(coverage, satp)) return coverage->now.satp;
  if (coverage->xlen == 32) satp = (uint32_t)satp;
  return satp & ~asid_bits_cut(coverage);
}

bool coverage_satp_changes(const tw_coverage *coverage, const tw_pins_control *write) {
  return satp_stored(coverage, write->satp) != coverage->now.satp;
}

static void satp_count(tw_coverage *coverage, uint64_t satp) {
  tw_satp before, after;
  const uint64_t stored = satp_stored(coverage, satp);
  if (!satp_supported(coverage, satp)) {
    COVER(coverage, POINT_SATP_UNSUPPORTED);
    return;
  }
  coverage->asid_cut = satp & asid_bits_cut(coverage);
  if (coverage->asid_cut) COVER(coverage, POINT_SATP_ASID_BITS);
  if (stored == coverage->now.satp) COVER(coverage, POINT_SATP_SAME);
  tw_satp_decode(coverage->xlen, coverage->now.satp, &before);
  tw_satp_decode(coverage->xlen, stored, &after);
  if (before.mode != TW_BARE && after.mode == TW_BARE) COVER(coverage, POINT_SATP_TO_BARE);
  if (before.mode == TW_BARE && after.mode != TW_BARE) COVER(coverage, POINT_SATP_FROM_BARE);
  if (before.mode == TW_BARE || after.mode == TW_BARE) return;
  if (before.mode != after.mode) COVER(coverage, POINT_SATP_MODE);
  if (before.asid != after.asid) COVER(coverage, POINT_SATP_ASID);
  if (before.root_ppn != after.root_ppn) COVER(coverage, POINT_SATP_PPN);
}

static bool walking(const tw_coverage *coverage) {
  for (unsigned w = 0; w < coverage->now.walker_count; w++)
    if (coverage->now.walkers[w].state != TW_WALKER_IDLE && !coverage->now.walkers[w].killed) return true;
  return false;
}

void coverage_control(tw_coverage *coverage, const tw_pins_control *write) {
  const tw_mmu_probe *now = &coverage->now;
  const bool adue = write->adue && coverage->config.extensions & TW_EXT_SVADU;
  const bool pbmte = write->pbmte && coverage->config.extensions & TW_EXT_SVPBMT;
  const bool changed[BIT_COUNT] = {[BIT_PRIVILEGE] = write->privilege != now->privilege,
                                   [BIT_MPRV] = write->mprv != now->mprv,
                                   [BIT_MPP] = write->mpp != now->mpp,
                                   [BIT_SUM] = write->sum != now->sum,
                                   [BIT_MXR] = write->mxr != now->mxr,
                                   [BIT_ADUE] = adue != now->adue,
                                   [BIT_PBMTE] = pbmte != now->pbmte};
  const bool during = walking(coverage) && !coverage_satp_changes(coverage, write);
  for (unsigned bit = 0; bit < BIT_COUNT; bit++) {
    if (!changed[bit]) continue;
    coverage->changed[bit] = coverage->cycle;
    if (during) COVER(coverage, POINT_WALK_DURING, bit);
  }
  satp_count(coverage, write->satp);
}

/* An entry is used that was filled before a bit was changed. */
void coverage_control_hit(tw_coverage *coverage, tw_port port, unsigned index) {
  for (unsigned bit = 0; bit < BIT_COUNT; bit++)
    if (coverage->filled[port][index] < coverage->changed[bit]) COVER(coverage, POINT_CONTROL, bit);
}
