/* Control registers and PMP registers (docs/microarchitecture.md, "Control registers").
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

uint64_t mmu_satp_after(const tw_mmu *mmu, const tw_pins_control *control) {
  tw_satp decoded;
  uint64_t written = control->satp & mmu->satp_mask;
  bool known = tw_satp_decode(mmu->row->xlen, written, &decoded);
  /* Modes are in order, and satp of RV32 and of RV64 know only their own. */
  return known && decoded.mode <= mmu->config.mode ? written : mmu->satp;
}

/* What follows from the control registers, once for all accesses until the next write. */
static void control_derive(tw_mmu *mmu) {
  tw_satp_decode(mmu->row->xlen, mmu->satp, &mmu->root);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) {
    mmu_port *port = &mmu->ports[p];
    port->context =
        (tw_context){.satp = mmu->root,
                     .privilege = tw_privilege_effective(&mmu->status, p == TW_PORT_FETCH ? TW_FETCH : TW_LOAD),
                     .sum = mmu->sum,
                     .mxr = mmu->mxr,
                     .xlen = mmu->row->xlen,
                     .extensions = tw_extensions_in_force(mmu->config.extensions, mmu->pbmte, mmu->adue),
                     .machine = &mmu->machine};
    port->translates = tw_context_translates(&port->context);
    tlb_lines_drop(&port->tlb);
  }
}

void mmu_control_reset(tw_mmu *mmu) {
  mmu->satp = 0;
  mmu->status = (tw_status){.privilege = TW_MACHINE, .mprv = false, .mpp = TW_USER};
  mmu->sum = false;
  mmu->mxr = false;
  mmu->adue = false;
  mmu->pbmte = false;
  tw_pmp_reset(&mmu->pmp);
  mmu_checks_forget(mmu);
  control_derive(mmu);
}

void mmu_control_write(tw_mmu *mmu, const mmu_now *now) {
  const tw_pins_control *control = &now->in->control;
  mmu->satp = now->satp;
  mmu->status = (tw_status){
      .privilege = (tw_privilege)control->privilege, .mprv = control->mprv != 0, .mpp = (tw_privilege)control->mpp};
  mmu->sum = control->sum != 0;
  mmu->mxr = control->mxr != 0;
  mmu->adue = control->adue && mmu->config.extensions & TW_EXT_SVADU;
  mmu->pbmte = control->pbmte && mmu->config.extensions & TW_EXT_SVPBMT;
  control_derive(mmu);
}

void mmu_pmp_write(tw_mmu *mmu, const tw_pins_pmp *write) {
  switch (write->kind) {
  case TW_PIN_PMP_CFG:
    tw_pmp_write_cfg(&mmu->pmp, write->index, (uint8_t)write->value);
    break;
  case TW_PIN_PMP_ADDR:
    tw_pmp_write_addr(&mmu->pmp, write->index, write->value);
    break;
  case TW_PIN_PMP_MSECCFG:
    tw_pmp_write_mseccfg(&mmu->pmp, write->value);
    break;
  default:
    return;
  }
  mmu_checks_forget(mmu);
  for (unsigned p = 0; p < TW_PORT_COUNT; p++) tlb_lines_drop(&mmu->ports[p].tlb);
}
