/* Asks, in every state of the TLBs that a context can leave, and compares.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "predict.h"

#define HIT_OF(phase) ((phase) == PHASE_L1 ? TW_PIN_HIT_L1 : (phase) == PHASE_L2 ? TW_PIN_HIT_L2 : TW_PIN_HIT_NONE)

const char *campaign_phase_name(campaign_phase phase) {
  static const char *const names[PHASE_COUNT] = {"cold, by a walk", "cached in the port's TLB",
                                                 "cached in the L2 TLB, filled through the other port",
                                                 "cached elsewhere, so by a walk"};
  return names[phase];
}

bool campaign_open(campaign *c, const machine_choice *choice, tw_error *error) {
  memset(c, 0, sizeof *c);
  if (!machine_open(&c->m, choice, error)) return false;
  const tw_config *config = &c->m.config;
  c->pmp = (tw_pmp){.count = config->pmp_entries, .grain = config->pmp_grain, .xlen = c->m.row->xlen};
  c->pmp.smepmp = (config->extensions & TW_EXT_SMEPMP) != 0;
  tw_pmp_reset(&c->pmp);
  if (c->pmp.count) {
    tw_pmp_write_addr(&c->pmp, c->pmp.count - 1, UINT64_MAX);
    tw_pmp_write_cfg(&c->pmp, c->pmp.count - 1, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  }
  c->behind = (tw_machine){.pa_bits = config->pa_bits, .pmp = &c->pmp, .regions = &config->regions};
  return true;
}

void campaign_close(campaign *c) {
  machine_close(&c->m);
}

/* One question: a context in a phase, what it must get, and what it got. */
typedef struct question {
  unsigned number; /* of the context */
  campaign_phase phase;
  prediction must;
  tw_pins_response got;
} question;

static void report_add(char *report, const char *label, const char *text) {
  const size_t used = strlen(report);
  snprintf(report + used, CAMPAIGN_REPORT_BYTES - used, "  %-12s %s\n", label, text);
}

static void report_memory(const campaign *c, char *report) {
  char text[QUESTION_TEXT_BYTES];
  snprintf(text, sizeof text, "%u reads, %u updates", c->m.reads, c->m.updates);
  report_add(report, "requests", text);
  for (unsigned level = 0; level < c->m.row->levels; level++) {
    const uint64_t holds = machine_read(&c->m, c->world.address[level]);
    if (holds == c->entry[level]) continue;
    snprintf(text, sizeof text, "level %u holds 0x%" PRIx64 ", not 0x%" PRIx64, level, holds, c->entry[level]);
    report_add(report, "memory", text);
  }
}

/* Writes the report; false. */
static bool complain(campaign *c, const question *q, const char *what) {
  char text[QUESTION_TEXT_BYTES];
  const question_context asker = question_context_of(q->number), filler = question_context_of(c->filler);
  c->failed = true;
  c->failed_phase = q->phase;
  c->failed_asker = q->number;
  c->failed_filler = c->filler;
  snprintf(c->report, sizeof c->report, "%s %s: %s\n", c->m.subject, c->m.config.name, what);
  question_world_text(&c->world, text);
  report_add(c->report, "entry", text);
  snprintf(text, sizeof text, "0x%" PRIx64 " (%u bytes)", c->world.va, QUESTION_SIZE);
  report_add(c->report, "address", text);
  if (c->filler != CAMPAIGN_NONE) {
    question_context_text(&filler, text);
    report_add(c->report, "filled by", text);
  }
  question_context_text(&asker, text);
  report_add(c->report, "asked", text);
  report_add(c->report, "state", campaign_phase_name(q->phase));
  question_response_text(&q->must.response, text);
  report_add(c->report, "rules", text);
  question_response_text(&q->must.oracle, text);
  report_add(c->report, "oracle", text);
  question_response_text(&q->got, text);
  report_add(c->report, "design", text);
  report_memory(c, c->report);
  snprintf(text, sizeof text, "test_permissions %s %s %u 0x%03x", c->m.subject, c->m.config.name, c->world.page,
           c->world.low);
  report_add(c->report, "repeat", text);
  return false;
}

/* What must come; false if the truth and the oracle differ about it. */
static bool question_prepare(campaign *c, question *q) {
  const question_context context = question_context_of(q->number);
  predict(c, &context, &q->must);
  q->got = (tw_pins_response){0};
  if (!predict_agrees(c, &q->must)) return complain(c, q, "the rules and the oracle differ");
  q->must.response.hit = q->must.translated ? HIT_OF(q->phase) : TW_PIN_HIT_NONE;
  return true;
}

/* The answer alone. `got` has a tag and its port's ready, which are no part of it. */
static bool answer_judge(campaign *c, const question *q) {
  tw_pins_response must = q->must.response;
  must.tag = q->got.tag;
  must.req_ready = q->got.req_ready;
  if (memcmp(&must, &q->got, sizeof must) != 0) return complain(c, q, "the answer differs");
  c->counts.asked[q->phase]++;
  c->counts.granted[q->phase] += must.status == TW_PIN_TRANSLATED;
  c->counts.untranslated += !q->must.translated;
  return true;
}

/* Page-table requests since they were last set to 0, and what memory holds. */
static bool memory_judge(campaign *c, const question *q, bool walks) {
  const unsigned updates = walks && q->must.t.update;
  if (updates) c->entry[q->must.t.level] = q->must.t.entry;
  c->counts.updates += updates;
  if (c->m.stray) return complain(c, q, "a page-table request for an address where no entry is");
  if (walks ? c->m.reads == 0 : c->m.reads != 0) return complain(c, q, "wrong number of page-table reads");
  if (c->m.updates != updates) return complain(c, q, "wrong number of updates of A and D");
  for (unsigned level = 0; level < c->m.row->levels; level++)
    if (machine_read(&c->m, c->world.address[level]) != c->entry[level]) return complain(c, q, "memory differs");
  return true;
}

/* One question alone. */
static bool question_put(campaign *c, question *q, bool in_force) {
  const question_context context = question_context_of(q->number);
  machine_ask ask = question_ask(&c->world, &context);
  ask.in_force = in_force;
  c->m.reads = c->m.updates = 0;
  c->tag = (uint8_t)((c->tag + 1) % MACHINE_TAGS);
  if (!machine_ask_one(&c->m, &ask, c->tag, &q->got)) return complain(c, q, "no answer, or not this one alone");
  const bool walks = q->must.translated && HIT_OF(q->phase) == TW_PIN_HIT_NONE;
  return answer_judge(c, q) && memory_judge(c, q, walks);
}

static bool context_ask(campaign *c, unsigned number, campaign_phase phase, bool in_force) {
  question q = {.number = number, .phase = phase};
  return question_prepare(c, &q) && question_put(c, &q, in_force);
}

/* Forgets what is cached and puts the entry back, if need be; asks as the first one. *filled: a page was translated. */
static bool cold_ask(campaign *c, unsigned number, bool *filled) {
  question q = {.number = number, .phase = PHASE_COLD};
  const question_context context = question_context_of(number);
  const bool fences = c->cached;
  c->filler = CAMPAIGN_NONE;
  if (c->cached) {
    memcpy(c->entry, c->world.entry, sizeof c->entry);
    question_world_write(&c->world, &c->m);
    c->m.in.control = question_ask(&c->world, &context).control;
    if (!machine_fence(&c->m)) return complain(c, &q, "a fence is not done");
    c->cached = false;
  }
  if (!question_prepare(c, &q) || !question_put(c, &q, fences)) return false;
  *filled = q.must.translated && q.must.t.reason == TW_OK;
  c->cached = *filled;
  return true;
}

/* What a context meets when `filler` has filled. */
typedef struct warm {
  question stream[QUESTION_CONTEXTS]; /* asked one a cycle: they change nothing */
  unsigned stream_count;
  unsigned alone[QUESTION_CONTEXTS]; /* asked one after the other: they change nothing */
  unsigned alone_count;
  unsigned again[QUESTION_CONTEXTS]; /* they fill or update: each is asked in a state made anew */
  campaign_phase again_phase[QUESTION_CONTEXTS];
  unsigned again_count;
  campaign_phase other; /* of the port that did not fill */
} warm;

static campaign_phase other_phase(const campaign *c, const truth *filled) {
  const tw_l2_config *l2 = &c->m.config.l2;
  const bool larger = filled->level > 0 || c->world.napot;
  return l2->entries > 0 && (!larger || l2->super_entries > 0) ? PHASE_L2 : PHASE_WALK;
}

/* Puts a context where it belongs. */
static bool warm_sort(campaign *c, warm *w, unsigned number) {
  const bool same = ((number & 3) == TW_FETCH) == ((c->filler & 3) == TW_FETCH);
  question *q = &w->stream[w->stream_count];
  *q = (question){.number = number, .phase = same ? PHASE_L1 : w->other};
  if (!question_prepare(c, q)) return false;
  if (!q->must.translated || (same && !q->must.t.update)) {
    if (!q->must.translated) q->phase = PHASE_L1;
    w->stream_count++;
  } else if (!same && q->must.t.reason != TW_OK) {
    w->alone[w->alone_count++] = number;
  } else {
    w->again_phase[w->again_count] = q->must.t.update ? PHASE_WALK : w->other;
    w->again[w->again_count++] = number;
  }
  return true;
}

static bool stream_ask(campaign *c, warm *w) {
  machine_ask asks[QUESTION_CONTEXTS];
  tw_pins_response responses[QUESTION_CONTEXTS];
  for (unsigned i = 0; i < w->stream_count; i++) {
    const question_context context = question_context_of(w->stream[i].number);
    asks[i] = question_ask(&c->world, &context);
  }
  c->m.reads = c->m.updates = 0;
  const unsigned answered = machine_ask_many(&c->m, asks, w->stream_count, responses);
  for (unsigned i = 0; i < answered; i++) {
    w->stream[i].got = responses[i];
    if (!answer_judge(c, &w->stream[i])) return false;
  }
  if (answered < w->stream_count) return complain(c, &w->stream[answered], "it is not answered as a hit");
  return memory_judge(c, &w->stream[answered - 1], false);
}

/* Every context against what `filler` has just filled. */
static bool warm_ask(campaign *c, unsigned filler, const truth *filled) {
  warm w;
  bool ignored;
  w.stream_count = w.alone_count = w.again_count = 0;
  w.other = other_phase(c, filled);
  c->filler = filler;
  for (unsigned number = 0; number < QUESTION_CONTEXTS; number++)
    if (!warm_sort(c, &w, number)) return false;
  if (!stream_ask(c, &w)) return false;
  for (unsigned i = 0; i < w.alone_count; i++)
    if (!context_ask(c, w.alone[i], w.other, false)) return false;
  for (unsigned i = 0; i < w.again_count; i++) {
    if (!cold_ask(c, filler, &ignored)) return false;
    c->filler = filler;
    if (!context_ask(c, w.again[i], w.again_phase[i], false)) return false;
    if (!context_ask(c, w.again[i], PHASE_L1, false)) return false; /* it has filled its own port's */
  }
  return true;
}

bool campaign_unit(campaign *c, unsigned page, unsigned low) {
  const uint64_t began = c->m.now;
  question_world_make(&c->world, &c->m.config, page, low);
  memcpy(c->entry, c->world.entry, sizeof c->entry);
  machine_reset(&c->m);
  question_world_write(&c->world, &c->m);
  c->cached = false;
  c->tag = 0;
  for (unsigned number = 0; number < QUESTION_CONTEXTS; number++) {
    bool filled;
    if (!cold_ask(c, number, &filled)) return false;
    if (!filled) continue;
    const question_context context = question_context_of(number);
    prediction p;
    predict(c, &context, &p);
    if (!warm_ask(c, number, &p.t)) return false;
  }
  c->counts.units++;
  c->counts.cycles += c->m.now - began;
  return true;
}

bool campaign_run(campaign *c) {
  const unsigned pages = question_pages(&c->m.config);
  for (unsigned page = 0; page < pages; page++)
    for (unsigned low = 0; low < QUESTION_LOWS; low++)
      if (!campaign_unit(c, page, low)) return false;
  return true;
}
