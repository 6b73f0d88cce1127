/* Scripts and wires.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "script.h"

#include <string.h>

static tw_source_result script_next(tw_source *source, tw_record *record, tw_error *error) {
  script *self = (script *)source;
  (void)error;
  if (self->next == self->count) return TW_SOURCE_END;
  *record = self->records[self->next++];
  return TW_SOURCE_RECORD;
}

static unsigned script_accesses(tw_source *source, tw_record *records, unsigned room) {
  script *self = (script *)source;
  unsigned count = 0;
  while (count < room && self->next < self->count && self->records[self->next].kind == TW_RECORD_ACCESS)
    records[count++] = self->records[self->next++];
  return count;
}

static void script_close(tw_source *source) {
  tw_trace_header_free(&((script *)source)->header);
}

void script_init(script *self) {
  memset(self, 0, sizeof *self);
  tw_trace_header_init(&self->header, TW_TRACE_MMU);
  self->source = (tw_source){.next = script_next, .close = script_close, .kind = TW_TRACE_MMU, .header = &self->header};
}

static tw_record *script_add(script *self, tw_record_kind kind) {
  assert_true(self->count < SCRIPT_MAX);
  tw_record *record = &self->records[self->count];
  *record = (tw_record){.kind = kind, .number = self->count};
  self->count++;
  return record;
}

tw_record *script_access(script *self, tw_access kind, uint64_t va) {
  tw_record *record = script_add(self, TW_RECORD_ACCESS);
  record->access = (tw_record_access){.va = va, .kind = kind, .size = 4};
  return record;
}

tw_record *script_control(script *self, uint64_t satp, tw_privilege privilege) {
  tw_record *record = script_add(self, TW_RECORD_CONTROL);
  record->control = (tw_record_control){.satp = satp, .privilege = privilege};
  return record;
}

tw_record *script_fence(script *self) {
  return script_add(self, TW_RECORD_FENCE);
}

tw_record *script_store(script *self, uint64_t pa, uint64_t value) {
  tw_record *record = script_add(self, TW_RECORD_STORE);
  record->store = (tw_record_store){.pa = pa, .width = 8, .second = value};
  return record;
}

void script_offer_accesses(script *self) {
  self->source.accesses = script_accesses;
}

void script_after_last(tw_record *record) {
  record->after.back[record->after.count++] = 1;
}

void wires_begin(wires *self) {
  const tw_memory_options memory = {.latency = {1, 0, 0}};
  self->config = TW_CONFIG_BASE39;
  self->memory = tw_memory_open(&memory);
  const tw_player_options options = {.source = &self->script.source, .memory = self->memory, .config = &self->config};
  self->player = tw_player_open(&options);
  assert_non_null(self->player);
}

void wires_end(wires *self) {
  tw_player_close(self->player);
  tw_memory_close(self->memory);
  self->script.source.close(&self->script.source);
}

void wires_drive(wires *self) {
  self->in = tw_player_drive(self->player, &self->error);
  assert_non_null(self->in);
  memset(&self->out, 0, sizeof self->out);
  self->out.fetch.req_ready = self->out.data.req_ready = self->out.fence_ready = 1;
}

void wires_answer(wires *self, tw_port port, uint8_t tag, uint8_t status) {
  tw_pins_response *pins = port == TW_PORT_FETCH ? &self->out.fetch : &self->out.data;
  pins->valid = 1;
  pins->tag = tag;
  pins->status = status;
  if (status != TW_PIN_FAULT) return;
  const tw_flight *flight = tw_player_flight(self->player, port, tag);
  pins->reason = TW_REASON_INVALID;
  pins->cause = flight ? (uint8_t)tw_reason_cause(TW_REASON_INVALID, flight->access.kind) : 0;
  pins->tval = flight ? flight->access.va : 0;
}

tw_player_result wires_observe(wires *self) {
  return tw_player_observe(self->player, &self->out, &self->error);
}

void wires_idle(wires *self, unsigned cycles) {
  for (unsigned i = 0; i < cycles; i++) {
    wires_drive(self);
    assert_int_equal(wires_observe(self), TW_PLAYER_GOOD);
  }
}
