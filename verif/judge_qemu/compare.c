/* Comparing what the guest left in the image with what was predicted, and telling the first differences.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TOLD 12 /* differences that are told in full */

static bool told_out(const judge_tally *tally) {
  return tally->differences > TOLD;
}

static void repeat_tell(const judge_run *run) {
  printf("  repeat: %s --seed %" PRIu64 " --run %u --vectors %u", program_invocation_name, run->seed, run->number,
         run->vectors);
  if (run->broken != JUDGE_SOUND) printf(" --broken %s", judge_broken_name(run->broken));
  printf("\n");
}

static void result_tell(const char *who, const judge_result *result) {
  printf("  %-8s cause %2" PRIu64 "  epc %016" PRIx64 "  tval %016" PRIx64 "  a0 %016" PRIx64 "\n", who, result->cause,
         result->epc, result->tval, result->value);
}

static void walk_tell(const judge_run *run, const judge_try *tried) {
  const tw_walk *walk = &tried->prediction.walk;
  const tw_pmp *pmp = &run->pmps[tried->world];
  for (unsigned i = 0; i < walk->step_count; i++) {
    printf("  level %u  %s at %014" PRIx64 ": %016" PRIx64 "\n", walk->steps[i].level,
           walk->steps[i].update ? "update" : "entry", walk->steps[i].pa, walk->steps[i].pte);
  }
  for (unsigned i = 0; i < JUDGE_PMP_ENTRIES; i++) {
    if (pmp->cfg[i] != 0) printf("  pmp %2u  cfg %02x  addr %014" PRIx64 "\n", i, pmp->cfg[i], pmp->addr[i]);
  }
}

static void try_tell(const judge_run *run, unsigned index, const judge_result *found) {
  const judge_try *tried = &run->tries[index];
  const judge_access *access = &tried->access;
  const judge_plan *plan = &run->plans[tried->world];
  printf("difference in run %u (%s), vector %u, world %u\n", run->number, run->variant->name, index, tried->world);
  printf("  %s %s%s of %u bytes at %016" PRIx64 ", %s, MPRV %d, MPP %s, SUM %d, MXR %d, PBMTE %d\n",
         tw_mode_row(plan->mode)->name, tw_access_name(access->kind),
         tried->prediction.of_stub ? " (its stub cannot be fetched)" : "", access->bytes, access->va,
         tw_privilege_name(access->status.privilege), access->status.mprv, tw_privilege_name(access->status.mpp),
         access->sum, access->mxr, plan->pbmte);
  printf("  the oracle says %s, address %" PRIx64 "; known deviation: %s\n",
         tw_reason_name(tried->prediction.walk.reason), tried->prediction.walk.pa,
         judge_deviation_text(tried->prediction.deviation));
  result_tell("expected", &tried->prediction.result);
  result_tell("QEMU", found);
  uint64_t reached;
  uint64_t shown = access->kind == TW_FETCH ? found->tval : found->value;
  if (judge_frame_find((uint32_t)shown, &reached)) printf("  QEMU reached %" PRIx64 "\n", reached);
  walk_tell(run, tried);
  repeat_tell(run);
}

static void try_count(judge_tally *tally, const judge_run *run, const judge_try *tried) {
  const judge_access *access = &tried->access;
  const judge_prediction *prediction = &tried->prediction;
  if (prediction->deviation != JUDGE_AGREES) {
    tally->excluded[prediction->deviation]++;
    return;
  }
  tally->checked++;
  tally->modes[run->variant->xlen == 64][run->plans[tried->world].mode][prediction->walk.reason]++;
  tally->kinds[prediction->access.kind][prediction->walk.reason]++;
  tally->standings[judge_standing(&access->status)][prediction->walk.reason]++;
  for (unsigned i = 0; i < 4; i++) tally->widths[i] += access->bytes == 1u << i;
  tally->misaligned += access->va % access->bytes != 0;
}

static void results_compare(judge_run *run, judge_tally *tally) {
  const judge_result *results = (const judge_result *)(void *)judge_ram_at(run->image->ram, JUDGE_RESULTS, 1);
  for (unsigned i = 0; i < run->try_count; i++) {
    try_count(tally, run, &run->tries[i]);
    const judge_prediction *prediction = &run->tries[i].prediction;
    bool explained = prediction->deviation != JUDGE_DEVIATION_UNKNOWN;
    if (explained && memcmp(&results[i], &prediction->result, sizeof results[i]) == 0) continue;
    tally->differences++;
    if (!told_out(tally)) try_tell(run, i, &results[i]);
  }
}

static void register_compare(judge_tally *tally, const judge_run *run, unsigned world, const char *name, unsigned index,
                             uint64_t expected, uint64_t found) {
  tally->registers++;
  if (expected == found) return;
  tally->differences++;
  if (told_out(tally)) return;
  printf("difference in run %u (%s), world %u: %s%u reads %016" PRIx64 ", expected %016" PRIx64 "\n", run->number,
         run->variant->name, world, name, index, found, expected);
  repeat_tell(run);
}

static void registers_compare(judge_run *run, judge_tally *tally) {
  const judge_world *worlds = (const judge_world *)(void *)judge_ram_at(run->image->ram, JUDGE_WORLDS, 1);
  for (unsigned w = 0; w < run->world_count; w++) {
    const judge_world *world = &worlds[w];
    register_compare(tally, run, w, "satp", 0, run->plans[w].satp, world->satp_read);
    for (unsigned i = 0; i < JUDGE_PMP_ENTRIES; i++) {
      register_compare(tally, run, w, "pmpcfg", i, run->pmps[w].cfg[i], world->pmpcfg_read[i]);
      register_compare(tally, run, w, "pmpaddr", i, tw_pmp_read_addr(&run->pmps[w], i), world->pmpaddr_read[i]);
    }
  }
}

/* Every page table and every frame, after all that was tried: A and D as they should be, and each store in its place
 * and in no other. */
static void memory_compare(judge_run *run, judge_tally *tally) {
  for (uint64_t pa = JUDGE_TABLES; pa < JUDGE_FRAMES_END; pa += 8) {
    uint64_t expected, found;
    memcpy(&expected, judge_ram_at(run->image->expected, pa, 8), 8);
    memcpy(&found, judge_ram_at(run->image->ram, pa, 8), 8);
    tally->words++;
    if (expected == found) continue;
    tally->differences++;
    if (told_out(tally)) continue;
    printf("difference in run %u (%s): %s at %" PRIx64 " holds %016" PRIx64 ", expected %016" PRIx64 "\n", run->number,
           run->variant->name, pa < JUDGE_FRAMES ? "page table" : "frame", pa, found, expected);
    repeat_tell(run);
  }
}

void judge_run_compare(judge_run *run, judge_tally *tally) {
  results_compare(run, tally);
  registers_compare(run, tally);
  memory_compare(run, tally);
}
