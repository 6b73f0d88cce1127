/* Runs a program trace through its address spaces; some of it is skipped if the run is sampled.
 *
 *   trace ── feed ──> space ── take ──> records ──┬─ played ────────────────────> player
 *                       ^                         └─ skipped: stores, a fence ──> player
 *                       └────────── answers ── player, or functional forwarding
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "skip.h"
#include "source_internal.h"

#define PROGRAM_MAX 32u /* records of the program that are read at once */
#define CALM 256u       /* so many accesses since the kernel did something, and it is calm */
#define RESTLESS_MAX 8u /* accesses handed out at once until then: when an older one faults, all are asked again */
#define DEFAULT_FRAME_BASE 0x80000000u /* of tw_space_options */

typedef struct program_source {
  tw_source source; /* first: a tw_source is what callers hold */
  tw_trace_reader *reader;
  tw_space *space;
  tw_trace_header described;      /* of the records that the space makes */
  tw_record program[PROGRAM_MAX]; /* read, from `next` on not yet fed */
  size_t program_next, program_count;
  uint64_t accesses, max_accesses;
  unsigned calm;        /* accesses handed out since the kernel did something, up to CALM */
  uint64_t outstanding; /* accesses handed out and not answered: a fault of one may make records */
  bool ended;
  tw_sample_state sample;
  skipper *skipper; /* NULL: the run is not sampled */
} program_source;

typedef enum take_result { TAKE_RECORD, TAKE_WAIT, TAKE_TURN, TAKE_END, TAKE_ERROR } take_result;

static bool is_past_limit(const program_source *self, const tw_record *record) {
  return record->kind == TW_RECORD_ACCESS && self->max_accesses && self->accesses == self->max_accesses;
}

/* How many accesses may be read at once: none past a limit or the end of a phase. */
static size_t program_most(const program_source *self) {
  size_t most = PROGRAM_MAX;
  if (self->max_accesses && self->max_accesses - self->accesses < most) most = self->max_accesses - self->accesses;
  if (self->skipper && self->sample.left < most) most = self->sample.left;
  return most;
}

/* Has a record at hand that is not yet fed, unless the program has ended. */
static bool program_read(program_source *self, tw_error *error) {
  if (self->program_next != self->program_count) return true;
  self->program_next = 0;
  self->program_count = tw_trace_read_accesses(self->reader, self->program, program_most(self));
  if (self->program_count) return true;
  tw_trace_result result = tw_trace_read(self->reader, self->program, error);
  self->ended = result == TW_TRACE_END || (result == TW_TRACE_RECORD && is_past_limit(self, self->program));
  self->program_count = result == TW_TRACE_RECORD;
  return result != TW_TRACE_ERROR;
}

static bool program_feed(program_source *self, tw_error *error) {
  if (!program_read(self, error)) return false;
  if (self->ended) return true;
  const tw_record *program = &self->program[self->program_next++];
  if (program->kind == TW_RECORD_ACCESS) {
    self->accesses++;
    if (self->skipper) skipper_count(&self->sample);
  }
  return tw_space_feed(self->space, program, error) || tw_source_blame(&self->source, error);
}

/* The next record as the space makes it. TURN: a phase of a sampled run is over, and all of it was answered. */
static take_result program_take(program_source *self, tw_record *record, tw_error *error) {
  for (;;) {
    if (tw_space_take(self->space, record)) return TAKE_RECORD;
    if (self->ended && !self->outstanding) return TAKE_END;
    if (self->ended || !tw_space_hungry(self->space)) return TAKE_WAIT;
    if (self->skipper && self->sample.left == 0) return self->outstanding ? TAKE_WAIT : TAKE_TURN;
    if (!program_feed(self, error)) return TAKE_ERROR;
  }
}

/* Reads accesses to where they are played from; what is not as simple as that is to be fed. */
static size_t program_pass(program_source *self, tw_record *records, size_t room) {
  const size_t most = program_most(self), free = tw_space_pass_room(self->space);
  if (most < room) room = most;
  if (free < room) room = free;
  const size_t count = room ? tw_trace_read_accesses(self->reader, records, room) : 0;
  const size_t passed = tw_space_pass_accesses(self->space, records, count);
  self->program_next = 0;
  self->program_count = count - passed;
  memcpy(self->program, records + passed, self->program_count * sizeof *records);
  self->accesses += passed;
  return passed;
}

/* Feeds what was read already, and takes what comes of it. */
static size_t program_step(program_source *self, tw_record *records, size_t room) {
  const size_t fed =
      tw_space_feed_accesses(self->space, &self->program[self->program_next], self->program_count - self->program_next);
  self->program_next += fed;
  self->accesses += fed;
  return tw_space_take_accesses(self->space, records, room);
}

/* The accesses that come next, as far as nothing else comes in between. */
static unsigned program_accesses(tw_source *source, tw_record *records, unsigned room) {
  program_source *self = (program_source *)source;
  if (self->calm < CALM && room > RESTLESS_MAX) room = RESTLESS_MAX;
  size_t count = tw_space_take_accesses(self->space, records, room), more = 1;
  while (count < room && more && !self->ended) {
    more = self->program_next == self->program_count ? program_pass(self, records + count, room - count) : 0;
    if (!more) more = program_step(self, records + count, room - count);
    count += more;
  }
  self->outstanding += count;
  if (self->calm < CALM) self->calm += (unsigned)count;
  return (unsigned)count;
}

static tw_source_result program_next(tw_source *source, tw_record *record, tw_error *error) {
  program_source *self = (program_source *)source;
  switch (program_take(self, record, error)) {
  case TAKE_RECORD:
    self->outstanding += record->kind == TW_RECORD_ACCESS;
    if (record->kind != TW_RECORD_ACCESS) self->calm = 0;
    return TW_SOURCE_RECORD;
  case TAKE_END:
    return TW_SOURCE_END;
  case TAKE_ERROR:
    return TW_SOURCE_ERROR;
  default:
    return TW_SOURCE_WAIT;
  }
}

static bool program_answer(tw_source *source, const tw_record_answer *answer, tw_error *error) {
  program_source *self = (program_source *)source;
  self->outstanding--;
  return tw_space_answer(self->space, answer, error) || tw_source_blame(source, error);
}

/* One record of a skipped part: whether something of it is played. */
static bool skipped_take(program_source *self, tw_record *record, bool *played, tw_error *error) {
  tw_record_answer answer;
  *played = false;
  if (record->kind != TW_RECORD_ACCESS) return skipper_other(self->skipper, record, played, error);
  return skipper_access(self->skipper, record, &answer, error) &&
         (tw_space_answer(self->space, &answer, error) || tw_source_blame(&self->source, error));
}

static tw_source_result sampled_next(tw_source *source, tw_record *record, tw_error *error) {
  program_source *self = (program_source *)source;
  for (bool played = false; !skipper_pending(self->skipper, record);) {
    const take_result result = program_take(self, record, error);
    if (result == TAKE_WAIT) return TW_SOURCE_WAIT;
    if (result == TAKE_END) return TW_SOURCE_END;
    if (result == TAKE_ERROR) return TW_SOURCE_ERROR;
    if (result == TAKE_TURN) {
      if (tw_sample_turn(&self->sample)) skipper_resume(self->skipper);
      continue;
    }
    if (self->sample.phase != TW_PHASE_SKIP) {
      self->outstanding += record->kind == TW_RECORD_ACCESS;
      return skipper_play(self->skipper, record, error) ? TW_SOURCE_RECORD : TW_SOURCE_ERROR;
    }
    if (!skipped_take(self, record, &played, error)) return TW_SOURCE_ERROR;
    if (played) return TW_SOURCE_RECORD;
  }
  return TW_SOURCE_RECORD;
}

static bool sampled_answer(tw_source *source, const tw_record_answer *answer, tw_error *error) {
  program_source *self = (program_source *)source;
  tw_record_answer translated = *answer;
  return skipper_answered(self->skipper, &translated, error) && program_answer(source, &translated, error);
}

static bool program_counts(const tw_source *source, tw_space_counts *counts) {
  tw_space_count(source->space, counts);
  return true;
}

static void program_progress(const tw_source *source, uint64_t *done, uint64_t *total) {
  tw_trace_progress(((const program_source *)source)->reader, done, total);
}

static void program_release(program_source *self) {
  skipper_close(self->skipper);
  tw_trace_header_free(&self->described);
  tw_space_close(self->space);
  free(self);
}

static void program_close(tw_source *source) {
  program_source *self = (program_source *)source;
  tw_trace_close(self->reader);
  program_release(self);
}

static bool header_check(const tw_trace_header *header, tw_error *error) {
  uint64_t bits;
  tw_expectations expectations = {0};
  if (!tw_trace_header_number(header, "bits", 64, &bits, error)) return false;
  if (bits != 32 && bits != 64)
    return tw_error_set(error, "header key `bits`: expected 32 or 64, found %llu", (unsigned long long)bits);
  if (!tw_expectations_read(header, &expectations, error)) return false;
  tw_expectations_free(&expectations);
  return true;
}

/* Whether the trace itself says that nothing needs to be checked. */
static bool is_plain(const tw_trace_header *header, const tw_space_options *space) {
  const char *interleaving = tw_trace_header_get(header, "interleaving");
  if (space->swap_pages || !interleaving) return false;
  for (size_t i = 0; i < header->count; i++)
    if (strncmp(header->keys[i], "expect.", 7) == 0) return false;
  return strcmp(interleaving, "none") == 0 || strcmp(interleaving, "serialised") == 0;
}

static void checks_choose(const tw_source_options *options, const tw_trace_header *header, tw_space_options *space) {
  tw_checks checks = options->checks;
  if (checks == TW_CHECKS_DEFAULT) checks = is_plain(header, space) ? TW_CHECKS_NONE : TW_CHECKS_ALL;
  space->check_content = checks == TW_CHECKS_CONTENT || checks == TW_CHECKS_ALL;
  space->check_isolation = checks == TW_CHECKS_ISOLATION || checks == TW_CHECKS_ALL;
}

/* Where there are memory regions, the machine's frames have to lie in main memory that page tables may be in. */
static bool frames_check(const tw_config *config, const tw_space_options *space, tw_error *error) {
  const uint64_t first = space->frame_base ? space->frame_base : DEFAULT_FRAME_BASE;
  const uint64_t last = first + ((space->frame_count ? space->frame_count : 1) - 1) * TW_PAGE_BYTES;
  for (unsigned i = 0; config->regions.count && i < 2; i++) {
    const tw_pma *region = tw_pma_find(&config->regions, i ? last : first, TW_PAGE_BYTES);
    if (region && !region->io && region->tables && (region->updates || !space->adue)) continue;
    return tw_error_set(error,
                        "the machine's frames: configuration %s has no main memory at 0x%llx that takes page tables%s",
                        config->name, (unsigned long long)(i ? last : first),
                        region && !region->io && region->tables ? " whose A and D hardware may set" : "");
  }
  return true;
}

static bool space_choose(const tw_source_options *options, const tw_trace_header *header, tw_space_options *space,
                         tw_error *error) {
  const tw_config *config = options->config;
  *space = (tw_space_options){.mode = config->mode,
                              .asid_bits = config->asid_bits,
                              .pa_bits = config->pa_bits,
                              .pmp_entries = config->pmp_entries,
                              .adue = (config->extensions & TW_EXT_SVADU) != 0,
                              .svnapot = (config->extensions & TW_EXT_SVNAPOT) != 0,
                              .svvptc = (config->extensions & TW_EXT_SVVPTC) != 0,
                              .seed = options->seed,
                              .swap_path = options->swap_path};
  if (!header_check(header, error) || !tw_space_options_read(space, header, error)) return false;
  if (options->has_seed) space->seed = options->seed;
  tw_error said;
  if (options->machine && !tw_space_options_read(space, options->machine, &said))
    return tw_error_set(error, "--machine: %s", said.text);
  checks_choose(options, header, space);
  return frames_check(config, space, error);
}

static bool sampling_begin(program_source *self, const tw_source_options *options, tw_error *error) {
  if (!options->sample.measure) return true;
  self->skipper = skipper_open(options->config);
  if (!self->skipper) return tw_error_set(error, "memory is out");
  tw_sample_begin(&self->sample, &options->sample);
  self->source.next = sampled_next;
  self->source.accesses = NULL;
  self->source.answer = sampled_answer;
  self->source.sample = &self->sample;
  return tw_trace_header_set(&self->described, "sample", "%llu:%llu:%llu", (unsigned long long)options->sample.skip,
                             (unsigned long long)options->sample.warm, (unsigned long long)options->sample.measure) ||
         tw_error_set(error, "memory is out");
}

static bool program_begin(program_source *self, const tw_source_options *options, tw_error *error) {
  const tw_trace_header *header = tw_trace_reader_header(self->reader);
  tw_space_options how;
  if (!space_choose(options, header, &how, error)) return false;
  self->space = tw_space_open(&how, header, error);
  if (!self->space || !tw_space_describe(self->space, &self->described, error)) return false;
  if (options->watcher) tw_space_watch(self->space, options->watcher);
  self->source = (tw_source){.next = program_next,
                             .accesses = program_accesses,
                             .answer = program_answer,
                             .close = program_close,
                             .counts = program_counts,
                             .progress = program_progress,
                             .header = &self->described,
                             .space = self->space,
                             .program = header,
                             .content_checked = how.check_content,
                             .isolation_checked = how.check_isolation};
  return sampling_begin(self, options, error);
}

tw_source *program_source_open(const tw_source_options *options, tw_trace_reader *reader, tw_error *error) {
  program_source *self = calloc(1, sizeof *self);
  if (!self) {
    tw_error_set(error, "memory is out");
    return NULL;
  }
  self->reader = reader;
  self->max_accesses = options->max_accesses;
  tw_trace_header_init(&self->described, TW_TRACE_MMU);
  if (program_begin(self, options, error)) return &self->source;
  program_release(self);
  return NULL;
}
