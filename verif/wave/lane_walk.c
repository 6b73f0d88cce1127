/* The lane's rows of walkers: whose walk, which level, what the entry is, and what came of it.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "lane.h"

#include <stddef.h>

static bool is_cancelled(const tw_pins_in *in, const tw_mmu_slot *slot) {
  const tw_pins_request *pins = slot->port == TW_PORT_FETCH ? &in->fetch : &in->data;
  return pins->cancel_valid && pins->cancel_tag == slot->tag;
}

/* What ends the walk in this very cycle, whatever the memory answers; NULL if nothing does. */
static const char *killer(const tw_mmu_walker *walker, const tw_pins_in *in, const tw_mmu_probe *now,
                          const tw_mmu_probe *next) {
  if (walker->killed) return "killed before";
  if (!in->rst_n) return "reset";
  if (is_cancelled(in, &now->slots[walker->owner])) return "killed by a cancel";
  if (next->satp != now->satp) return "killed by satp";
  if (in->fence.valid && next->slots[walker->owner].state == TW_SLOT_WAITING) return "killed by a fence";
  return NULL;
}

static tw_context context_of(const lane *l, const tw_mmu_probe *now, const tw_mmu_slot *slot) {
  tw_context context = {
      .privilege = (tw_privilege)slot->privilege,
      .sum = slot->sum,
      .mxr = slot->mxr,
      .xlen = l->xlen,
      .extensions = tw_extensions_in_force(l->config->extensions, slot->pbmte, slot->adue),
  };
  (void)tw_satp_decode(l->xlen, now->satp, &context.satp); /* a stored satp has a supported MODE (M1) */
  return context;
}

/* What the entry is to the owner: TW_OK, or why it is denied; *due if A or D has to be set. */
static tw_reason leaf_reason(const tw_context *context, const tw_mmu_slot *slot, const tw_pte_view *view, bool *due) {
  const tw_access access = (tw_access)slot->kind;
  tw_reason reason = tw_permission_check(view->flags, access, context);
  if (reason != TW_OK) return reason;
  reason = tw_accessed_dirty_check(view->flags, access);
  *due = reason != TW_OK && context->extensions & TW_EXT_SVADU;
  return *due ? TW_OK : reason;
}

static void add_fault(text *t, tw_reason reason) {
  text_add(t, "FAULT ");
  text_add(t, tw_reason_name(reason));
}

/* "table 80002000, pte 20000801", "leaf 80123000 4K DA-U-WRV, ...", "FAULT dirty-clear, leaf 80123000 4K -A-U-WRV" */
static void say_entry(const lane *l, text *t, uint64_t pte, const tw_mmu_walker *walker, const tw_mmu_probe *now) {
  const tw_mmu_slot *slot = &now->slots[walker->owner];
  const tw_context context = context_of(l, now, slot);
  const tw_mode mode = context.satp.mode == TW_BARE ? l->config->mode : context.satp.mode;
  const tw_pte_view view = tw_pte_decode(mode, context.extensions, pte, walker->level);
  bool due = false;
  const tw_reason reason = view.kind == TW_PTE_LEAF ? leaf_reason(&context, slot, &view, &due) : TW_OK;
  if (reason != TW_OK) {
    add_fault(t, reason);
    text_add(t, ", ");
  }
  if (due) text_add(t, slot->speculative ? "RETRY, " : "update due, ");
  text_add_pte(t, mode, &view, walker->level);
  text_add(t, ", pte ");
  text_add_hex(t, pte);
  if (reason != TW_OK || view.kind == TW_PTE_FAULT) text_mark(t, LANE_FAULT_COLOUR);
}

/* "data L2 ", "fetch.1 L2 ": whose walk, and the slot's number where the port has several. */
static void begin_step(const lane *l, text *t, const tw_mmu_walker *walker, const tw_mmu_probe *now) {
  const bool fetch = now->slots[walker->owner].port == TW_PORT_FETCH;
  text_clear(t);
  text_add(t, fetch ? "fetch" : "data");
  if ((fetch ? l->config->fetch_slots : l->config->data_slots) > 1) {
    text_add(t, ".");
    text_add_number(t, fetch ? walker->owner - l->config->data_slots : walker->owner);
  }
  text_add(t, " L");
  text_add_number(t, walker->level);
  text_add(t, " ");
}

static void say_again(text *t, const char *what, const char *why) {
  text_add(t, what);
  text_add(t, why);
  text_mark(t, LANE_AGAIN_COLOUR);
}

/* The answer to the walker's request is here. */
static void answer_say(const lane *l, text *t, unsigned number, const tw_wave_sample *sample, const tw_mmu_probe *now,
                       const tw_mmu_probe *next) {
  const tw_mmu_walker *walker = &now->walkers[number];
  const tw_pins_memory_in *mem = &sample->in->mem;
  const bool update = walker->state == TW_WALKER_UPDATE_WAIT;
  const char *why = killer(walker, sample->in, now, next);
  begin_step(l, t, walker, now);
  if (why) {
    say_again(t, "thrown away, ", why);
  } else if (mem->rsp_error) {
    add_fault(t, update ? TW_REASON_UPDATE_BUS_ERROR : TW_REASON_TABLE_BUS_ERROR);
    text_mark(t, LANE_FAULT_COLOUR);
  } else if (!update) {
    say_entry(l, t, mem->rsp_data, walker, now);
  } else if (next->walkers[number].state == TW_WALKER_REQUEST) {
    say_again(t, "update lost, pte ", "");
    text_add_hex(t, mem->rsp_data);
  } else {
    text_add(t, "updated, pte ");
    text_add_hex(t, next->walkers[number].entry);
  }
}

/* A step's text stands until the next step is told: the requests in between are told by the memory's lane. */
void lane_walk_cycle(lane *l, unsigned number, const tw_wave_sample *sample, const tw_mmu_probe *now,
                     const tw_mmu_probe *next) {
  text *t = &l->walker[number];
  const tw_mmu_walker *walker = &now->walkers[number], *after = &next->walkers[number];
  const bool waits = walker->state == TW_WALKER_WAIT || walker->state == TW_WALKER_UPDATE_WAIT;
  const bool asks = walker->state == TW_WALKER_REQUEST || walker->state == TW_WALKER_UPDATE;
  const bool begins = asks && !l->walking[number];
  l->walking[number] = walker->state != TW_WALKER_IDLE;
  if (!l->walking[number]) {
    text_linger(t);
  } else if (begins) {
    begin_step(l, t, walker, now);
    text_add(t, "walk begins");
  } else if (waits && sample->in->mem.rsp_valid && sample->in->mem.rsp_id / 2u == number) {
    answer_say(l, t, number, sample, now, next);
  } else if (walker->state == TW_WALKER_DECIDE && (after->state != TW_WALKER_DECIDE || after->owner != walker->owner)) {
    begin_step(l, t, walker, now);
    if (walker->reason) add_fault(t, (tw_reason)walker->reason);
    if (walker->reason) text_mark(t, LANE_FAULT_COLOUR);
    if (!walker->reason) say_entry(l, t, walker->entry, walker, now);
  }
  if (after->state != TW_WALKER_IDLE && after->attached & ~walker->attached && l->walking[number])
    text_add(t, " +merge");
}
