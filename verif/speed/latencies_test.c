/* The latencies of the named configurations are those that docs/performance.md states: its table is read, and each
 * number is measured at the pins of the cycle model.
 *
 * Usage: test_latencies DOCUMENT
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "harness.h"

#define VA UINT64_C(0x40000000)
#define PA UINT64_C(0x90000000)
#define CONFIGS 7u
#define ROW_BYTES 512u

/* Cycles from the acceptance of a request to its answer; 0: the configuration has no such path. */
typedef struct latencies {
  unsigned hit, l2_hit, walk, short_walk;
} latencies;

static const char *document;

static unsigned page_access(harness *h, unsigned page) {
  harness_answer answer = harness_access(h, TW_PORT_DATA, TW_LOAD, VA + (uint64_t)page * TW_PAGE_BYTES);
  assert_int_equal(answer.response.status, TW_PIN_TRANSLATED);
  assert_int_equal(answer.response.pa, PA + (uint64_t)page * TW_PAGE_BYTES);
  return (unsigned)answer.at;
}

static unsigned hit_by(const harness *h, unsigned latency, unsigned structure) {
  assert_int_equal(h->answers[TW_PORT_DATA][15].response.hit, structure);
  return latency;
}

/* Page 0 is walked for with everything empty, page 1 with its tables in the walk cache; then so many pages that the L1
 * TLB has forgotten page 0. */
static latencies latencies_measure(const tw_config *config) {
  static harness h;
  latencies found = {0, 0, 0, 0};
  unsigned pages = 2 * config->data_entries + 2;
  harness_open(&h, config);
  uint64_t root = harness_root(&h, 0);
  for (unsigned page = 0; page < pages; page++)
    harness_map(&h, root, VA + (uint64_t)page * TW_PAGE_BYTES, 0, PA + (uint64_t)page * TW_PAGE_BYTES, RWX);
  found.walk = hit_by(&h, page_access(&h, 0), TW_PIN_HIT_NONE);
  found.hit = hit_by(&h, page_access(&h, 0), TW_PIN_HIT_L1);
  if (config->walk_entries) found.short_walk = hit_by(&h, page_access(&h, 1), TW_PIN_HIT_NONE);
  for (unsigned page = 1; page < pages; page++) page_access(&h, page);
  if (config->l2.entries) found.l2_hit = hit_by(&h, page_access(&h, 0), TW_PIN_HIT_L2);
  harness_close(&h);
  return found;
}

/* A cell of a table: a number, or "-" for none. */
static const char *cell_make(char cell[16], unsigned latency) {
  if (latency == 0) return "-";
  snprintf(cell, 16, "%u", latency);
  return cell;
}

static void row_check(const char *row, const char *name) {
  tw_config config;
  tw_error error;
  char expected[ROW_BYTES], hit[16], l2_hit[16], walk[16], short_walk[16];
  if (!tw_config_load(name, &config, &error)) fail_msg("%s", error.text);
  latencies found = latencies_measure(&config);
  snprintf(expected, sizeof expected, "| `%s` | %s | %s | %s | %s | %s |\n", name, tw_mode_row(config.mode)->name,
           cell_make(hit, found.hit), cell_make(l2_hit, found.l2_hit), cell_make(walk, found.walk),
           cell_make(short_walk, found.short_walk));
  assert_string_equal(row, expected);
}

static void latencies_of_named_configurations_are_those_of_the_document(void **state) {
  (void)state;
  char row[ROW_BYTES], name[64];
  unsigned rows = 0;
  FILE *file = fopen(document, "r");
  assert_non_null(file);
  while (fgets(row, sizeof row, file)) {
    int mode = 0;
    if (sscanf(row, "| `%63[a-z0-9]` | Sv%d |", name, &mode) != 2) continue;
    row_check(row, name);
    rows++;
  }
  fclose(file);
  assert_int_equal(rows, CONFIGS);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s DOCUMENT\n", argv[0]);
    return 2;
  }
  document = argv[1];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(latencies_of_named_configurations_are_those_of_the_document),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
