/* Every pin but clock and reset, once: the table of pins and the plug-ins' shim are made of this list.
 *
 * X(pin, field, bits): pin as in Verilog, without _i and _o; field in tw_pins_in or tw_pins_out. Each list is in the
 * order of docs/pins.md.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PIN_LIST_H
#define TWINWALK_PIN_LIST_H

#define TW_REQUEST_PINS(X, port)                                                                                       \
  X(port##_req_valid, port.valid, 1)                                                                                   \
  X(port##_req_tag, port.tag, 4)                                                                                       \
  X(port##_req_kind, port.kind, 3)                                                                                     \
  X(port##_req_size, port.size, 7)                                                                                     \
  X(port##_req_speculative, port.speculative, 1)                                                                       \
  X(port##_req_va, port.va, 64)                                                                                        \
  X(port##_cancel_valid, port.cancel_valid, 1)                                                                         \
  X(port##_cancel_tag, port.cancel_tag, 4)

#define TW_RESPONSE_PINS(X, port)                                                                                      \
  X(port##_req_ready, port.req_ready, 1)                                                                               \
  X(port##_rsp_valid, port.valid, 1)                                                                                   \
  X(port##_rsp_tag, port.tag, 4)                                                                                       \
  X(port##_rsp_status, port.status, 2)                                                                                 \
  X(port##_rsp_reason, port.reason, 5)                                                                                 \
  X(port##_rsp_cause, port.cause, 5)                                                                                   \
  X(port##_rsp_level, port.level, 3)                                                                                   \
  X(port##_rsp_flags, port.flags, 8)                                                                                   \
  X(port##_rsp_napot, port.napot, 1)                                                                                   \
  X(port##_rsp_hit, port.hit, 2)                                                                                       \
  X(port##_rsp_attribute, port.attribute, 2)                                                                           \
  X(port##_rsp_implicit, port.implicit, 1)                                                                             \
  X(port##_rsp_pa, port.pa, 56)                                                                                        \
  X(port##_rsp_tval, port.tval, 64)                                                                                    \
  X(port##_rsp_gpa, port.gpa, 56)

#define TW_PINS_IN(X)                                                                                                  \
  X(control_valid, control.valid, 1)                                                                                   \
  X(control_satp, control.satp, 64)                                                                                    \
  X(control_privilege, control.privilege, 2)                                                                           \
  X(control_mprv, control.mprv, 1)                                                                                     \
  X(control_mpp, control.mpp, 2)                                                                                       \
  X(control_sum, control.sum, 1)                                                                                       \
  X(control_mxr, control.mxr, 1)                                                                                       \
  X(control_adue, control.adue, 1)                                                                                     \
  X(control_pbmte, control.pbmte, 1)                                                                                   \
  X(pmp_valid, pmp.valid, 1)                                                                                           \
  X(pmp_kind, pmp.kind, 2)                                                                                             \
  X(pmp_index, pmp.index, 6)                                                                                           \
  X(pmp_value, pmp.value, 64)                                                                                          \
  TW_REQUEST_PINS(X, fetch)                                                                                            \
  TW_REQUEST_PINS(X, data)                                                                                             \
  X(fence_valid, fence.valid, 1)                                                                                       \
  X(fence_kind, fence.kind, 3)                                                                                         \
  X(fence_has_va, fence.has_va, 1)                                                                                     \
  X(fence_va, fence.va, 64)                                                                                            \
  X(fence_has_asid, fence.has_asid, 1)                                                                                 \
  X(fence_asid, fence.asid, 16)                                                                                        \
  X(mem_req_ready, mem.req_ready, 1)                                                                                   \
  X(mem_rsp_valid, mem.rsp_valid, 1)                                                                                   \
  X(mem_rsp_id, mem.rsp_id, 4)                                                                                         \
  X(mem_rsp_error, mem.rsp_error, 1)                                                                                   \
  X(mem_rsp_data, mem.rsp_data, 64)

#define TW_PINS_OUT(X)                                                                                                 \
  TW_RESPONSE_PINS(X, fetch)                                                                                           \
  TW_RESPONSE_PINS(X, data)                                                                                            \
  X(fence_ready, fence_ready, 1)                                                                                       \
  X(fence_done, fence_done, 1)                                                                                         \
  X(mem_req_valid, mem.req_valid, 1)                                                                                   \
  X(mem_req_id, mem.req_id, 4)                                                                                         \
  X(mem_req_kind, mem.req_kind, 1)                                                                                     \
  X(mem_req_size, mem.req_size, 2)                                                                                     \
  X(mem_req_addr, mem.req_addr, 56)                                                                                    \
  X(mem_req_expected, mem.req_expected, 64)                                                                            \
  X(mem_req_desired, mem.req_desired, 64)                                                                              \
  X(event, event, 29)                                                                                                  \
  X(event_walkers, walkers, 4)

#endif
