/* The player's outputs side: answers, handshakes, completions and counts.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "player.h"

#include <stdlib.h>
#include <string.h>

#include "player_internal.h"

static void machine_begin(tw_player *player, const tw_config *config) {
  const tw_mode_info *mode = tw_mode_row(config->mode);
  player->pmp = (tw_pmp){.count = config->pmp_entries,
                         .grain = config->pmp_grain,
                         .xlen = mode->xlen,
                         .smepmp = (config->extensions & TW_EXT_SMEPMP) != 0};
  tw_pmp_reset(&player->pmp);
  player->machine =
      (tw_machine){.pa_bits = config->pa_bits, .pmp = &player->pmp, .regions = &player->options.config->regions};
  player->guarded = config->pmp_entries || config->regions.count || config->pa_bits < mode->pa_bits;
}

tw_player *tw_player_open(const tw_player_options *options) {
  tw_player *player = calloc(1, sizeof *player);
  if (!player) return NULL;
  player->options = *options;
  player->state.privilege = TW_MACHINE;
  machine_begin(player, options->config);
  player->ports[TW_PORT_FETCH].pins = &player->in.fetch;
  player->ports[TW_PORT_DATA].pins = &player->in.data;
  player->in.rst_n = 1;
  for (unsigned i = 0; i < LIVE_SLOTS; i++) player->live.slots[i] = LIVE_NONE;
  player->ahead_next = player->ahead_end = player->ahead;
  player->memory_busy = true;
  player->answers_observed = options->observer.answered != NULL;
  return player;
}

void tw_player_close(tw_player *player) {
  free(player);
}

static tw_record_answer answer_make(const tw_player *player, const tw_flight *flight, const tw_pins_response *pins) {
  return (tw_record_answer){
      .access = flight->number,
      .attempt = flight->attempt,
      .accepted = flight->accepted,
      .answered = player->cycle,
      .pa = pins->pa,
      .status = pins->status,
      .reason = pins->reason,
      .level = pins->level,
      .flags = pins->flags,
      .attribute = pins->attribute,
      .napot = pins->napot != 0,
      .hit = pins->hit != 0,
      .l2 = pins->hit == TW_PIN_HIT_L2,
  };
}

static inline void translated_count(tw_player *player, const tw_pins_response *pins) {
  const uint8_t global = 1u << 5; /* TW_PTE_G */
  player->counts.answers++;
  player->counts.hits += pins->hit != 0;
  if (!(pins->level | (pins->flags & global))) return;
  player->counts.superpages += pins->level > 0;
  player->counts.globals += (pins->flags & global) != 0;
}

static void answer_count(tw_player *player, const tw_pins_response *pins) {
  translated_count(player, pins);
  if (pins->status == TW_PIN_FAULT && pins->reason < TW_REASON_COUNT) player->counts.faults[pins->reason]++;
  if (pins->status == TW_PIN_RETRY) player->counts.retries++;
}

/* P5 and P17: what an answer must say beside its result. */
static bool answer_check(const tw_player *player, const tw_flight *flight, const tw_pins_response *pins,
                         tw_error *error) {
  bool fault = pins->status == TW_PIN_FAULT, translated = pins->status == TW_PIN_TRANSLATED;
  if (pins->status > TW_PIN_RETRY)
    return tw_error_set(error, "answer with status %u, which means nothing", pins->status);
  if (!translated && (pins->pa || pins->level || pins->flags || pins->napot || pins->attribute))
    return tw_error_set(error, "P5: pa, level, flags, napot or attribute is not 0 in an answer that is not TRANSLATED");
  if (!fault && (pins->reason || pins->cause || pins->tval))
    return tw_error_set(error, "P5: reason, cause or tval is not 0 in an answer that is not FAULT");
  if (pins->hit > TW_PIN_HIT_L2 || (pins->hit && !translated && !fault))
    return tw_error_set(error, "P5: hit is %u in an answer of status %u", pins->hit, pins->status);
  if (!fault) return true;
  uint64_t va = tw_mode_row(player->options.config->mode)->xlen == 32 ? (uint32_t)flight->access.va : flight->access.va;
  unsigned cause = (unsigned)tw_reason_cause((tw_reason)pins->reason, flight->access.kind);
  if (pins->reason == TW_OK || pins->reason >= TW_REASON_COUNT)
    return tw_error_set(error, "FAULT with reason %u, which is none", pins->reason);
  if (pins->cause != cause)
    return tw_error_set(error, "FAULT %s of a %s with cause %u: expected %u", tw_reason_name((tw_reason)pins->reason),
                        tw_access_name(flight->access.kind), pins->cause, cause);
  if (pins->tval != va)
    return tw_error_set(error, "P17: trap value 0x%llx for the request for 0x%llx", (unsigned long long)pins->tval,
                        (unsigned long long)va);
  return true;
}

/* T7: whether the access is asked again. */
static bool is_asked_again(const tw_flight *flight, const tw_pins_response *pins) {
  if (flight->cancelling || pins->status == TW_PIN_TRANSLATED) return false;
  return pins->status == TW_PIN_RETRY || flight->attempt < flight->access.retries;
}

/* An answer while others are outstanding on the port: of those, some may be older. */
static PLAYER_SELDOM void overtaking_count(tw_player *player, const port *at, const tw_flight *flight) {
  bool older = false;
  for (unsigned tag = 0; tag < TW_TAGS; tag++)
    older = older || (((unsigned)at->busy >> tag & 1u) && at->flights[tag].accepted < flight->accepted);
  player->counts.overtakings += older;
}

static PLAYER_SELDOM tw_player_result answer_take(tw_player *player, port *at, const tw_pins_response *pins,
                                                  tw_error *error) {
  tw_flight *flight = &at->flights[pins->tag % TW_TAGS];
  if (!((unsigned)at->busy >> (pins->tag % TW_TAGS) & 1u)) {
    tw_error_set(error, "P16: answer on the %s port with tag %u, which no request in flight has",
                 at == player->ports ? "fetch" : "data", pins->tag);
    return TW_PLAYER_VIOLATION;
  }
  if (!answer_check(player, flight, pins, error)) return TW_PLAYER_VIOLATION;
  const tw_observer *observer = &player->options.observer;
  tw_record_answer answer = answer_make(player, flight, pins);
  player->progress = player->cycle;
  answer_count(player, pins);
  if (observer->answered) observer->answered(observer->payload, flight, &answer);
  at->busy = (uint16_t)(at->busy & ~(1u << flight->tag));
  if (at->busy) overtaking_count(player, at, flight);
  if (flight->cancel_at) at->cancels--;
  if (is_asked_again(flight, pins)) {
    flight->attempt++;
    if (pins->status == TW_PIN_RETRY) flight->access.speculative = false; /* P14 */
    at->again[at->again_count++] = *flight;
    return TW_PLAYER_GOOD;
  }
  player->counts.accesses++;
  live_remove(&player->live, flight->number);
  player->waiting = false;
  tw_source *source = player->options.source;
  return !source->answer || source->answer(source, &answer, error) ? TW_PLAYER_GOOD : TW_PLAYER_FAILED;
}

/* Whether there is nothing to say of an answer but that it came, as of nearly all: a translation that no observer waits
 * to be told of, for a request that will not be cancelled. */
static inline bool answer_is_plain(const tw_player *player, const port *at, const tw_pins_response *pins) {
  unsigned tag = pins->tag % TW_TAGS;
  return !player->answers_observed && pins->status == TW_PIN_TRANSLATED && ((unsigned)at->busy >> tag & 1u) &&
         !at->flights[tag].cancel_at && !pins->reason && !pins->cause && !pins->tval;
}

static inline tw_player_result answer_take_plain(tw_player *player, port *at, const tw_pins_response *pins,
                                                 tw_error *error) {
  unsigned tag = pins->tag % TW_TAGS;
  const tw_flight *flight = &at->flights[tag];
  tw_source *source = player->options.source;
  translated_count(player, pins);
  player->counts.accesses++;
  player->progress = player->cycle;
  at->busy = (uint16_t)(at->busy & ~(1u << tag));
  if (at->busy) overtaking_count(player, at, flight);
  live_remove(&player->live, flight->number);
  if (!source->answer) return TW_PLAYER_GOOD;
  const tw_record_answer answer = answer_make(player, flight, pins);
  player->waiting = false;
  return source->answer(source, &answer, error) ? TW_PLAYER_GOOD : TW_PLAYER_FAILED;
}

static PLAYER_SELDOM bool is_anything_outstanding(const tw_player *player) {
  return player->ports[TW_PORT_FETCH].busy || player->ports[TW_PORT_DATA].busy || player->memory_busy;
}

static inline void request_accept(tw_player *player, port *at, tw_pins_request *pins) {
  const tw_observer *observer = &player->options.observer;
  tw_flight *flight = at->asked;
  flight->accepted = player->cycle;
  flight->cancel_at = flight->access.cancel_after ? player->cycle + flight->access.cancel_after : 0;
  flight->cancelling = flight->satp_changed = flight->pmp_changed = false;
  flight->control = player->state;
  if (flight->cancel_at) at->cancels++;
  player->counts.overlapped += at->busy != 0;
  if (player->pmp_blurred) player->pmp_blurred = is_anything_outstanding(player);
  at->busy = (uint16_t)(at->busy | 1u << flight->tag);
  if (!at->asked_again) at->place.record = NULL;
  pins->valid = pins->tag = pins->kind = pins->size = pins->speculative = 0;
  pins->va = 0;
  player->progress = player->cycle;
  if (observer->accepted) observer->accepted(observer->payload, flight);
}

static PLAYER_SELDOM void cancel_finish(tw_player *player, port *at) {
  uint8_t tag = at->pins->cancel_tag;
  at->pins->cancel_valid = at->pins->cancel_tag = 0;
  if (!((unsigned)at->busy >> tag & 1u)) return; /* answered in this very cycle */
  at->busy = (uint16_t)(at->busy & ~(1u << tag));
  at->cancels--;
  player->counts.cancelled++;
  player->progress = player->cycle;
  live_remove(&player->live, at->flights[tag].number);
}

static inline tw_player_result port_observe(tw_player *player, tw_port which, tw_pins_request *pins,
                                            const tw_pins_response *out, tw_error *error) {
  port *at = &player->ports[which];
  if (out->valid) {
    const bool plain = answer_is_plain(player, at, out);
    tw_player_result result = plain ? answer_take_plain(player, at, out, error) : answer_take(player, at, out, error);
    if (result != TW_PLAYER_GOOD) return result;
  }
  if (pins->cancel_valid) cancel_finish(player, at);
  if (pins->valid && out->req_ready) request_accept(player, at, pins);
  return TW_PLAYER_GOOD;
}

/* Empties the place of a record that is no access, which had its handshake. */
static const tw_record *other_leave(tw_player *player, place *at) {
  const tw_record *record = at->record;
  at->record = NULL;
  player->others--;
  player->progress = player->cycle;
  return record;
}

/* Comes after the ports: a request that was accepted in this very cycle may be answered RETRY, too (P18). */
static void control_finish(tw_player *player) {
  const tw_observer *observer = &player->options.observer;
  const tw_record *record = other_leave(player, &player->control);
  player->in.control = (tw_pins_control){0};
  player->counts.controls++;
  if (tw_control_apply(&player->state, player->options.config, &record->control)) {
    for (unsigned which = 0; which < TW_PORT_COUNT; which++)
      for (unsigned tag = 0; tag < TW_TAGS; tag++) player->ports[which].flights[tag].satp_changed = true;
  }
  if (observer->control) observer->control(observer->payload, player->cycle, record);
  live_remove(&player->live, record->number);
}

/* As control_finish: what is outstanding, a request of this very cycle too, is judged by either (P31). */
static void pmp_finish(tw_player *player) {
  const tw_observer *observer = &player->options.observer;
  const tw_record *record = other_leave(player, &player->pmp_write);
  const tw_record_pmp *write = &record->pmp;
  player->in.pmp = (tw_pins_pmp){0};
  player->counts.pmps++;
  if (write->target == TW_PMP_CFG) tw_pmp_write_cfg(&player->pmp, write->index, (uint8_t)write->value);
  if (write->target == TW_PMP_ADDR) tw_pmp_write_addr(&player->pmp, write->index, write->value);
  if (write->target == TW_PMP_MSECCFG) tw_pmp_write_mseccfg(&player->pmp, write->value);
  for (unsigned which = 0; which < TW_PORT_COUNT; which++)
    for (unsigned tag = 0; tag < TW_TAGS; tag++) player->ports[which].flights[tag].pmp_changed = true;
  player->pmp_blurred = true;
  if (observer->pmp) observer->pmp(observer->payload, player->cycle, record);
  live_remove(&player->live, record->number);
}

static tw_player_result fence_observe(tw_player *player, const tw_pins_out *out, tw_error *error) {
  if (out->fence_done) {
    if (!player->fences_count) {
      tw_error_set(error, "P21: fence_done without a fence that was accepted and is not done");
      return TW_PLAYER_VIOLATION;
    }
    live_remove(&player->live, player->fences_open[player->fences_first]);
    player->fences_first = (player->fences_first + 1) % LIVE_MAX;
    player->fences_count--;
    player->progress = player->cycle;
  }
  if (player->in.fence.valid && out->fence_ready) {
    const tw_observer *observer = &player->options.observer;
    const tw_record *record = other_leave(player, &player->fence);
    player->fences_open[(player->fences_first + player->fences_count++) % LIVE_MAX] = record->number;
    player->in.fence = (tw_pins_fence){0};
    player->counts.fences++;
    if (observer->fence) observer->fence(observer->payload, player->cycle, record);
  }
  return TW_PLAYER_GOOD;
}

/* P33, when a request is first offered: it may be made though a PMP write comes later (P31). */
static bool request_allowed(tw_player *player, const tw_pins_memory_out *pins, tw_error *error) {
  if (!player->guarded || player->pmp_blurred) return true;
  tw_context context;
  tw_control_context(&player->state, player->options.config, &player->machine, TW_FETCH, &context);
  if (context.satp.mode == TW_BARE) return true; /* of the time before */
  tw_reason reason = tw_table_check(&context, pins->req_kind == TW_PIN_MEM_CAS ? TW_STORE : TW_LOAD, pins->req_addr);
  return reason == TW_OK || tw_error_set(error, "P33: page-table request for 0x%llx, which is denied: %s",
                                         (unsigned long long)pins->req_addr, tw_reason_name(reason));
}

static PLAYER_SELDOM tw_player_result memory_observe(tw_player *player, const tw_pins_out *out, tw_error *error) {
  tw_memory_read read;
  tw_memory *memory = player->options.memory;
  const tw_observer *observer = &player->options.observer;
  if (out->mem.req_valid && !tw_memory_holds(memory)) {
    if (!request_allowed(player, &out->mem, error)) return TW_PLAYER_VIOLATION;
    if (observer->offered) observer->offered(observer->payload, &out->mem);
  }
  tw_memory_result result = tw_memory_observe(memory, player->cycle, &out->mem, &read, error);
  /* While an answer is on the pins, one more drive takes it away. */
  player->memory_busy = tw_memory_busy(memory) || player->in.mem.rsp_valid;
  if (result == TW_MEMORY_VIOLATION) return TW_PLAYER_VIOLATION;
  if (result == TW_MEMORY_QUIET) return TW_PLAYER_GOOD;
  player->counts.steps += !read.update;
  player->counts.updates += read.update;
  player->counts.bus_errors += read.error;
  player->progress = player->cycle;
  if (observer->read) observer->read(observer->payload, &read);
  return TW_PLAYER_GOOD;
}

static tw_player_result store_finish(tw_player *player, tw_error *error) {
  const tw_observer *observer = &player->options.observer;
  const tw_record *record = other_leave(player, &player->store);
  const tw_record_store *store = &record->store;
  player->counts.stores++;
  uint64_t before = tw_memory_read_value(player->options.memory, store->pa, store->width);
  if (!tw_memory_store(player->options.memory, store, NULL)) {
    tw_error_set(error, "memory is out");
    return TW_PLAYER_FAILED;
  }
  if (observer->store) observer->store(observer->payload, player->cycle, record, before);
  live_remove(&player->live, record->number);
  return TW_PLAYER_GOOD;
}

static PLAYER_SELDOM void events_count_seldom(tw_player *player, uint32_t event) {
  for (; event; event &= event - 1) {
    unsigned bit = (unsigned)__builtin_ctz(event);
    if (bit < TW_EVENT_COUNT) player->counts.events[bit]++;
  }
}

/* Hits need no loop. */
static inline void events_count(tw_player *player, uint32_t event) {
  const uint32_t hits = TW_EVENT_FETCH_HIT | TW_EVENT_DATA_HIT;
  player->counts.events[__builtin_ctz(TW_EVENT_FETCH_HIT)] += (event & TW_EVENT_FETCH_HIT) != 0;
  player->counts.events[__builtin_ctz(TW_EVENT_DATA_HIT)] += (event & TW_EVENT_DATA_HIT) != 0;
  if (event & ~hits) events_count_seldom(player, event & ~hits);
}

static PLAYER_SELDOM tw_player_result others_observe(tw_player *player, const tw_pins_out *out, tw_error *error) {
  if (out->fence_done | player->in.fence.valid) {
    tw_player_result result = fence_observe(player, out, error);
    if (result != TW_PLAYER_GOOD) return result;
  }
  if (player->in.control.valid) control_finish(player);
  if (player->in.pmp.valid) pmp_finish(player);
  return player->store.record && player->store.presented ? store_finish(player, error) : TW_PLAYER_GOOD;
}

tw_player_result tw_player_observe(tw_player *player, const tw_pins_out *out, tw_error *error) {
  events_count(player, out->event);
  player->counts.walk_cycles += out->walkers;
  tw_player_result result = port_observe(player, TW_PORT_FETCH, &player->in.fetch, &out->fetch, error);
  if (result == TW_PLAYER_GOOD) result = port_observe(player, TW_PORT_DATA, &player->in.data, &out->data, error);
  if (result == TW_PLAYER_GOOD && (player->memory_busy || out->mem.req_valid))
    result = memory_observe(player, out, error);
  if (result == TW_PLAYER_GOOD && (player->others || out->fence_done)) result = others_observe(player, out, error);
  if (result != TW_PLAYER_GOOD) return result;
  player->cycle++;
  player->counts.cycles++;
  return TW_PLAYER_GOOD;
}

/* Nothing is taken and not complete. */
static PLAYER_SELDOM bool is_quiet(const tw_player *player) {
  bool quiet = player->ahead_next == player->ahead_end && player->others == 0 && player->fences_count == 0;
  for (unsigned which = 0; which < TW_PORT_COUNT; which++) {
    const port *at = &player->ports[which];
    quiet = quiet && !at->place.record && at->busy == 0 && at->again_count == 0 && !at->pins->valid;
  }
  return quiet;
}

bool tw_player_done(const tw_player *player) {
  return player->ended && is_quiet(player);
}

uint64_t tw_player_cycle(const tw_player *player) {
  return player->cycle;
}

uint64_t tw_player_idle_cycles(const tw_player *player) {
  return player->cycle - player->progress;
}

const tw_player_counts *tw_player_counted(const tw_player *player) {
  return &player->counts;
}
