/* The table of pins, and the search for those that differ.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "pin_table.h"

#include <string.h>

#include "pin_list.h"

#define IN(name, field, bits) {#name, offsetof(tw_pins_in, field), sizeof((tw_pins_in *)0)->field, bits, false},
#define OUT(name, field, bits) {#name, offsetof(tw_pins_out, field), sizeof((tw_pins_out *)0)->field, bits, true},

const tw_pin tw_pins[] = {IN(rst_n, rst_n, 1) TW_PINS_IN(IN) TW_PINS_OUT(OUT)};
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

const char *tw_event_name(unsigned bit) {
  static const char *const names[] = {"FETCH_HIT",  "FETCH_MISS",  "FETCH_EVICT", "FETCH_RETRY",    "DATA_HIT",
                                      "DATA_MISS",  "DATA_EVICT",  "DATA_RETRY",  "WALK_BEGIN",     "WALK_STEP",
                                      "WALK_GRANT", "WALK_FAULT",  "WALK_KILL",   "FENCE",          "L2_HIT",
                                      "L2_MISS",    "L2_EVICT",    "L2_STALL",    "WALK_CACHE_HIT", "WALK_CACHE_EVICT",
                                      "WALK_MERGE", "UPDATE",      "UPDATE_LOST", "TABLE_DENIED",   "WALKER_STALL",
                                      "MEM_STALL",  "FETCH_STALL", "DATA_STALL",  "FENCE_STALL"};
  _Static_assert(sizeof names / sizeof names[0] == TW_EVENT_COUNT, "every event has a name");
  return bit < TW_EVENT_COUNT ? names[bit] : NULL;
}
