/* The player's inputs: takes records, lets them wait for what they come after, presents them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "player_internal.h"

#define TAGS_BUSY ((1u << TW_TAGS) - 1u)

PLAYER_SELDOM void player_crowded_remove(live_set *live, uint64_t number) {
  for (unsigned i = 0; i < live->crowded_count; i++) {
    if (live->crowded[i] != number) continue;
    live->crowded[i] = live->crowded[--live->crowded_count];
    return;
  }
}

static PLAYER_SELDOM bool all_complete_before(const live_set *live, uint64_t number) {
  for (unsigned i = 0; i < LIVE_SLOTS; i++)
    if (live->slots[i] < number) return false; /* LIVE_NONE is above every number */
  for (unsigned i = 0; i < live->crowded_count; i++)
    if (live->crowded[i] < number) return false;
  return true;
}

/* T1: which earlier records must be complete. */
static inline bool after_complete(const live_set *live, const tw_record *record) {
  for (unsigned i = 0; i < record->after.count; i++)
    if (live_has(live, record->number - record->after.back[i])) return false;
  return !record->after.all || all_complete_before(live, record->number);
}

/* T4; everything in `after` is complete. */
static PLAYER_SELDOM bool delay_passed(tw_player *player, place *waiting) {
  if (!waiting->eligible) {
    waiting->eligible = true;
    waiting->due = player->cycle + waiting->record->delay;
  }
  if (player->cycle >= waiting->due) return true;
  player->progress = player->cycle; /* a delay is no hang */
  return false;
}

/* Whether a record may be presented in this cycle. What is complete stays complete: asking again does no harm. */
static inline bool is_due(tw_player *player, place *waiting) {
  if (!after_complete(&player->live, waiting->record)) return false;
  return waiting->record->delay == 0 || delay_passed(player, waiting);
}

static inline void place_fill(tw_player *player, place *at, const tw_record *record) {
  at->record = record;
  at->eligible = false;
  live_add(&player->live, record->number);
}

/* Puts a record that is no access into its place; false if that is taken, or its like would overflow. */
static PLAYER_SELDOM bool other_place(tw_player *player, const tw_record *record) {
  place *into = &player->store;
  if (record->kind == TW_RECORD_CONTROL) into = &player->control;
  if (record->kind == TW_RECORD_PMP) into = &player->pmp_write;
  if (record->kind == TW_RECORD_FENCE) {
    into = &player->fence;
    if (player->fences_count >= LIVE_MAX / 4) return false;
  }
  if (into->record) return false;
  place_fill(player, into, record);
  into->presented = false;
  player->others++;
  return true;
}

static inline bool record_place(tw_player *player, const tw_record *record) {
  if (record->kind != TW_RECORD_ACCESS) return other_place(player, record);
  place *into = &player->ports[record->access.kind == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA].place;
  if (into->record) return false;
  place_fill(player, into, record);
  return true;
}

static void place_keep(place *at) {
  if (!at->record || at->record == &at->kept) return;
  at->kept = *at->record;
  at->record = &at->kept;
}

static bool memory_take(tw_player *player, const tw_record *record, bool *taken, tw_error *error) {
  tw_memory *memory = player->options.memory;
  *taken = player->memory_busy = true; /* an injected stall changes its pins */
  bool done = true;
  if (record->kind == TW_RECORD_IMAGE) {
    done = tw_memory_write(memory, record->image.pa, 8, record->image.value);
  } else if (record->kind == TW_RECORD_INJECT) {
    done = tw_memory_inject(memory, &record->inject);
  } else {
    *taken = false;
  }
  return done || tw_error_set(error, "memory is out");
}

/* Takes records from the source: many accesses at once if it offers that, for calls cost more than decoding. */
static PLAYER_SELDOM bool ahead_fill(tw_player *player, tw_error *error) {
  tw_source *source = player->options.source;
  const tw_observer *observer = &player->options.observer;
  place *const places[] = {&player->ports[TW_PORT_FETCH].place,
                           &player->ports[TW_PORT_DATA].place,
                           &player->control,
                           &player->pmp_write,
                           &player->fence,
                           &player->store};
  for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) place_keep(places[i]);
  player->ahead_next = player->ahead_end = player->ahead;
  player->told = NULL;
  if (source->accesses) player->ahead_end += source->accesses(source, player->ahead, AHEAD_MAX);
  if (player->ahead_end != player->ahead_next) return true;
  tw_source_result result = source->next(source, player->ahead, error);
  if (result == TW_SOURCE_ERROR) return false;
  player->ended = result == TW_SOURCE_END;
  player->waiting = result == TW_SOURCE_WAIT;
  if (result != TW_SOURCE_RECORD) return true;
  if (observer->taken) observer->taken(observer->payload, player->ahead);
  player->told = player->ahead;
  bool taken;
  if (!memory_take(player, player->ahead, &taken, error)) return false;
  if (!taken) player->ahead_end++;
  return true;
}

/* Whoever wants to be told of each record is told when it is its turn, also where it has to wait for its place. */
static PLAYER_SELDOM void taken_tell(tw_player *player) {
  const tw_observer *observer = &player->options.observer;
  if (player->told == player->ahead_next) return;
  player->told = player->ahead_next;
  observer->taken(observer->payload, player->told);
}

/* Takes records until one finds its place taken. */
static inline bool records_take(tw_player *player, tw_error *error) {
  for (;;) {
    while (player->ahead_next != player->ahead_end) {
      if (player->options.observer.taken) taken_tell(player);
      if (!record_place(player, player->ahead_next)) return true;
      player->ahead_next++;
    }
    if (player->ended || player->waiting) return true;
    if (!ahead_fill(player, error)) return false;
  }
}

static inline uint8_t tag_next(port *at) {
  while ((unsigned)at->busy >> at->next_tag & 1u) at->next_tag = (at->next_tag + 1u) % TW_TAGS;
  uint8_t tag = at->next_tag;
  at->next_tag = (at->next_tag + 1u) % TW_TAGS;
  return tag;
}

static inline void request_present(tw_pins_request *pins, uint8_t tag, const tw_record_access *access) {
  pins->valid = 1;
  pins->tag = tag;
  pins->kind = (uint8_t)access->kind;
  pins->size = access->size;
  pins->speculative = access->speculative;
  pins->va = access->va;
}

/* What is asked once more goes first, for the record in the place may wait for it. */
static void again_present(port *at) {
  uint8_t tag = tag_next(at);
  tw_flight *flight = &at->flights[tag];
  *flight = at->again[0];
  flight->tag = tag;
  at->asked = flight;
  at->again_count--;
  memmove(at->again, at->again + 1, at->again_count * sizeof at->again[0]);
  at->asked_again = true;
  request_present(at->pins, tag, &flight->access);
}

static inline void place_present(port *at, tw_pins_request *pins, tw_port which) {
  uint8_t tag = tag_next(at);
  tw_flight *flight = &at->flights[tag];
  const tw_record *record = at->place.record;
  request_present(pins, tag, &record->access);
  flight->number = record->number;
  flight->access = record->access;
  flight->attempt = 0;
  flight->port = which;
  flight->tag = tag;
  at->asked = flight;
  at->asked_again = false;
}

static void cancel_present(tw_player *player, port *at) {
  for (uint8_t tag = 0; tag < TW_TAGS; tag++) {
    tw_flight *flight = &at->flights[tag];
    if (!((unsigned)at->busy >> tag & 1u) || !flight->cancel_at || flight->cancel_at > player->cycle) continue;
    at->pins->cancel_valid = 1;
    at->pins->cancel_tag = tag;
    flight->cancelling = true;
    return;
  }
}

/* A port with accesses to be cancelled, or asked once more. */
static PLAYER_SELDOM void port_drive_seldom(tw_player *player, tw_port which, tw_pins_request *pins) {
  port *at = &player->ports[which];
  if (at->cancels) cancel_present(player, at);
  if (pins->valid || at->busy == TAGS_BUSY) return;
  if (at->again_count) {
    again_present(at);
  } else if (at->place.record && is_due(player, &at->place)) {
    place_present(at, pins, which);
  }
}

static inline void port_drive(tw_player *player, tw_port which, tw_pins_request *pins) {
  port *at = &player->ports[which];
  if (at->cancels | at->again_count) {
    port_drive_seldom(player, which, pins);
  } else if (!pins->valid && at->place.record && is_due(player, &at->place) && at->busy != TAGS_BUSY) {
    place_present(at, pins, which);
  }
}

static void control_present(tw_player *player) {
  const tw_record_control *write = &player->control.record->control;
  player->control.presented = true;
  player->in.control = (tw_pins_control){
      .satp = write->satp,
      .valid = 1,
      .privilege = (uint8_t)write->privilege,
      .mprv = write->mprv,
      .mpp = (uint8_t)write->mpp,
      .sum = write->sum,
      .mxr = write->mxr,
      .adue = write->adue,
      .pbmte = write->pbmte,
  };
}

static void pmp_present(tw_player *player) {
  const tw_record_pmp *write = &player->pmp_write.record->pmp;
  player->pmp_write.presented = true;
  player->in.pmp =
      (tw_pins_pmp){.value = write->value, .valid = 1, .kind = (uint8_t)write->target, .index = write->index};
}

static void fence_present(tw_player *player) {
  const tw_record_fence *fence = &player->fence.record->fence;
  player->fence.presented = true;
  player->in.fence = (tw_pins_fence){
      .va = fence->has_va ? fence->va : 0,
      .asid = fence->has_asid ? fence->asid : 0,
      .valid = 1,
      .kind = fence->kind,
      .has_va = fence->has_va,
      .has_asid = fence->has_asid,
  };
}

static bool other_due(tw_player *player, place *at) {
  return at->record && !at->presented && is_due(player, at);
}

static PLAYER_SELDOM void others_drive(tw_player *player) {
  if (other_due(player, &player->control)) control_present(player);
  if (other_due(player, &player->pmp_write)) pmp_present(player);
  if (other_due(player, &player->fence)) fence_present(player);
  if (other_due(player, &player->store)) player->store.presented = true;
}

const tw_pins_in *tw_player_drive(tw_player *player, tw_error *error) {
  if (!records_take(player, error)) return NULL;
  if (player->memory_busy) tw_memory_drive(player->options.memory, player->cycle, &player->in.mem);
  port_drive(player, TW_PORT_FETCH, &player->in.fetch);
  port_drive(player, TW_PORT_DATA, &player->in.data);
  if (player->others) others_drive(player);
  return &player->in;
}
