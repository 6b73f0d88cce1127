/* The table of pins, and the search for those that differ.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pin_table.h"

#include <string.h>

#define IN(name, field, bits)                                                                                          \
  { name, offsetof(tw_pins_in, field), sizeof((tw_pins_in *)0)->field, bits, false }
#define OUT(name, field, bits)                                                                                         \
  { name, offsetof(tw_pins_out, field), sizeof((tw_pins_out *)0)->field, bits, true }

/* The pins of an access port, in the order of docs/pins.md. */
#define REQUEST(port)                                                                                                  \
  IN(#port "_req_valid", port.valid, 1), IN(#port "_req_tag", port.tag, TW_TAG_BITS),                                  \
      IN(#port "_req_kind", port.kind, 3), IN(#port "_req_speculative", port.speculative, 1),                          \
      IN(#port "_req_va", port.va, 64), IN(#port "_cancel_valid", port.cancel_valid, 1),                               \
      IN(#port "_cancel_tag", port.cancel_tag, TW_TAG_BITS)
#define RESPONSE(port)                                                                                                 \
  OUT(#port "_req_ready", port.req_ready, 1), OUT(#port "_rsp_valid", port.valid, 1),                                  \
      OUT(#port "_rsp_tag", port.tag, TW_TAG_BITS), OUT(#port "_rsp_status", port.status, 2),                          \
      OUT(#port "_rsp_reason", port.reason, 5), OUT(#port "_rsp_cause", port.cause, 5),                                \
      OUT(#port "_rsp_level", port.level, 3), OUT(#port "_rsp_flags", port.flags, 8),                                  \
      OUT(#port "_rsp_hit", port.hit, 1), OUT(#port "_rsp_attribute", port.attribute, 2),                              \
      OUT(#port "_rsp_implicit", port.implicit, 1), OUT(#port "_rsp_pa", port.pa, 56),                                 \
      OUT(#port "_rsp_tval", port.tval, 64), OUT(#port "_rsp_gpa", port.gpa, 56)

const tw_pin tw_pins[] = {
    IN("rst_n", rst_n, 1),
    IN("control_valid", control.valid, 1),
    IN("control_satp", control.satp, 64),
    IN("control_privilege", control.privilege, 2),
    IN("control_mprv", control.mprv, 1),
    IN("control_mpp", control.mpp, 2),
    IN("control_sum", control.sum, 1),
    IN("control_mxr", control.mxr, 1),
    REQUEST(fetch),
    REQUEST(data),
    IN("fence_valid", fence.valid, 1),
    IN("fence_kind", fence.kind, 2),
    IN("fence_has_va", fence.has_va, 1),
    IN("fence_va", fence.va, 64),
    IN("fence_has_asid", fence.has_asid, 1),
    IN("fence_asid", fence.asid, 16),
    IN("mem_req_ready", mem.req_ready, 1),
    IN("mem_rsp_valid", mem.rsp_valid, 1),
    IN("mem_rsp_id", mem.rsp_id, TW_ID_BITS),
    IN("mem_rsp_error", mem.rsp_error, 1),
    IN("mem_rsp_data", mem.rsp_data, 64),
    RESPONSE(fetch),
    RESPONSE(data),
    OUT("fence_ready", fence_ready, 1),
    OUT("fence_done", fence_done, 1),
    OUT("mem_req_valid", mem.req_valid, 1),
    OUT("mem_req_id", mem.req_id, TW_ID_BITS),
    OUT("mem_req_kind", mem.req_kind, 1),
    OUT("mem_req_size", mem.req_size, 2),
    OUT("mem_req_addr", mem.req_addr, 56),
    OUT("mem_req_expected", mem.req_expected, 64),
    OUT("mem_req_desired", mem.req_desired, 64),
    OUT("event", event, TW_EVENT_COUNT),
};
const size_t tw_pin_count = sizeof tw_pins / sizeof tw_pins[0];

uint64_t tw_pin_value(const tw_pin *pin, const void *pins) {
  uint64_t value = 0;
  memcpy(&value, (const uint8_t *)pins + pin->offset, pin->bytes);
  return value;
}

const tw_pin *tw_pin_find(const char *name) {
  for (size_t i = 0; i < tw_pin_count; i++)
    if (strcmp(tw_pins[i].name, name) == 0) return &tw_pins[i];
  return NULL;
}

size_t tw_pins_differ(const tw_pins_out *left, const tw_pins_out *right, const tw_pin **differing, size_t size) {
  size_t count = 0;
  for (size_t i = 0; i < tw_pin_count; i++) {
    const tw_pin *pin = &tw_pins[i];
    if (!pin->output || tw_pin_value(pin, left) == tw_pin_value(pin, right)) continue;
    if (count < size) differing[count] = pin;
    count++;
  }
  return count;
}
