/* A device under test that is the cycle model but for one bit of its output pins, which is flipped once. The bits are
 * counted through the output pins of pin_table.h in their order, from the lowest of each; cycles from the first one out
 * of reset.
 *
 * Variant n, from 1 up to the number of bits N, flips bit n-1 in cycle n+19: every bit has a cycle of its own, and a
 * bench that looks at all pins in all cycles names both. Variant N+n flips the same bit in the first cycle from the
 * 20th on in which it is 1.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "dut_loader.h"
#include "pin_table.h"

enum { OUTPUT_BITS = 649, CYCLE_OF_FIRST = 20 };

struct tw_dut {
  tw_dut *model;
  const tw_pin *pin; /* NULL: flips nothing */
  unsigned bit;      /* of the pin */
  bool when_set;     /* it is flipped when it is 1, */
  uint64_t cycle;    /* in this cycle; with when_set not before */
  uint64_t now;
  bool flipped;
};

static const tw_dut_description *proxy_describe(void) {
  static const tw_dut_description description = {
      .name = "proxy",
      .config = "",
      .config_text = "",
      .text = "the cycle model with one bit of its outputs flipped in one cycle",
      .modes = 1u << TW_SV32 | 1u << TW_SV39 | 1u << TW_SV48 | 1u << TW_SV57,
      .xlen = 64,
      .extensions = (1u << TW_EXT_COUNT) - 1,
      .asid_bits = 16,
      .pa_bits = 56,
      .pmp_entries = TW_PMP_MAX,
      .ad = TW_DUT_SVADU,
      .cycles_predicted = true,
      .variants = 2 * OUTPUT_BITS + 1,
  };
  return &description;
}

/* Finds the pin and the bit in it that a number means; false if there are not so many. */
static bool flip_find(tw_dut *dut, unsigned bit) {
  for (size_t i = 0; i < tw_pin_count; i++) {
    if (!tw_pins[i].output) continue;
    if (bit < tw_pins[i].bits) {
      dut->pin = &tw_pins[i];
      dut->bit = bit;
      return true;
    }
    bit -= tw_pins[i].bits;
  }
  return false;
}

static void proxy_close(tw_dut *dut) {
  if (dut->model) tw_dut_model_table()->close(dut->model);
  free(dut);
}

static tw_dut *proxy_open(const tw_dut_options *options, tw_error *error) {
  tw_dut *dut = calloc(1, sizeof *dut);
  if (!dut) return NULL;
  tw_dut_options without = *options;
  without.variant = 0;
  const unsigned bit = options->variant - 1;
  dut->when_set = options->variant > OUTPUT_BITS;
  dut->cycle = CYCLE_OF_FIRST + (dut->when_set ? 0 : bit);
  if (options->variant > 0 && !flip_find(dut, dut->when_set ? bit - OUTPUT_BITS : bit)) {
    tw_error_set(error, "the proxy has no variant %u", options->variant);
  } else {
    dut->model = tw_dut_model_table()->open(&without, error);
  }
  if (dut->model) return dut;
  proxy_close(dut);
  return NULL;
}

static void proxy_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  tw_dut_model_table()->cycle(dut->model, in, out);
  if (!in->rst_n) {
    dut->now = 0;
    dut->flipped = false;
    return;
  }
  if (dut->pin && !dut->flipped && dut->now >= dut->cycle) {
    uint8_t *byte = (uint8_t *)out + dut->pin->offset + dut->bit / 8;
    const uint8_t mask = (uint8_t)(1u << dut->bit % 8);
    dut->flipped = !dut->when_set || *byte & mask;
    if (dut->flipped) *byte ^= mask;
  }
  dut->now++;
}

static const tw_dut_table *proxy_table(void) {
  static const tw_dut_table table = {
      .abi = TW_DUT_ABI,
      .describe = proxy_describe,
      .open = proxy_open,
      .close = proxy_close,
      .cycle = proxy_cycle,
  };
  return &table;
}

const tw_dut_table *tw_dut_entry(void) {
  return proxy_table();
}
