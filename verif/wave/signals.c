/* The list of the waveform's signals: scopes, names, widths, and where their values are.
 *
 * Values are read by width alone (8, 16, 32, 64 bits), also where the field is wider: little-endian machines only.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "signals point at the low bytes of wider fields");
static_assert(sizeof(bool) == 1, "a bool is a one-bit signal");

#define SIGNALS_BESIDES 64u /* control, L2 and lane, at most */
#define SIGNALS_A_SLOT 7u
#define SIGNALS_A_WALKER 11u

unsigned wave_entries(const tw_config *config, unsigned tlb) {
  if (tlb == WAVE_SUPER) return config->l2.super_entries;
  return tlb == TW_PORT_FETCH ? config->fetch_entries : config->data_entries;
}

unsigned wave_slots(const tw_config *config) {
  return config->fetch_slots + config->data_slots;
}

unsigned wave_plru_bits(unsigned entries) {
  unsigned leaves = 1;
  while (leaves < entries) leaves *= 2;
  return leaves > 1 ? leaves : 0;
}

unsigned wave_signals_bound(const tw_config *config) {
  unsigned entries = 0;
  for (unsigned tlb = 0; tlb < WAVE_TLBS; tlb++) entries += wave_entries(config, tlb);
  return (unsigned)tw_pin_count + SIGNALS_BESIDES + entries + SIGNALS_A_SLOT * wave_slots(config) +
         SIGNALS_A_WALKER * config->walkers;
}

static void declare(tw_wave *wave, const char *scope, const char *name, unsigned bits, const void *value) {
  wave->signals[wave->signal_count++] = (tw_wave_signal){scope, name, bits, value};
}

static void declare_text(tw_wave *wave, const char *scope, const char *name, const text *t) {
  declare(wave, scope, name, TW_WAVE_TEXT(TEXT_BYTES), t->bytes);
}

static void declare_lane(tw_wave *wave) {
  static const char *const requests[] = {"fetch", "data"};
  static const char *const answers[] = {"fetch_answer", "data_answer"};
  lane *l = &wave->lane;
  for (unsigned port = 0; port < TW_PORT_COUNT; port++) {
    declare_text(wave, "lane", requests[port], &l->request[port]);
    declare_text(wave, "lane", answers[port], &l->answer[port]);
  }
  for (unsigned i = 0; i < wave->config.walkers; i++) {
    snprintf(wave->lane_names[i], WAVE_SCOPE_BYTES, "walker_%u", i);
    declare_text(wave, "lane", wave->lane_names[i], &l->walker[i]);
  }
  declare_text(wave, "lane", "memory", &l->memory);
  declare_text(wave, "lane", "fence", &l->fence);
  declare_text(wave, "lane", "pmp", &l->pmp);
  declare_text(wave, "lane", "control", &l->control);
  declare_text(wave, "lane", "event", &l->event);
  declare_text(wave, "lane", "differs", &l->differs);
  declare(wave, "lane", "fault", 1, &l->fault);
  declare(wave, "lane", "difference", 1, &l->difference);
}

void wave_pin_name(const tw_pin *pin, char name[static WAVE_NAME_BYTES]) {
  const bool reset = strcmp(pin->name, "rst_n") == 0;
  snprintf(name, WAVE_NAME_BYTES, "%s%s", pin->name, pin->output ? "_o" : reset ? "i" : "_i");
}

/* Outputs: the inputs are one bundle for both sides, and stand with the design. */
static void declare_pins(tw_wave *wave) {
  for (size_t i = 0; i < tw_pin_count; i++) {
    const tw_pin *pin = &tw_pins[i];
    if (!pin->output) continue;
    wave_pin_name(pin, wave->pin_names[i]);
    declare(wave, "model", wave->pin_names[i], pin->bits, (const uint8_t *)&wave->out + pin->offset);
  }
}

static void declare_control(tw_wave *wave) {
  const tw_mmu_probe *r = &wave->registers;
  declare(wave, "model.control", "satp", wave->row->xlen, &r->satp);
  declare(wave, "model.control", "privilege", 2, &r->privilege);
  declare(wave, "model.control", "mprv", 1, &r->mprv);
  declare(wave, "model.control", "mpp", 2, &r->mpp);
  declare(wave, "model.control", "sum", 1, &r->sum);
  declare(wave, "model.control", "mxr", 1, &r->mxr);
  declare(wave, "model.control", "adue", 1, &r->adue);
  declare(wave, "model.control", "pbmte", 1, &r->pbmte);
}

static void declare_walker(tw_wave *wave, unsigned number) {
  const tw_mmu_walker *walker = &wave->registers.walkers[number];
  const char *scope = wave->walker_scopes[number];
  snprintf(wave->walker_scopes[number], WAVE_SCOPE_BYTES, "model.walker_%u", number);
  declare(wave, scope, "state", 3, &walker->state);
  declare(wave, scope, "killed", 1, &walker->killed);
  declare(wave, scope, "owner", 4, &walker->owner);
  declare(wave, scope, "attached", wave_slots(&wave->config), &walker->attached);
  declare(wave, scope, "level", 3, &walker->level);
  declare(wave, scope, "reason", 5, &walker->reason);
  declare(wave, scope, "phase", 1, &walker->phase);
  declare(wave, scope, "global", 1, &walker->global);
  declare(wave, scope, "table_ppn", wave->row->ppn_bits, &walker->table_ppn);
  declare(wave, scope, "vpn", wave->row->va_bits - TW_PAGE_BITS, &walker->vpn);
  declare(wave, scope, "entry", 8 * wave->row->pte_bytes, &walker->entry);
}

/* The slots of both ports have one order: the data port's first. */
static void declare_slot(tw_wave *wave, unsigned number) {
  const tw_mmu_slot *slot = &wave->registers.slots[number];
  const unsigned data = wave->config.data_slots;
  const char *scope = wave->slot_scopes[number];
  snprintf(wave->slot_scopes[number], WAVE_SCOPE_BYTES, "model.%s_slot_%u", number < data ? "data" : "fetch",
           number < data ? number : number - data);
  declare(wave, scope, "state", 3, &slot->state);
  declare(wave, scope, "tag", TW_TAG_BITS, &slot->tag);
  declare(wave, scope, "kind", 3, &slot->kind);
  declare(wave, scope, "size", 7, &slot->size);
  declare(wave, scope, "speculative", 1, &slot->speculative);
  declare(wave, scope, "walker", 8, &slot->walker);
  declare(wave, scope, "va", 64, &slot->va);
}

static void declare_tlb(tw_wave *wave, unsigned tlb) {
  static const char *const scopes[WAVE_TLBS] = {"model.fetch_tlb", "model.data_tlb", "model.l2_super"};
  const char *scope = scopes[tlb];
  const unsigned entries = wave_entries(&wave->config, tlb);
  if (entries == 0) return;
  declare(wave, scope, "valid", entries, &wave->tlbs[tlb].valid);
  if (entries > 1 && tlb != WAVE_SUPER)
    declare(wave, scope, "plru", wave_plru_bits(entries), &wave->registers.plru[tlb]);
  for (unsigned i = 0; i < entries; i++) {
    snprintf(wave->entry_names[i], WAVE_NAME_BYTES, "entry_%02u", i);
    declare(wave, scope, wave->entry_names[i], TW_WAVE_TEXT(TEXT_BYTES), wave->tlbs[tlb].words[i]);
  }
}

/* What the L2 TLB, the page-table port and the round robins are at. */
static void declare_shared(tw_wave *wave) {
  const tw_mmu_probe *r = &wave->registers;
  declare(wave, "model.shared", "held", 8, &r->held);
  declare(wave, "model.shared", "search_next", 4, &r->search_next);
  declare(wave, "model.shared", "take_next", 4, &r->take_next);
  declare(wave, "model.shared", "request_next", 4, &r->request_next);
  if (!wave->config.l2.entries) return;
  declare(wave, "model.l2", "sweep", 1, &r->sweep.active);
  declare(wave, "model.l2", "sweep_set", 12, &r->sweep.set);
  declare(wave, "model.l2", "sweep_last", 12, &r->sweep.last);
  if (wave->config.l2.replacement == TW_RANDOM) declare(wave, "model.l2", "lfsr", 16, &r->lfsr);
}

void wave_signals_declare(tw_wave *wave) {
  declare_lane(wave);
  if (!wave->with_model) return;
  declare_pins(wave);
  declare_control(wave);
  declare_shared(wave);
  for (unsigned i = 0; i < wave->config.walkers; i++) declare_walker(wave, i);
  for (unsigned i = 0; i < wave_slots(&wave->config); i++) declare_slot(wave, i);
  for (unsigned tlb = 0; tlb < WAVE_TLBS; tlb++) declare_tlb(wave, tlb);
}
