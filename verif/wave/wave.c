/* The waveform's values, cycle for cycle.
 *
 * A cycle's pins are shown with the registers of the same cycle. The model is asked after its clock's edge, so what is
 * read of it now is kept and shown with the next cycle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "wave.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "player.h"

tw_wave *tw_wave_open(const tw_config *config, bool with_model, tw_error *error) {
  if (!tw_config_validate(config, error)) return NULL;
  if (tw_pin_count > WAVE_PINS) {
    tw_error_set(error, "waveform: expected at most %u pins, found %zu", WAVE_PINS, tw_pin_count);
    return NULL;
  }
  tw_wave *wave = calloc(1, sizeof *wave);
  tw_wave_signal *signals = calloc(wave_signals_bound(config), sizeof *signals);
  if (!wave || !signals) {
    free(wave);
    free(signals);
    tw_error_set(error, "waveform: out of memory");
    return NULL;
  }
  wave->config = *config;
  wave->row = tw_mode_row(config->mode);
  wave->with_model = with_model;
  wave->signals = signals;
  lane_begin(&wave->lane, &wave->config);
  wave_signals_declare(wave);
  return wave;
}

void tw_wave_close(tw_wave *wave) {
  if (!wave) return;
  free(wave->signals);
  free(wave);
}

const tw_wave_signal *tw_wave_signals(const tw_wave *wave, unsigned *count) {
  *count = wave->signal_count;
  return wave->signals;
}

/* "3fffe000 asid 5 -> 80123000 4K DA-U-WRV" */
static void say_entry(const tw_wave *wave, const tw_mmu_entry *entry, char words[static TEXT_BYTES]) {
  text t = {0};
  if (entry->valid) {
    text_add_hex(&t, entry->vpn << TW_PAGE_BITS);
    text_add(&t, " asid ");
    text_add_number(&t, entry->asid);
    text_add(&t, " -> ");
    text_add_hex(&t, entry->ppn << TW_PAGE_BITS);
    text_add(&t, " ");
    text_add_page(&t, wave->config.mode, entry->level, entry->napot);
    text_add(&t, " ");
    text_add_flags(&t, entry->flags);
    if (entry->attribute) text_add(&t, entry->attribute == TW_PBMT_NC ? " NC" : " IO");
  }
  memcpy(words, t.bytes, TEXT_BYTES);
}

static bool entries_equal(const tw_mmu_entry *a, const tw_mmu_entry *b) {
  return a->valid == b->valid && a->level == b->level && a->flags == b->flags && a->asid == b->asid &&
         a->napot == b->napot && a->attribute == b->attribute && a->vpn == b->vpn && a->ppn == b->ppn;
}

static void read_entry(tw_wave *wave, const tw_mmu *mmu, unsigned which, unsigned index) {
  wave_tlb *tlb = &wave->next_tlbs[which];
  tw_mmu_entry *known = &wave->entries[which][index], entry;
  if (which == WAVE_SUPER ? !tw_mmu_super_read(mmu, index, &entry)
                          : !tw_mmu_entry_read(mmu, (tw_port)which, index, &entry))
    return;
  const uint64_t bit = (uint64_t)1 << index;
  tlb->valid = entry.valid ? tlb->valid | bit : tlb->valid & ~bit;
  if (entries_equal(known, &entry)) return;
  *known = entry;
  say_entry(wave, known, tlb->words[index]);
}

/* Whether some slot got its outcome. */
static bool has_outcome(const tw_mmu_probe *now, const tw_mmu_probe *next) {
  for (unsigned i = 0; i < now->slot_count; i++) {
    const tw_slot_state before = now->slots[i].state, after = next->slots[i].state;
    if (before != after && before != TW_SLOT_EMPTY && (after == TW_SLOT_EMPTY || after == TW_SLOT_DONE)) return true;
  }
  return false;
}

/* Entries change by a reset, a fence, or the outcome of a miss. */
static void read_entries(tw_wave *wave, const tw_wave_sample *sample) {
  const tw_pins_in *in = sample->in;
  if (wave->begun && in->rst_n && !in->fence.valid && !has_outcome(&wave->registers, &wave->next)) return;
  for (unsigned tlb = 0; tlb < WAVE_TLBS; tlb++) {
    for (unsigned i = 0; i < wave_entries(&wave->config, tlb); i++) read_entry(wave, sample->mmu, tlb, i);
  }
  wave->tlbs_changed = true;
}

/* What was read after the cycle before is what stands in this one. */
static void show_registers(tw_wave *wave) {
  wave->registers = wave->next;
  if (!wave->tlbs_changed) return;
  for (unsigned tlb = 0; tlb < WAVE_TLBS; tlb++) {
    const size_t bytes = offsetof(wave_tlb, words) + wave_entries(&wave->config, tlb) * TEXT_BYTES;
    memcpy(&wave->tlbs[tlb], &wave->next_tlbs[tlb], bytes);
  }
  wave->tlbs_changed = false;
}

/* Without a model the control registers are what the pins make of them (P6, P7). */
static void follow_control(tw_wave *wave, const tw_pins_in *in) {
  const tw_pins_control *write = &in->control;
  tw_mmu_probe *r = &wave->next;
  if (!in->rst_n) {
    *r = (tw_mmu_probe){.privilege = TW_MACHINE};
    return;
  }
  if (!write->valid) return;
  tw_control_state state = {.satp = r->satp};
  const tw_record_control record = {.satp = write->satp,
                                    .privilege = (tw_privilege)write->privilege,
                                    .mpp = (tw_privilege)write->mpp,
                                    .mprv = write->mprv,
                                    .sum = write->sum,
                                    .mxr = write->mxr,
                                    .adue = write->adue,
                                    .pbmte = write->pbmte};
  (void)tw_control_apply(&state, &wave->config, &record);
  *r = (tw_mmu_probe){.satp = state.satp,
                      .privilege = state.privilege,
                      .mprv = state.mprv,
                      .mpp = state.mpp,
                      .sum = state.sum,
                      .mxr = state.mxr,
                      .adue = state.adue,
                      .pbmte = state.pbmte};
}

static void note_marks(tw_wave *wave) {
  if (!wave->shown) wave->first = wave->cycle;
  wave->shown = true;
  if (wave->lane.fault) {
    if (wave->fault_count < WAVE_FAULTS) wave->faults[wave->fault_count] = wave->cycle;
    wave->fault_count++;
  }
  if (wave->lane.difference && !wave->differed) {
    wave->differed = true;
    wave->difference = wave->cycle;
  }
}

void tw_wave_cycle(tw_wave *wave, const tw_wave_sample *sample) {
  wave->cycle = sample->cycle;
  wave->out = *sample->model;
  show_registers(wave);
  if (wave->with_model) {
    tw_mmu_probe_read(sample->mmu, &wave->next);
    read_entries(wave, sample);
    wave->begun = true;
  } else {
    follow_control(wave, sample->in);
  }
  lane_cycle(&wave->lane, sample, &wave->registers, &wave->next);
  if (!sample->hidden) note_marks(wave);
}

void tw_wave_mark(tw_wave *wave, uint64_t cycle) {
  if (wave->differed) return;
  wave->differed = true;
  wave->difference = cycle;
}
