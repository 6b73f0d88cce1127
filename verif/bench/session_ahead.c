/* Lockstep in batches: the model's side makes the pins of many cycles ahead, and the design is clocked through them.
 *
 *   source, player, memory, model  --- ring of batches: inputs, outputs -->  design, compared
 *   the session's thread                                                     a second thread
 *
 * At this level the design gets the inputs of the model's player, and nothing that it does flows back; so an equal run
 * is the same, whoever is ahead. What is not equal is not explained here: the run is thrown away and done again cycle
 * by cycle. So is every run where there is no second processor: batches would only cost time.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pin_table.h"
#include "session_internal.h"

#define BATCH_CYCLES 512u
#define BATCHES 16u
#define COMPARE_CYCLES 32u
#define FULL_NANOSECONDS 300000 /* between looks whether there is room again: much less than the ring lasts */

typedef struct pin_batch {
  unsigned cycles;
  tw_pins_in in[BATCH_CYCLES];
  tw_pins_out out[BATCH_CYCLES]; /* the model's */
} pin_batch;

typedef struct ahead {
  session *run;
  uint64_t cycle; /* that is made next */
  unsigned drain; /* cycles still to be made when the player is done */
  bool over;      /* nothing follows the last batch */
  bool fails;     /* the model's side came to something that has to be told */
  /* Shared by both threads, under the lock; the batches from `compared` to `made` are the design's, the others the
   * model's. */
  pthread_mutex_t lock;
  pthread_cond_t added;
  uint64_t made, compared;
  bool closed; /* no batch will follow */
  bool differs;
  pin_batch batches[BATCHES];
} ahead;

static bool has_second_processor(void) {
  cpu_set_t ours;
  return sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) > 1;
}

bool session_goes_ahead(const session *run) {
  const tw_session_options *options = run->options;
  return options->reopens && run->compare == TW_COMPARE_CYCLE && run->side_count == 2 && !options->keep_going &&
         !options->wave && !run->writer && !options->watch.before && !options->dut->failure && has_second_processor();
}

static bool outputs_equal(const tw_pins_out *left, const tw_pins_out *right, unsigned count) {
  const tw_pin *pin;
  if (memcmp(left, right, count * sizeof *left) == 0) return true;
  for (unsigned i = 0; i < count; i++) /* bytes that are no pins may differ */
    if (tw_pins_differ(&left[i], &right[i], &pin, 1) != 0) return false;
  return true;
}

static bool reset_run(session *run) {
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) {
    tw_side_reset(&run->sides[0]);
    tw_side_reset(&run->sides[1]);
    if (i > 0 && !outputs_equal(&run->sides[0].out, &run->sides[1].out, 1)) return false;
  }
  return true;
}

/* One cycle of the model's side, with the checks of session_run_cycle in their order. */
static bool cycle_make(ahead *self, tw_pins_in *in, tw_pins_out *out) {
  tw_side *model = &self->run->sides[0];
  tw_player *player = model->player;
  tw_error ignored;
  const tw_pins_in *driven = tw_player_drive(player, &ignored);
  if (!driven) return false;
  model->options.table->cycle(model->dut, driven, out);
  *in = *driven; /* late: what was just written in bytes is slow to read in words */
  if (tw_player_observe(player, out, &ignored) != TW_PLAYER_GOOD) return false;
  if ((self->cycle & 0xff) == 0 && session_is_stuck(self->run, model)) return false;
  if (tw_player_done(player)) self->drain--;
  self->cycle++;
  return true;
}

static void batch_make(ahead *self, pin_batch *batch) {
  for (batch->cycles = 0; batch->cycles < BATCH_CYCLES; batch->cycles++) {
    self->over = self->drain == 0 || session_limit(self->run, self->cycle);
    if (self->over) return;
    self->fails = !cycle_make(self, &batch->in[batch->cycles], &batch->out[batch->cycles]);
    if (self->fails) return;
  }
}

/* Some cycles at a time, and not one: what was just written in bytes is slow to read in words. */
static bool batch_equal(tw_side *design, const pin_batch *batch, tw_counters *counters) {
  void (*const cycle)(tw_dut *, const tw_pins_in *, tw_pins_out *) = design->options.table->cycle;
  tw_dut *dut = design->dut;
  tw_pins_out out[COMPARE_CYCLES] = {0};
  for (unsigned first = 0, count; first < batch->cycles; first += count) {
    count = batch->cycles - first < COMPARE_CYCLES ? batch->cycles - first : COMPARE_CYCLES;
    for (unsigned i = 0; i < count; i++) cycle(dut, &batch->in[first + i], &out[i]);
    if (!outputs_equal(&batch->out[first], out, count)) return false;
    for (unsigned i = 0; i < count; i++) session_count(counters, &out[i]);
  }
  return true;
}

/* The second thread: nobody else touches the design meanwhile. */
static void *batches_compare(void *payload) {
  ahead *self = payload;
  pthread_mutex_lock(&self->lock);
  while (!self->differs) {
    while (self->compared == self->made && !self->closed) pthread_cond_wait(&self->added, &self->lock);
    if (self->compared == self->made) break;
    const pin_batch *batch = &self->batches[self->compared % BATCHES];
    pthread_mutex_unlock(&self->lock);
    const bool equal = batch_equal(&self->run->sides[1], batch, &self->run->counters);
    pthread_mutex_lock(&self->lock);
    self->differs = !equal;
    self->compared++;
  }
  pthread_mutex_unlock(&self->lock);
  return NULL;
}

/* Sleeps while the ring is full, and is not woken: the design's thread, which the run waits for, goes on undisturbed,
 * and a scheduler has no reason to put both on one processor. */
static void room_await(ahead *self) {
  const struct timespec nap = {.tv_nsec = FULL_NANOSECONDS};
  while (self->made - self->compared == BATCHES && !self->differs) {
    pthread_mutex_unlock(&self->lock);
    nanosleep(&nap, NULL);
    pthread_mutex_lock(&self->lock);
  }
}

static void batches_make(ahead *self) {
  for (bool on = true; on;) {
    batch_make(self, &self->batches[self->made % BATCHES]);
    pthread_mutex_lock(&self->lock);
    self->made++;
    self->closed = self->over || self->fails;
    pthread_cond_signal(&self->added);
    if (!self->closed) room_await(self);
    on = !self->closed && !self->differs;
    pthread_mutex_unlock(&self->lock);
  }
}

bool session_run_ahead(session *run) {
  ahead *self = calloc(1, sizeof *self);
  pthread_t second;
  if (!self) return false;
  self->run = run;
  self->drain = SESSION_DRAIN_CYCLES;
  pthread_mutex_init(&self->lock, NULL);
  pthread_cond_init(&self->added, NULL);
  bool equal = reset_run(run) && pthread_create(&second, NULL, batches_compare, self) == 0;
  if (equal) {
    batches_make(self);
    pthread_join(second, NULL);
    equal = !self->fails && !self->differs;
  }
  pthread_cond_destroy(&self->added);
  pthread_mutex_destroy(&self->lock);
  free(self);
  return equal;
}
