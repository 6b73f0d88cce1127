/* The crossing tests find what they are there for: a design that is the cycle model, except that it treats the halves
 * of an access wrongly.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crossing.h"

#define BOUNDARY 0x1c803000u

typedef enum half_lie {
  LIE_NONE,
  LIE_SIZE,    /* the final check sees one byte */
  LIE_LARGE,   /* the final check sees 64 bytes, or up to the end of the page */
  LIE_TVAL,    /* of a half that begins its page: the byte before it */
  LIE_FRAME,   /* a half that begins its page is put behind the first half's */
  LIE_DROP,    /* a half that begins its page is not answered if it faults */
  LIE_MISSING, /* D is not set for a half that begins its page */
  LIE_COUNT
} half_lie;

struct tw_dut {
  tw_dut *model;
  uint64_t va[TW_PORT_COUNT][MACHINE_TAGS];
};

/* A table of functions has no payload: what lie is told is here. */
static half_lie current;

static const tw_dut_description *liar_describe(void) {
  return tw_dut_model_table()->describe();
}

static tw_dut *liar_open(const tw_dut_options *options, tw_error *error) {
  tw_dut *dut = calloc(1, sizeof *dut);
  if (!dut) return NULL;
  dut->model = tw_dut_model_table()->open(options, error);
  if (dut->model) return dut;
  free(dut);
  return NULL;
}

static void liar_close(tw_dut *dut) {
  tw_dut_model_table()->close(dut->model);
  free(dut);
}

static void request_lie(tw_dut *dut, tw_port port, tw_pins_request *pins) {
  if (!pins->valid) return;
  const unsigned left = TW_PAGE_BYTES - (unsigned)(pins->va % TW_PAGE_BYTES);
  dut->va[port][pins->tag] = pins->va;
  if (current == LIE_SIZE) pins->size = 1;
  if (current == LIE_LARGE) pins->size = (uint8_t)(left < 64 ? left : 64);
}

static void answer_lie(const tw_dut *dut, tw_port port, tw_pins_response *pins) {
  static const tw_pins_response silence;
  if (!pins->valid || dut->va[port][pins->tag] % TW_PAGE_BYTES != 0) return;
  if (current == LIE_TVAL && pins->status == TW_PIN_FAULT) pins->tval--;
  if (current == LIE_FRAME && pins->status == TW_PIN_TRANSLATED) pins->pa = 0x91235000;
  if (current != LIE_DROP || pins->status != TW_PIN_FAULT) return;
  const uint8_t ready = pins->req_ready;
  *pins = silence;
  pins->req_ready = ready;
}

static void liar_cycle(tw_dut *dut, const tw_pins_in *in, tw_pins_out *out) {
  tw_pins_in told = *in;
  request_lie(dut, TW_PORT_FETCH, &told.fetch);
  request_lie(dut, TW_PORT_DATA, &told.data);
  tw_dut_model_table()->cycle(dut->model, &told, out);
  answer_lie(dut, TW_PORT_FETCH, &out->fetch);
  answer_lie(dut, TW_PORT_DATA, &out->data);
  const bool first = out->mem.req_addr % TW_PAGE_BYTES == 3 * 8; /* entry 3 is the second page's */
  if (current == LIE_MISSING && out->mem.req_kind == TW_PIN_MEM_CAS && first)
    out->mem.req_desired = out->mem.req_expected;
}

static const tw_dut_table liar = {
    .abi = TW_DUT_ABI, .describe = liar_describe, .open = liar_open, .close = liar_close, .cycle = liar_cycle};

/* What the tests of the halves ask, in small. */
static const crossing_scene scenes[] = {
    {.boundary = BOUNDARY, .pages = {{.kind = PAGE_GOOD}, {.kind = PAGE_GOOD}}},
    {.boundary = BOUNDARY, .pages = {{.kind = PAGE_GOOD}, {.kind = PAGE_INVALID}}},
    {.boundary = BOUNDARY, .pages = {{.kind = PAGE_GOOD}, {.kind = PAGE_GOOD}}, .front = 12, .back = 8},
    {.boundary = BOUNDARY, .pages = {{.kind = PAGE_CLEAN}, {.kind = PAGE_CLEAN}}, .adue = true},
};

static void a_half_that_is_treated_wrongly_is_found(void **state) {
  static crossing c;
  (void)state;
  for (current = LIE_NONE; current < LIE_COUNT; current++) {
    const machine_choice choice = {.name = "liar", .config = "linux39", .table = &liar};
    tw_error error = {""};
    if (!crossing_open(&c, &choice, &error)) fail_msg("%s", error.text);
    for (unsigned i = 0; i < sizeof scenes / sizeof scenes[0] && !c.error[0]; i++) {
      crossing_set(&c, &scenes[i]);
      crossing_put_all(&c, false);
    }
    crossing_close(&c);
    if (current == LIE_NONE && c.error[0]) fail_msg("%s", c.error);
    if (current != LIE_NONE && !c.error[0]) fail_msg("lie %u is not found", current);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_half_that_is_treated_wrongly_is_found)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
