/* The control registers as rules P6 to P8 make them, and the context that they give an access.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "player.h"

/* P7: Bare, and on RV64 every mode up to the deepest. */
static bool has_mode(const tw_config *config, uint64_t satp) {
  const tw_mode_info *deepest = tw_mode_row(config->mode);
  unsigned selected = deepest->xlen == 32 ? (unsigned)(satp >> 31) : (unsigned)(satp >> 60);
  bool has = selected == 0;
  for (unsigned mode = TW_SV32; mode <= (unsigned)config->mode; mode++) {
    const tw_mode_info *row = tw_mode_row((tw_mode)mode);
    has = has || (row->xlen == deepest->xlen && row->satp_mode == selected);
  }
  return has;
}

bool tw_control_apply(tw_control_state *control, const tw_config *config, const tw_record_control *write) {
  const tw_mode_info *mode = tw_mode_row(config->mode);
  uint64_t satp = mode->xlen == 32 ? write->satp & 0xffffffffu : write->satp;
  unsigned asid_low = mode->xlen == 32 ? 22 : 44, asid_field = mode->xlen == 32 ? 9 : 16;
  uint64_t asid_all = ((1ull << asid_field) - 1) << asid_low;
  uint64_t asid_kept = ((1ull << config->asid_bits) - 1) << asid_low;
  uint64_t before = control->satp;
  if (has_mode(config, satp)) control->satp = (satp & ~asid_all) | (satp & asid_kept);
  control->privilege = (uint8_t)write->privilege;
  control->mprv = write->mprv;
  control->mpp = (uint8_t)write->mpp;
  control->sum = write->sum;
  control->mxr = write->mxr;
  control->adue = write->adue && config->extensions & TW_EXT_SVADU;
  control->pbmte = write->pbmte && config->extensions & TW_EXT_SVPBMT;
  return control->satp != before;
}

void tw_control_context(const tw_control_state *control, const tw_config *config, const tw_machine *machine,
                        tw_access access, tw_context *context) {
  const tw_status status = {(tw_privilege)control->privilege, control->mprv != 0, (tw_privilege)control->mpp};
  unsigned xlen = tw_mode_row(config->mode)->xlen;
  *context = (tw_context){
      .privilege = tw_privilege_effective(&status, access),
      .sum = control->sum != 0,
      .mxr = control->mxr != 0,
      .xlen = xlen,
      .extensions = tw_extensions_in_force(config->extensions, control->pbmte != 0, control->adue != 0),
      .machine = machine,
  };
  tw_satp_decode(xlen, control->satp, &context->satp);
}
