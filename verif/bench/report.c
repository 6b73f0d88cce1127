/* Explains a difference: pins, access, answers, walk, reads, history, how to repeat it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "difference.h"
#include "walk_text.h"

typedef unsigned long long ull;

static const char *status_name(uint64_t status) {
  static const char *const names[] = {"TRANSLATED", "FAULT", "RETRY", "?"};
  return names[status & 3];
}

/* Events by their names of docs/pins.md, so that nobody has to count bits. */
static void events_text(uint64_t events, char *text, size_t size) {
  size_t used = (size_t)snprintf(text, size, "%s", events ? "" : "none");
  for (unsigned i = 0; i < TW_EVENT_COUNT && used < size; i++)
    if (events >> i & 1) used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", tw_event_name(i));
}

static void pin_text(const tw_pin *pin, const tw_pins_out *out, char *text, size_t size) {
  uint64_t value = tw_pin_value(pin, out);
  const char *dot = strrchr(pin->name, '_');
  if (strcmp(pin->name, "event") == 0) {
    events_text(value, text, size);
  } else if (dot && strcmp(dot, "_status") == 0) {
    snprintf(text, size, "%llu %s", (ull)value, status_name(value));
  } else if (dot && strcmp(dot, "_reason") == 0) {
    snprintf(text, size, "%llu %s", (ull)value, value ? tw_reason_name((tw_reason)value) : "none");
  } else if (dot && strcmp(dot, "_flags") == 0) {
    char flags[9];
    tw_flags_text((uint8_t)value, flags);
    snprintf(text, size, "%s", flags);
  } else if (pin->bits > 8) {
    snprintf(text, size, "0x%llx", (ull)value);
  } else {
    snprintf(text, size, "%llu", (ull)value);
  }
}

static void pins_print(FILE *stream, const tw_difference *difference) {
  if (!difference->pin_count) return;
  size_t shown = difference->pin_count < TW_DIFFERENCE_PINS ? difference->pin_count : TW_DIFFERENCE_PINS;
  fprintf(stream, "\nPins that differ in cycle %llu\n  %-20s  %-28s  %s\n", (ull)difference->cycle, "",
          difference->left_name, difference->right_name);
  for (size_t i = 0; i < shown; i++) {
    char left[512], right[512];
    pin_text(difference->pins[i], &difference->left_out, left, sizeof left);
    pin_text(difference->pins[i], &difference->right_out, right, sizeof right);
    fprintf(stream, "  %-20s  %-28s  %s\n", difference->pins[i]->name, left, right);
  }
}

static void access_print(FILE *stream, const tw_difference *difference) {
  const tw_flight *flight = &difference->flight;
  fprintf(stream, "\nThe access\n  record %llu: %s of %u bytes at 0x%llx, %s port, tag %u, accepted in cycle %llu",
          (ull)flight->number, tw_access_name(flight->access.kind), flight->access.size, (ull)flight->access.va,
          flight->port == TW_PORT_FETCH ? "fetch" : "data", flight->tag, (ull)flight->accepted);
  if (flight->attempt) fprintf(stream, ", asked %u times before", flight->attempt);
  fprintf(stream, "\n  context: ");
  tw_context_print(stream, &difference->context);
}

static void answers_print(FILE *stream, const tw_difference *difference) {
  if (!difference->answers[0].given && !difference->answers[1].given) return;
  fprintf(stream, "\nAnswers\n");
  for (unsigned i = 0; i < 2; i++) {
    const tw_difference_answer *answer = &difference->answers[i];
    if (!answer->who) continue;
    fprintf(stream, "  %-14s ", answer->who);
    if (answer->given) {
      tw_answer_print(stream, &answer->answer, difference->flight.access.kind);
    } else {
      fprintf(stream, "none in this cycle\n");
    }
  }
}

static void reads_print(FILE *stream, const tw_side *side, const char *title) {
  fprintf(stream, "\n%s\n", title);
  if (!tw_history_read_get(&side->history, 0)) fprintf(stream, "  none\n");
  for (uint64_t n = 12; n-- > 0;) {
    const tw_memory_read *read = tw_history_read_get(&side->history, n);
    if (!read) continue;
    fprintf(stream, "  cycle %-10llu 0x%010llx  ", (ull)read->cycle, (ull)read->pa);
    if (read->update) fprintf(stream, "update to 0x%0*llx, found ", read->size * 2, (ull)read->desired);
    if (read->error) {
      fprintf(stream, "bus error\n");
    } else {
      fprintf(stream, "0x%0*llx\n", read->size * 2, (ull)read->pte);
    }
  }
}

static bool store_touches(const tw_record_store *store, const tw_walk *walk) {
  for (unsigned i = 0; i < walk->step_count; i++)
    if (walk->steps[i].pa / 8 == store->pa / 8) return true;
  return false;
}

static bool fence_touches(const tw_record_fence *fence, const tw_walk_story *story) {
  if (fence->has_asid && fence->asid != story->context.satp.asid) return false;
  if (!fence->has_va) return true;
  unsigned low = TW_PAGE_BITS + story->walk.level * tw_mode_row(story->context.satp.mode)->vpn_bits;
  return (fence->va ^ story->va) >> low == 0;
}

static bool event_touches(const tw_record *record, const tw_walk_story *story) {
  if (record->kind == TW_RECORD_STORE) return store_touches(&record->store, &story->walk);
  if (record->kind == TW_RECORD_FENCE) return fence_touches(&record->fence, story);
  return true;
}

static void events_print(FILE *stream, const tw_side *side, const tw_walk_story *story) {
  fprintf(stream,
          "\nControl writes, and fences and page-table stores that touch this walk (the last %u of all are known)\n",
          TW_HISTORY_EVENTS);
  unsigned shown = 0, kept = 0;
  uint64_t first = 0;
  for (uint64_t n = 0; n < TW_HISTORY_EVENTS && kept < 16; n++) {
    const tw_history_event *event = tw_history_event_get(&side->history, n);
    if (!event || !event_touches(&event->record, story)) continue;
    first = n;
    kept++;
  }
  for (uint64_t n = kept ? first + 1 : 0; n-- > 0;) {
    const tw_history_event *event = tw_history_event_get(&side->history, n);
    if (!event_touches(&event->record, story)) continue;
    char line[256];
    tw_record_format(&event->record, line, sizeof line);
    fprintf(stream, "  cycle %-10llu record %-8llu %s\n", (ull)event->cycle, (ull)event->record.number, line);
    shown++;
  }
  if (!shown) fprintf(stream, "  none\n");
}

static void walk_section(FILE *stream, const tw_difference *difference) {
  const tw_side *side = difference->left->memory ? difference->left : difference->right;
  tw_walk_story story = {
      .context = difference->context, .access = difference->flight.access.kind, .va = difference->flight.access.va};
  const tw_request request = {.access = story.access,
                              .va = story.va,
                              .bytes = difference->flight.access.size,
                              .speculative = difference->flight.access.speculative};
  const tw_table_memory tables = tw_memory_oracle(side->memory);
  tw_walk_run(&story.context, &request, &tables, &story.walk);
  fprintf(stream, "\nThe walk by the specification, on memory as it stands\n");
  tw_walk_print(stream, &story);
  events_print(stream, side, &story);
}

static void state_print(FILE *stream, const tw_side *side) {
  char text[8192];
  tw_side_state(side, text, sizeof text);
  fprintf(stream, "\nState of %s\n", side->options.name);
  for (char *line = text, *end; *line; line = end) {
    end = line + strcspn(line, "\n");
    fprintf(stream, "  %.*s\n", (int)(end - line), line);
    if (*end) end++;
  }
  if (!side->player) return;
  tw_player_describe(side->player, text, sizeof text);
  fprintf(stream, "\nWhat %s owes and what waits\n", side->options.name);
  for (char *line = text, *end; *line; line = end) {
    end = line + strcspn(line, "\n");
    fprintf(stream, "  %.*s\n", (int)(end - line), line);
    if (*end) end++;
  }
}

void tw_difference_print(FILE *stream, const tw_difference *difference, const tw_report_footer *footer) {
  fprintf(stream, "%s\n", difference->what);
  pins_print(stream, difference);
  if (difference->has_flight) {
    access_print(stream, difference);
    answers_print(stream, difference);
    walk_section(stream, difference);
  }
  const tw_side *left = difference->left, *right = difference->right;
  bool two = left->player && right && right->player;
  char title[96];
  snprintf(title, sizeof title, "Page-table requests of late%s%s", two || !right ? ", by " : ", by both sides alike",
           two || !right ? left->options.name : "");
  reads_print(stream, left, title);
  if (two) {
    snprintf(title, sizeof title, "Page-table requests of late, by %s", right->options.name);
    reads_print(stream, right, title);
  }
  if (difference->hang || !difference->has_flight) {
    state_print(stream, left);
    if (right) state_print(stream, right);
  }
  fprintf(stream, "\nSeed %llu.", (ull)footer->seed);
  if (footer->repeat) fprintf(stream, " To repeat:\n  %s", footer->repeat);
  fprintf(stream, "\n");
}
