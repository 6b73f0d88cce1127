/* The player's inputs: takes records, lets them wait for what they come after, presents them.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "player_internal.h"

void player_complete(tw_player *player, uint64_t number) {
  for (unsigned i = 0; i < player->live_count; i++) {
    if (player->live[i] != number) continue;
    player->live[i] = player->live[--player->live_count];
    return;
  }
}

static bool is_live(const tw_player *player, uint64_t number) {
  for (unsigned i = 0; i < player->live_count; i++)
    if (player->live[i] == number) return true;
  return false;
}

/* T1: which earlier records must be complete. */
static bool after_complete(const tw_player *player, const place *waiting) {
  if (waiting->after.all) {
    for (unsigned i = 0; i < player->live_count; i++)
      if (player->live[i] < waiting->number) return false;
    return true;
  }
  for (unsigned i = 0; i < waiting->after.count; i++)
    if (is_live(player, waiting->number - waiting->after.back[i])) return false;
  return true;
}

/* Whether a record may be presented in this cycle. */
static bool is_due(tw_player *player, place *waiting) {
  if (!waiting->eligible) {
    if (!after_complete(player, waiting)) return false;
    waiting->eligible = true;
    waiting->due = player->cycle + waiting->delay;
  }
  if (player->cycle >= waiting->due) return true;
  player->progress = player->cycle; /* a delay is no hang */
  return false;
}

static void place_fill(tw_player *player, place *at, const tw_record *record) {
  at->taken = true;
  at->eligible = at->presented = false;
  at->number = record->number;
  at->delay = record->delay;
  at->after = record->after;
  player->live[player->live_count++] = record->number;
}

static void access_take(tw_player *player, port *at, tw_port which, const tw_record *record) {
  place_fill(player, &at->place, record);
  at->next.number = record->number;
  at->next.access = record->access;
  at->next.attempt = 0;
  at->next.port = which;
}

/* Puts the record that was taken last into its place; false if that is taken, or its like would overflow. */
static bool record_place(tw_player *player, const tw_record *record) {
  other *into = NULL;
  switch (record->kind) {
  case TW_RECORD_ACCESS: {
    tw_port which = record->access.kind == TW_FETCH ? TW_PORT_FETCH : TW_PORT_DATA;
    port *at = &player->ports[which];
    if (at->place.taken) return false;
    access_take(player, at, which, record);
    return true;
  }
  case TW_RECORD_CONTROL:
    into = &player->control;
    break;
  case TW_RECORD_FENCE:
    into = &player->fence;
    if (player->fences_count >= LIVE_MAX / 4) return false;
    break;
  default:
    into = &player->store;
    break;
  }
  if (into->place.taken) return false;
  place_fill(player, &into->place, record);
  into->record = *record;
  return true;
}

static bool memory_take(tw_player *player, const tw_record *record, bool *taken, tw_error *error) {
  tw_memory *memory = player->options.memory;
  *taken = true;
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

/* Takes records until one finds its place taken. */
static bool records_take(tw_player *player, tw_error *error) {
  tw_source *source = player->options.source;
  const tw_observer *observer = &player->options.observer;
  for (;;) {
    if (!player->peeked) {
      if (player->ended || player->waiting) return true;
      tw_source_result result = source->next(source, &player->peek, error);
      if (result == TW_SOURCE_ERROR) return false;
      player->ended = result == TW_SOURCE_END;
      player->waiting = result == TW_SOURCE_WAIT;
      if (result != TW_SOURCE_RECORD) continue;
      if (observer->taken) observer->taken(observer->payload, &player->peek);
      bool taken;
      if (!memory_take(player, &player->peek, &taken, error)) return false;
      if (taken) continue;
      player->peeked = true;
    }
    if (!record_place(player, &player->peek)) return true;
    player->peeked = false;
  }
}

static uint8_t tag_next(port *at) {
  while (at->busy >> at->next_tag & 1u) at->next_tag = (at->next_tag + 1u) % TW_TAGS;
  uint8_t tag = at->next_tag;
  at->next_tag = (at->next_tag + 1u) % TW_TAGS;
  return tag;
}

static void request_present(port *at) {
  const tw_record_access *access = &at->asked.access;
  at->asked.tag = tag_next(at);
  at->pins->valid = 1;
  at->pins->tag = at->asked.tag;
  at->pins->kind = (uint8_t)access->kind;
  at->pins->speculative = access->speculative;
  at->pins->va = access->va;
}

/* What is asked once more goes first, for the record in the place may wait for it. */
static void request_choose(tw_player *player, port *at) {
  if (at->again_count) {
    at->asked_again = true;
    at->asked = at->again[0];
    at->again_count--;
    memmove(at->again, at->again + 1, at->again_count * sizeof at->again[0]);
  } else if (at->place.taken && is_due(player, &at->place)) {
    at->asked_again = false;
    at->asked = at->next;
    at->place.presented = true;
  } else {
    return;
  }
  request_present(at);
}

static void cancel_present(tw_player *player, port *at) {
  for (uint8_t tag = 0; tag < TW_TAGS; tag++) {
    tw_flight *flight = &at->flights[tag];
    if (!(at->busy >> tag & 1u) || !flight->cancel_at || flight->cancel_at > player->cycle) continue;
    at->pins->cancel_valid = 1;
    at->pins->cancel_tag = tag;
    flight->cancelling = true;
    return;
  }
}

static void port_drive(tw_player *player, port *at) {
  if (at->cancels) cancel_present(player, at);
  if (!at->pins->valid && at->busy != 0xffff) request_choose(player, at);
}

static void control_present(tw_player *player) {
  const tw_record_control *write = &player->control.record.control;
  player->control.place.presented = true;
  player->in.control = (tw_pins_control){
      .satp = write->satp,
      .valid = 1,
      .privilege = (uint8_t)write->privilege,
      .mprv = write->mprv,
      .mpp = (uint8_t)write->mpp,
      .sum = write->sum,
      .mxr = write->mxr,
  };
}

static void fence_present(tw_player *player) {
  const tw_record_fence *fence = &player->fence.record.fence;
  player->fence.place.presented = true;
  player->in.fence = (tw_pins_fence){
      .va = fence->has_va ? fence->va : 0,
      .asid = fence->has_asid ? fence->asid : 0,
      .valid = 1,
      .kind = fence->kind,
      .has_va = fence->has_va,
      .has_asid = fence->has_asid,
  };
}

static bool other_due(tw_player *player, other *at) {
  return at->place.taken && !at->place.presented && is_due(player, &at->place);
}

const tw_pins_in *tw_player_drive(tw_player *player, tw_error *error) {
  if (!records_take(player, error)) return NULL;
  tw_memory_drive(player->options.memory, player->cycle, &player->in.mem);
  port_drive(player, &player->ports[TW_PORT_FETCH]);
  port_drive(player, &player->ports[TW_PORT_DATA]);
  if (other_due(player, &player->control)) control_present(player);
  if (other_due(player, &player->fence)) fence_present(player);
  if (other_due(player, &player->store)) player->store.place.presented = true;
  return &player->in;
}
