/* Under what an access is made: satp, privilege, and whether there is translation at all.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "decisions.h"

/* satp is MODE, ASID, PPN from the top; MODE fills what the other two leave of xlen bits. */
static unsigned satp_mode_shift(const tw_mode_info *row) {
  return row->ppn_bits + row->asid_bits;
}

bool tw_satp_decode(unsigned xlen, uint64_t satp, tw_satp *decoded) {
  uint64_t value = xlen == 32 ? (uint32_t)satp : satp;
  unsigned bare_shift = xlen == 32 ? 31 : 60;
  if (value >> bare_shift == tw_mode_table[TW_BARE].satp_mode) {
    *decoded = (tw_satp){.mode = TW_BARE};
    return true;
  }
  for (unsigned i = 0; i < TW_MODE_COUNT; i++) {
    const tw_mode_info *row = &tw_mode_table[i];
    if (row->xlen == xlen && value >> satp_mode_shift(row) == row->satp_mode) {
      decoded->mode = (tw_mode)i;
      decoded->asid = (uint16_t)(value >> row->ppn_bits & low_mask(row->asid_bits));
      decoded->root_ppn = value & low_mask(row->ppn_bits);
      return true;
    }
  }
  return false;
}

uint64_t tw_satp_encode(const tw_satp *decoded) {
  const tw_mode_info *row = &tw_mode_table[decoded->mode];
  if (row->levels == 0) return 0;
  uint64_t mode = (uint64_t)row->satp_mode << satp_mode_shift(row);
  uint64_t asid = (decoded->asid & low_mask(row->asid_bits)) << row->ppn_bits;
  return mode | asid | (decoded->root_ppn & low_mask(row->ppn_bits));
}

tw_privilege tw_privilege_effective(const tw_status *status, tw_access access) {
  bool replaced = access != TW_FETCH && status->mprv && status->privilege == TW_MACHINE;
  return replaced ? status->mpp : status->privilege;
}

bool tw_context_translates(const tw_context *context) {
  return context_translates(context);
}

const char *tw_access_name(tw_access access) {
  static const char *const names[TW_ACCESS_COUNT] = {"fetch", "load", "store", "amo"};
  return (unsigned)access < TW_ACCESS_COUNT ? names[access] : "unknown";
}

const char *tw_privilege_name(tw_privilege privilege) {
  switch (privilege) {
  case TW_USER:
    return "U";
  case TW_SUPERVISOR:
    return "S";
  case TW_MACHINE:
    return "M";
  }
  return "unknown";
}
