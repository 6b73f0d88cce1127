/* The fence policies, against the table that docs/address-spaces.md shows.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twinwalk/fences.h"

static const char *document;

static void policy_is_found_by_its_name_and_no_other(void **state) {
  (void)state;
  static const char *const names[] = {"linux",         "linux-6.1",       "linux-svvptc", "full",           "lazy",
                                      "missing-unmap", "missing-protect", "missing-copy", "missing-reclaim"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const tw_fence_policy *found = tw_fence_policy_find(names[i]);
    assert_non_null(found);
    assert_ptr_equal(found, tw_fence_policy_at(i));
    assert_string_equal(found->name, names[i]);
    assert_true(strlen(found->what) > 5);
    assert_int_equal(found->range_pages, 64);
  }
  assert_null(tw_fence_policy_at(sizeof names / sizeof names[0]));
  assert_null(tw_fence_policy_at(SIZE_MAX));
  assert_null(tw_fence_policy_find("none"));
  assert_null(tw_fence_policy_find(""));
  assert_null(tw_fence_policy_find("Linux"));
  assert_null(tw_fence_policy_find(NULL));
}

static void names_are_told_and_nothing_beyond_them(void **state) {
  (void)state;
  for (unsigned i = 0; i < TW_FENCED_COUNT; i++) assert_string_not_equal(tw_fence_event_name(i), "unknown");
  assert_string_equal(tw_fence_event_name(TW_FENCED_COUNT), "unknown");
  for (unsigned i = 0; i <= TW_FENCE_ALL; i++) assert_string_not_equal(tw_fence_form_name(i), "unknown");
  assert_string_equal(tw_fence_form_name(TW_FENCE_ALL + 1), "unknown");
  assert_string_equal(tw_fence_event_name(TW_FENCED_NO_ASID), "no-asid");
  assert_string_equal(tw_fence_form_name(TW_FENCE_PAGE_ASID), "va, asid");
}

static tw_fence_event event_named(const char *name) {
  for (unsigned i = 0; i < TW_FENCED_COUNT; i++) {
    if (strcmp(tw_fence_event_name(i), name) == 0) return i;
  }
  fail_msg("the document's event `%s` is none", name);
  return TW_FENCED_COUNT;
}

static tw_fence_form form_shown(const char *text) {
  static const char *const shown[] = {"none", "page", "page, asid", "range", "asid", "all"};
  for (unsigned i = 0; i <= TW_FENCE_ALL; i++) {
    if (strcmp(shown[i], text) == 0) return i;
  }
  fail_msg("the document's form `%s` is none", text);
  return TW_FENCE_NONE;
}

/* Cuts the next cell out of a row, without its blanks. */
static char *cell_next(char **row) {
  char *cell = strsep(row, "|");
  while (cell && *cell == ' ') cell++;
  for (size_t length = cell ? strlen(cell) : 0; length && (cell[length - 1] == ' ' || cell[length - 1] == '\n');)
    cell[--length] = '\0';
  return cell;
}

/* The events are the words in backquotes of a row's first cell. Returns how many they are. */
static unsigned row_check(char *row, char *const columns[], unsigned count) {
  char *cell = cell_next(&row), *events = strsep(&cell, ":"), *word;
  tw_fence_form shown[8];
  unsigned checked = 0;
  for (unsigned i = 0; i < count; i++) shown[i] = form_shown(cell_next(&row));
  strsep(&events, "`");
  for (; (word = strsep(&events, "`")); strsep(&events, "`"), checked++) {
    for (unsigned i = 0; i < count; i++) {
      const tw_fence_policy *policy = tw_fence_policy_find(columns[i]);
      assert_non_null(policy);
      if (policy->on[event_named(word)] != shown[i]) fail_msg("%s after %s is not as documented", columns[i], word);
    }
  }
  return checked;
}

static void policies_are_those_of_the_document(void **state) {
  (void)state;
  char line[1024], head[1024] = "", *columns[8];
  unsigned count = 0, events = 0;
  FILE *file = fopen(document, "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file) && (!count || *line == '|')) {
    char *row = line + 1;
    if (strncmp(line, "| event | linux ", 16) == 0) {
      char *rest = strcpy(head, line + 1);
      cell_next(&rest);
      for (char *cell; (cell = cell_next(&rest)) && *cell && count < 8;) columns[count++] = cell;
    } else if (count && strncmp(line, "| `", 3) == 0) {
      events += row_check(row, columns, count);
    }
  }
  assert_int_equal(fclose(file), 0);
  assert_int_equal(count, 4);
  assert_int_equal(events, TW_FENCED_COUNT);
}

static void policy_that_lacks_a_fence_lacks_that_one_alone(void **state) {
  (void)state;
  static const tw_fence_event missing[] = {TW_FENCED_UNMAP, TW_FENCED_PROTECT, TW_FENCED_COPY, TW_FENCED_RECLAIM};
  const tw_fence_policy *whole = tw_fence_policy_find("linux");
  for (unsigned i = 0; i < 4; i++) {
    char name[32];
    snprintf(name, sizeof name, "missing-%s", tw_fence_event_name(missing[i]));
    const tw_fence_policy *policy = tw_fence_policy_find(name);
    assert_non_null(policy);
    for (unsigned event = 0; event < TW_FENCED_COUNT; event++)
      assert_int_equal(policy->on[event], event == missing[i] ? TW_FENCE_NONE : whole->on[event]);
  }
}

static void svvptc_is_linux_but_for_new_entries_of_an_mmu_that_has_it(void **state) {
  (void)state;
  const tw_fence_policy *policy = tw_fence_policy_find("linux-svvptc"), *whole = tw_fence_policy_find("linux");
  assert_memory_equal(policy->on, whole->on, sizeof whole->on);
  for (size_t i = 0; tw_fence_policy_at(i); i++)
    assert_int_equal(tw_fence_policy_at(i)->svvptc, tw_fence_policy_at(i) == policy);
}

int main(int count, char **arguments) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(policy_is_found_by_its_name_and_no_other),
      cmocka_unit_test(names_are_told_and_nothing_beyond_them),
      cmocka_unit_test(policies_are_those_of_the_document),
      cmocka_unit_test(policy_that_lacks_a_fence_lacks_that_one_alone),
      cmocka_unit_test(svvptc_is_linux_but_for_new_entries_of_an_mmu_that_has_it),
  };
  if (count != 2) return 2;
  document = arguments[1];
  return cmocka_run_group_tests_name("fences", tests, NULL, NULL);
}
