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

#define SIGNALS_BESIDES 64u /* registers and lane, at most */

unsigned wave_entries(const tw_config *config, unsigned port) {
  return port == TW_PORT_FETCH ? config->fetch_entries : config->data_entries;
}

unsigned wave_plru_bits(unsigned entries) {
  unsigned leaves = 1;
  while (leaves < entries) leaves *= 2;
  return leaves > 1 ? leaves : 0;
}

unsigned wave_signals_bound(const tw_config *config) {
  return (unsigned)tw_pin_count + SIGNALS_BESIDES + config->fetch_entries + config->data_entries;
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
  declare_text(wave, "lane", "walk", &l->walk);
  declare_text(wave, "lane", "memory", &l->memory);
  declare_text(wave, "lane", "fence", &l->fence);
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
}

static void declare_walker(tw_wave *wave) {
  const tw_mmu_probe *r = &wave->registers;
  declare(wave, "model.walker", "state", 2, &r->state);
  declare(wave, "model.walker", "killed", 1, &r->killed);
  declare(wave, "model.walker", "owner", 1, &r->owner);
  declare(wave, "model.walker", "level", 3, &r->level);
  declare(wave, "model.walker", "next_id", TW_ID_BITS, &r->next_id);
  declare(wave, "model.walker", "global", 1, &r->global);
  declare(wave, "model.walker", "table_ppn", wave->row->ppn_bits, &r->table_ppn);
  declare(wave, "model.walker", "va", 64, &r->va);
}

static void declare_slot(tw_wave *wave, unsigned port) {
  const char *scope = port == TW_PORT_FETCH ? "model.fetch_slot" : "model.data_slot";
  const tw_mmu_slot *slot = &wave->registers.slots[port];
  declare(wave, scope, "full", 1, &slot->full);
  declare(wave, scope, "tag", TW_TAG_BITS, &slot->tag);
  declare(wave, scope, "kind", 3, &slot->kind);
  declare(wave, scope, "va", 64, &slot->va);
}

static void declare_tlb(tw_wave *wave, unsigned port) {
  const char *scope = port == TW_PORT_FETCH ? "model.fetch_tlb" : "model.data_tlb";
  const unsigned entries = wave_entries(&wave->config, port);
  declare(wave, scope, "valid", entries, &wave->tlbs[port].valid);
  if (entries > 1) declare(wave, scope, "plru", wave_plru_bits(entries), &wave->registers.plru[port]);
  for (unsigned i = 0; i < entries; i++) {
    snprintf(wave->entry_names[i], WAVE_NAME_BYTES, "entry_%02u", i);
    declare(wave, scope, wave->entry_names[i], TW_WAVE_TEXT(TEXT_BYTES), wave->tlbs[port].words[i]);
  }
}

void wave_signals_declare(tw_wave *wave) {
  declare_lane(wave);
  if (!wave->with_model) return;
  declare_pins(wave);
  declare_control(wave);
  declare_walker(wave);
  for (unsigned port = 0; port < TW_PORT_COUNT; port++) declare_slot(wave, port);
  for (unsigned port = 0; port < TW_PORT_COUNT; port++) declare_tlb(wave, port);
}
