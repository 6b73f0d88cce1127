/* Every pin as data: its name, where it stands in the C structs, how wide it is.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_PIN_TABLE_H
#define TWINWALK_PIN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinwalk/pins.h"

typedef struct tw_pin {
  const char *name; /* as in Verilog, without _i and _o: "fetch_rsp_pa" */
  uint16_t offset;  /* bytes, in tw_pins_in or tw_pins_out */
  uint8_t bytes;
  uint8_t bits;
  bool output; /* of the MMU */
} tw_pin;

/* All pins but the clock: the inputs first, each in the order of docs/pins.md. */
extern const tw_pin tw_pins[];
extern const size_t tw_pin_count;

/* The value of a pin in the struct of its direction. */
uint64_t tw_pin_value(const tw_pin *pin, const void *pins);

/* Finds by name; NULL if there is none. */
const tw_pin *tw_pin_find(const char *name);

/* Fills in the output pins that differ; returns how many do, at most `size` are written. */
size_t tw_pins_differ(const tw_pins_out *left, const tw_pins_out *right, const tw_pin **differing, size_t size);

/* Name of an event by its bit, as docs/pins.md has it ("FETCH_HIT"); NULL from TW_EVENT_COUNT on. */
const char *tw_event_name(unsigned bit);

#endif
