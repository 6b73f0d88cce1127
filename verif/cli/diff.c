/* `twinwalk diff`: what two golden traces disagree about, for a person or as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "cli.h"
#include "golden_compare.h"

#define LINE_BYTES 8192u

typedef struct diff {
  const char *paths[2];
  unsigned count; /* of paths */
  bool all, json;
  bool begun; /* the JSON list has an item */
  uint64_t told;
} diff;

static const char *const CLASSES[GOLDEN_CLASS_COUNT] = {
    [GOLDEN_OUTCOME] = "outcome", [GOLDEN_HIT] = "hit",   [GOLDEN_CYCLES] = "cycles",    [GOLDEN_ONLY] = "only",
    [GOLDEN_MISSING] = "missing", [GOLDEN_STEP] = "step", [GOLDEN_STIMULUS] = "stimulus"};

static const struct argp_option OPTIONS[] = {{"all", 'a', NULL, 0, "tell every difference, not only the first", 0},
                                             {"json", 'j', NULL, 0, "tell it as one JSON object", 0},
                                             {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
  diff *at = state->input;
  switch (key) {
  case 'a':
    at->all = true;
    return 0;
  case 'j':
    at->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (at->count == 2) argp_error(state, "two traces at a time");
    at->paths[at->count++] = argument;
    return 0;
  case ARGP_KEY_END:
    if (at->count < 2) argp_error(state, "which two traces?");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* Bytes that are no UTF-8 (in a header) are taken for Latin-1. */
static void print_json_string(const char *text) {
  json_t *string = json_string(text);
  if (string) {
    json_dumpf(string, stdout, JSON_ENCODE_ANY);
    json_decref(string);
    return;
  }
  putchar('"');
  for (; *text; text++) {
    const unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\' || byte < 0x20 || byte >= 0x7f)
      printf("\\u%04x", byte);
    else
      putchar(byte);
  }
  putchar('"');
}

/* "translated to 0x..." and its like. */
static void describe_outcome(const tw_record_answer *answer, char *text, size_t size) {
  if (answer->status == 0)
    snprintf(text, size, "translated to 0x%" PRIx64 " by an entry of level %u, flags 0x%02x", answer->pa, answer->level,
             answer->flags);
  else if (answer->status == 1)
    snprintf(text, size, "fault: %s", tw_reason_name((tw_reason)answer->reason));
  else
    snprintf(text, size, "retry");
}

static void explain_answers(const tw_record_answer *a, const tw_record_answer *b, golden_class kind, char *text,
                            size_t size) {
  char first[128], second[128];
  switch (kind) {
  case GOLDEN_OUTCOME:
    describe_outcome(a, first, sizeof first);
    describe_outcome(b, second, sizeof second);
    snprintf(text, size, "%s; against %s", first, second);
    return;
  case GOLDEN_HIT:
    snprintf(text, size, "same outcome; answered %s against %s", a->hit ? "from the TLB" : "by a walk",
             b->hit ? "from the TLB" : "by a walk");
    return;
  case GOLDEN_CYCLES:
    if (a->answered - a->accepted == b->answered - b->accepted)
      snprintf(text, size, "same outcome and latency; asked in cycle %" PRIu64 " against %" PRIu64, a->accepted,
               b->accepted);
    else
      snprintf(text, size, "same outcome; after %" PRIu64 " cycles against %" PRIu64, a->answered - a->accepted,
               b->answered - b->accepted);
    return;
  default:
    snprintf(text, size, "same answer; %s against %s", a->only ? "the only legal one" : "one of several legal ones",
             b->only ? "the only legal one" : "one of several legal ones");
  }
}

/* A sentence about a difference. */
static void explain(const golden_difference *difference, char *text, size_t size) {
  const tw_record *const *sides = difference->sides;
  switch (difference->kind) {
  case GOLDEN_MISSING:
    snprintf(text, size, "only the %s trace has this answer", sides[0] ? "first" : "second");
    return;
  case GOLDEN_STEP:
    if (!sides[0] || !sides[1])
      snprintf(text, size, "only the %s trace goes on with this page-table read", sides[0] ? "first" : "second");
    else if (sides[0]->step.pa == sides[1]->step.pa && sides[0]->step.pte == sides[1]->step.pte &&
             sides[0]->step.error == sides[1]->step.error)
      snprintf(text, size, "the same page-table read, in cycle %" PRIu64 " against %" PRIu64, sides[0]->step.cycle,
               sides[1]->step.cycle);
    else
      snprintf(text, size, "another page-table read; those after it are not compared");
    return;
  case GOLDEN_STIMULUS:
    snprintf(text, size, "the traces ask for different things from here on; nothing after it is compared");
    return;
  default:
    explain_answers(&sides[0]->answer, &sides[1]->answer, difference->kind, text, size);
  }
}

static void format_or_none(const tw_record *record, char *text, size_t size) {
  if (record)
    tw_record_format(record, text, size);
  else
    snprintf(text, size, "(nothing)");
}

static void print_text(const diff *at, const golden_difference *difference, const char *explanation) {
  char line[LINE_BYTES];
  if (difference->kind == GOLDEN_STEP)
    printf("page-table read %" PRIu64, difference->number);
  else if (difference->kind == GOLDEN_STIMULUS)
    printf("record %" PRIu64, difference->number);
  else
    printf("access %" PRIu64, difference->number);
  if (difference->attempt) printf(", attempt %" PRIu32, difference->attempt);
  if (difference->access) {
    tw_record_format(difference->access, line, sizeof line);
    printf(": %s", line);
  }
  printf("\n  %s\n", explanation);
  for (unsigned i = 0; i < 2; i++) {
    format_or_none(difference->sides[i], line, sizeof line);
    printf("  %s: %s\n", at->paths[i], line);
  }
}

static void print_json_record(const char *key, const tw_record *record) {
  char line[LINE_BYTES];
  printf(",\"%s\":", key);
  if (!record) {
    printf("null");
    return;
  }
  tw_record_format(record, line, sizeof line);
  print_json_string(line);
}

static void print_json(diff *at, const golden_difference *difference, const char *explanation) {
  printf("%s{\"class\":\"%s\",\"number\":%" PRIu64 ",\"attempt\":%" PRIu32, at->begun ? ",\n" : "\n",
         CLASSES[difference->kind], difference->number, difference->attempt);
  print_json_record("access", difference->access);
  print_json_record("first", difference->sides[0]);
  print_json_record("second", difference->sides[1]);
  printf(",\"explanation\":");
  print_json_string(explanation);
  printf("}");
  at->begun = true;
}

static void report(void *payload, const golden_difference *difference) {
  diff *at = payload;
  char explanation[400];
  if (at->told++ > 0 && !at->all) return;
  explain(difference, explanation, sizeof explanation);
  if (at->json)
    print_json(at, difference, explanation);
  else
    print_text(at, difference, explanation);
}

static void print_header_note(diff *at, const char *key, const char *first, const char *second) {
  if (!at->json) {
    printf("header: %s: %s against %s\n", key, first ? first : "(none)", second ? second : "(none)");
    return;
  }
  printf("%s{\"key\":", at->begun ? ",\n" : "\n");
  print_json_string(key);
  printf(",\"first\":");
  if (first)
    print_json_string(first);
  else
    printf("null");
  printf(",\"second\":");
  if (second)
    print_json_string(second);
  else
    printf("null");
  printf("}");
  at->begun = true;
}

/* Headers may differ: that is told, and no difference in itself. */
static void compare_headers(diff *at, const tw_trace_header *first, const tw_trace_header *second) {
  for (size_t i = 0; i < first->count; i++) {
    const char *other = tw_trace_header_get(second, first->keys[i]);
    if (!other || strcmp(other, first->values[i]) != 0) print_header_note(at, first->keys[i], first->values[i], other);
  }
  for (size_t i = 0; i < second->count; i++)
    if (!tw_trace_header_get(first, second->keys[i])) print_header_note(at, second->keys[i], NULL, second->values[i]);
}

static void print_summary(const diff *at, const golden_counts *counts) {
  if (at->json) {
    printf("],\n\"compared\":{\"stimulus\":%" PRIu64 ",\"answers\":%" PRIu64 ",\"steps\":%" PRIu64 "},\n\"counts\":{",
           counts->stimulus, counts->answers, counts->steps);
    for (golden_class i = 0; i < GOLDEN_CLASS_COUNT; i++)
      printf("%s\"%s\":%" PRIu64, i ? "," : "", CLASSES[i], counts->differences[i]);
    printf("},\n\"equal\":%s}\n", counts->total ? "false" : "true");
    return;
  }
  printf("%s: %" PRIu64 " records asked, %" PRIu64 " answers and %" PRIu64 " page-table reads compared",
         counts->total ? "different" : "equal", counts->stimulus, counts->answers, counts->steps);
  for (golden_class i = 0; i < GOLDEN_CLASS_COUNT; i++)
    if (counts->differences[i]) printf("; %s: %" PRIu64, CLASSES[i], counts->differences[i]);
  printf("\n");
}

static tw_trace_reader *open_golden(const char *path, tw_error *error) {
  tw_trace_reader *reader = tw_trace_open(path, error);
  if (reader && tw_trace_reader_header(reader)->kind != TW_TRACE_GOLDEN) {
    tw_error_set(error, "%s: expected a golden trace, found a trace without answers", path);
    tw_trace_close(reader);
    return NULL;
  }
  return reader;
}

static int diff_opened(diff *at, tw_trace_reader *first, tw_trace_reader *second) {
  tw_error error;
  golden_counts counts;
  if (at->json) printf("{\"header\":[");
  compare_headers(at, tw_trace_reader_header(first), tw_trace_reader_header(second));
  if (at->json) printf("],\n\"differences\":[");
  at->begun = false;
  if (!golden_compare(first, second, report, at, &counts, &error)) {
    if (at->json) {
      printf("],\n\"error\":");
      print_json_string(error.text);
      printf("}\n");
    }
    return cli_fail(&error);
  }
  print_summary(at, &counts);
  return counts.total ? CLI_DIFFERENT : CLI_OK;
}

int cli_diff(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "FIRST SECOND",
      "Compares two golden traces: every answer, by access and attempt, and every page-table read. One "
      "of them may be - for standard input.\v"
      "Exit status: 0 equal, 1 different, 2 a trace cannot be read, or nothing was compared.",
      NULL,
      NULL,
      NULL};
  diff at = {0};
  tw_error error;
  int status = CLI_FAILED;
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &at) != 0) return CLI_FAILED;
  tw_trace_reader *first = open_golden(at.paths[0], &error);
  tw_trace_reader *second = first ? open_golden(at.paths[1], &error) : NULL;
  if (second)
    status = diff_opened(&at, first, second);
  else
    cli_fail(&error);
  tw_trace_close(first);
  tw_trace_close(second);
  return status;
}
