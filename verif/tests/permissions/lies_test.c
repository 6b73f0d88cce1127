/* The permission campaign finds what it is there for: a design that lies about one combination is found at exactly this
 * combination, whatever the lie, and however the answer comes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "campaign.h"
#include "proxy.h"

#define PAGE_64K 3u /* its number in Sv39 */

/* Entries that are cached and granted in some contexts and denied in others, as leaves of linux39. */
typedef struct unit {
  unsigned page, low;
} unit;

static campaign opened;

static campaign *proxy_begin(proxy_plan *plan) {
  tw_error error = {""};
  const machine_choice choice = {.name = "proxy", .config = "linux39", .table = proxy_table(plan)};
  if (!campaign_open(&opened, &choice, &error)) fail_msg("%s", error.text);
  return &opened;
}

static uint8_t hit_of(campaign_phase phase) {
  return phase == PHASE_L1 ? TW_PIN_HIT_L1 : phase == PHASE_L2 ? TW_PIN_HIT_L2 : TW_PIN_HIT_NONE;
}

/* Runs a unit under a plan. Whether a lie was told; if so, it must have been found in the first place there is. */
static bool lie_run(campaign *c, proxy_plan *plan, const unit *u, unsigned asker) {
  plan->context = question_context_of(asker);
  plan->told = 0;
  c->failed = false;
  const bool good = campaign_unit(c, u->page, u->low);
  assert_int_equal(!good, c->failed);
  if (good && plan->told) fail_msg("a lie about context %u, entry 0x%03x, is not found", asker, u->low);
  if (!good && !plan->told) fail_msg("%s", c->report);
  if (good) return false;
  if (c->failed_asker != asker)
    fail_msg("the lie about context %u is laid on %u:\n%s", asker, c->failed_asker, c->report);
  if (question_translates(&plan->context)) assert_int_equal(hit_of(c->failed_phase), plan->hit);
  assert_non_null(strstr(c->report, "repeat       test_permissions proxy linux39"));
  return true;
}

static void the_model_itself_is_not_found_wrong(void **state) {
  static const unit all[] = {{0, 0x0cf}, {1, 0x359}, {2, 0x01f}, {PAGE_64K, 0x0df}, {1, 0x321}};
  proxy_plan plan = {.what = LIE_NONE};
  campaign *c = proxy_begin(&plan);
  (void)state;
  for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
    if (!campaign_unit(c, all[i].page, all[i].low)) fail_msg("%s", c->report);
  campaign_close(c);
}

/* The verdict, of every context, by a walk, in L1 and in L2: two entries on which every context meets each of them. */
static void a_wrong_verdict_is_found_in_every_context_and_structure(void **state) {
  static const unit all[] = {{0, 0x04f}, {PAGE_64K, 0x0df}};
  proxy_plan plan = {.what = LIE_VERDICT};
  campaign *c = proxy_begin(&plan);
  unsigned told[3] = {0};
  (void)state;
  for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
    for (plan.hit = TW_PIN_HIT_NONE; plan.hit <= TW_PIN_HIT_L2; plan.hit++)
      for (unsigned asker = 0; asker < QUESTION_CONTEXTS; asker++) told[plan.hit] += lie_run(c, &plan, &all[i], asker);
  }
  campaign_close(c);
  const unsigned fetches = QUESTION_CONTEXTS / 4 / 2; /* of M-mode, untranslated: they hit nothing */
  assert_int_equal(told[TW_PIN_HIT_NONE], 2 * QUESTION_CONTEXTS);
  assert_int_equal(told[TW_PIN_HIT_L1], 2 * (QUESTION_CONTEXTS - fetches));
  assert_true(told[TW_PIN_HIT_L2] > QUESTION_CONTEXTS);
}

/* Each part of an answer and of an update. The entries are U-mode's, one of them writable; A and D are clear. */
static void every_part_of_an_answer_and_of_an_update_is_looked_at(void **state) {
  static const unit all[] = {{1, 0x21b}, {1, 0x21f}};
  (void)state;
  for (proxy_lie what = LIE_REASON; what < LIE_COUNT; what++) {
    proxy_plan plan = {.what = what};
    unsigned told = 0;
    campaign *c = proxy_begin(&plan);
    for (unsigned asker = 0; asker < 2 * QUESTION_CONTEXTS; asker++)
      told += lie_run(c, &plan, &all[asker / QUESTION_CONTEXTS], asker % QUESTION_CONTEXTS);
    campaign_close(c);
    assert_true(told > 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_model_itself_is_not_found_wrong),
      cmocka_unit_test(a_wrong_verdict_is_found_in_every_context_and_structure),
      cmocka_unit_test(every_part_of_an_answer_and_of_an_update_is_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
