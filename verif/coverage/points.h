/* The names of the functional points, as families with fields, and their tally.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_COVERAGE_POINTS_H
#define TWINWALK_COVERAGE_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinwalk/error.h"

/* A family and its name; a letter after % is a field:
 *   %m mode   %s size   %a access   %p privilege   %o outcome   %e how an answer ended   %t structure   %r reason
 *   %n number   %k kind of fence   %f form of fence   %u why untranslated   %c control bit   %b what killed a walk
 *   %x four digits (L, R, W, X) */
#define COVERAGE_POINTS(POINT)                                                                                         \
  POINT(TRANSLATE, "translate.%m.%s.%a.%p.%o.%t")                                                                      \
  POINT(UNTRANSLATED, "untranslated.%u.%a.%o")                                                                         \
  POINT(ACCESS, "access.%a.%p.%e")                                                                                     \
  POINT(ACCESS_SIZE, "access.size.%n")                                                                                 \
  POINT(ACCESS_SIZE_OTHER, "access.size.other")                                                                        \
  POINT(ACCESS_MISALIGNED, "access.misaligned")                                                                        \
  POINT(CANONICAL_LOWER, "canonical.%m.lower")                                                                         \
  POINT(CANONICAL_UPPER, "canonical.%m.upper")                                                                         \
  POINT(CANONICAL_OUTSIDE, "canonical.%m.outside")                                                                     \
  POINT(CANONICAL_BIT, "canonical.%m.%n")                                                                              \
  POINT(FAULT, "fault.%r.%a")                                                                                          \
  POINT(WALK_FAULT_MODE, "walk.fault.%r.%m")                                                                           \
  POINT(WALK_FAULT_LEVEL, "walk.fault.%r.level%n")                                                                     \
  POINT(HIT_FAULT, "hit.fault.%r.%t")                                                                                  \
  POINT(WALK_STEPS, "walk.steps.%m.%n")                                                                                \
  POINT(WALK_GLOBAL_POINTER, "walk.global.pointer")                                                                    \
  POINT(WALK_GLOBAL_LEAF, "walk.global.leaf")                                                                          \
  POINT(WALK_CACHE, "walk.cache.%m.level%n")                                                                           \
  POINT(WALK_MERGE, "walk.merge")                                                                                      \
  POINT(WALK_PARALLEL, "walk.parallel.%n")                                                                             \
  POINT(WALK_ORDER, "walk.order")                                                                                      \
  POINT(WALK_KILLED, "walk.killed.%b.level%n")                                                                         \
  POINT(WALK_DURING, "walk.during.%c")                                                                                 \
  POINT(RETRY, "retry.%a")                                                                                             \
  POINT(AD_SVADE_A, "ad.svade.a.%a")                                                                                   \
  POINT(AD_SVADE_D, "ad.svade.d.%a")                                                                                   \
  POINT(AD_UPDATE_A, "ad.update.a.%a")                                                                                 \
  POINT(AD_UPDATE_D, "ad.update.d.%a")                                                                                 \
  POINT(AD_UPDATE_AD, "ad.update.ad.%a")                                                                               \
  POINT(AD_UPDATE_LEVEL, "ad.update.level%n")                                                                          \
  POINT(AD_UPDATE_NAPOT, "ad.update.napot")                                                                            \
  POINT(AD_HIT, "ad.hit")                                                                                              \
  POINT(AD_LOST, "ad.lost")                                                                                            \
  POINT(AD_LOST_INVALID, "ad.lost.invalid")                                                                            \
  POINT(AD_LOST_POINTER, "ad.lost.pointer")                                                                            \
  POINT(AD_LOST_DENIED, "ad.lost.denied")                                                                              \
  POINT(AD_LOST_SAME_LEAF, "ad.lost.same-leaf")                                                                        \
  POINT(AD_DENIED, "ad.denied.%r")                                                                                     \
  POINT(AD_REFUSED, "ad.refused.%r")                                                                                   \
  POINT(AD_SPECULATIVE, "ad.speculative")                                                                              \
  POINT(NAPOT_VALID, "napot.%m.valid")                                                                                 \
  POINT(NAPOT_PATTERN, "napot.%m.reserved-pattern")                                                                    \
  POINT(NAPOT_LEVEL, "napot.%m.reserved-level")                                                                        \
  POINT(NAPOT_HIT, "napot.hit.%t")                                                                                     \
  POINT(NAPOT_OFF, "napot.off")                                                                                        \
  POINT(PBMT_OFF, "pbmt.off")                                                                                          \
  POINT(RSW60T59B_OFF, "rsw60t59b.off")                                                                                \
  POINT(PBMT, "pbmt.%n.%s")                                                                                            \
  POINT(POINTER_D, "pointer.d")                                                                                        \
  POINT(POINTER_A, "pointer.a")                                                                                        \
  POINT(POINTER_U, "pointer.u")                                                                                        \
  POINT(POINTER_N, "pointer.n")                                                                                        \
  POINT(POINTER_PBMT, "pointer.pbmt")                                                                                  \
  POINT(RSW_LOW, "rsw.low")                                                                                            \
  POINT(RSW_HIGH, "rsw.high")                                                                                          \
  POINT(PMP_MATCH_OFF, "pmp.match.off")                                                                                \
  POINT(PMP_MATCH_TOR, "pmp.match.tor")                                                                                \
  POINT(PMP_MATCH_TOR0, "pmp.match.tor0")                                                                              \
  POINT(PMP_MATCH_NA4, "pmp.match.na4")                                                                                \
  POINT(PMP_MATCH_NAPOT, "pmp.match.napot")                                                                            \
  POINT(PMP_MATCH_NONE, "pmp.match.none")                                                                              \
  POINT(PMP_DECIDED, "pmp.%o.%a.%p")                                                                                   \
  POINT(PMP_NONE, "pmp.none.%p")                                                                                       \
  POINT(PMP_PARTIAL, "pmp.partial")                                                                                    \
  POINT(PMP_PRIORITY, "pmp.priority")                                                                                  \
  POINT(PMP_LOCKED, "pmp.locked.m.%o")                                                                                 \
  POINT(PMP_TABLE, "pmp.table.%o")                                                                                     \
  POINT(PMP_UPDATE, "pmp.update.%o")                                                                                   \
  POINT(PMP_WRITE_CFG, "pmp.write.cfg")                                                                                \
  POINT(PMP_WRITE_ADDR, "pmp.write.addr")                                                                              \
  POINT(PMP_WRITE_LOCKED_CFG, "pmp.write.locked-cfg")                                                                  \
  POINT(PMP_WRITE_LOCKED_ADDR, "pmp.write.locked-addr")                                                                \
  POINT(PMP_WRITE_BELOW_TOR, "pmp.write.locked-below-tor")                                                             \
  POINT(PMP_WRITE_RESERVED, "pmp.write.reserved-rw")                                                                   \
  POINT(PMP_WRITE_NA4_GRAIN, "pmp.write.na4-grain")                                                                    \
  POINT(PMP_WRITE_BEYOND, "pmp.write.beyond")                                                                          \
  POINT(PMP_GRAIN_TOR, "pmp.grain.tor")                                                                                \
  POINT(PMP_GRAIN_NAPOT, "pmp.grain.napot")                                                                            \
  POINT(PMP_FENCE, "pmp.fence")                                                                                        \
  POINT(PMP_STALE, "pmp.stale")                                                                                        \
  POINT(PMP_RESET, "pmp.reset")                                                                                        \
  POINT(MML_M, "mml.%x.m.%a.%o")                                                                                       \
  POINT(MML_SU, "mml.%x.su.%a.%o")                                                                                     \
  POINT(MML_SET, "mseccfg.mml-set")                                                                                    \
  POINT(MML_STICKY, "mseccfg.mml-sticky")                                                                              \
  POINT(MMWP_SET, "mseccfg.mmwp-set")                                                                                  \
  POINT(MMWP_STICKY, "mseccfg.mmwp-sticky")                                                                            \
  POINT(MMWP_DENIED, "mseccfg.mmwp-denied")                                                                            \
  POINT(RLB_SET, "mseccfg.rlb-set")                                                                                    \
  POINT(RLB_CLEARED, "mseccfg.rlb-cleared")                                                                            \
  POINT(RLB_REFUSED, "mseccfg.rlb-refused")                                                                            \
  POINT(RLB_WRITE, "mseccfg.rlb-write")                                                                                \
  POINT(X_REFUSED, "mseccfg.x-refused")                                                                                \
  POINT(X_RLB, "mseccfg.x-rlb")                                                                                        \
  POINT(PMA_MAIN, "pma.main")                                                                                          \
  POINT(PMA_IO, "pma.io")                                                                                              \
  POINT(PMA_VACANT, "pma.vacant")                                                                                      \
  POINT(PMA_STRADDLE, "pma.straddle")                                                                                  \
  POINT(PMA_TABLE_DENIED, "pma.table-denied")                                                                          \
  POINT(PMA_UPDATE_DENIED, "pma.update-denied")                                                                        \
  POINT(RANGE_FINAL, "range.final")                                                                                    \
  POINT(RANGE_TABLE, "range.table")                                                                                    \
  POINT(RANGE_BARE, "range.bare")                                                                                      \
  POINT(FENCE, "fence.%k.%f.%t")                                                                                       \
  POINT(FENCE_KEPT_GLOBAL, "fence.%k.%f.kept.global")                                                                  \
  POINT(FENCE_KEPT_ASID, "fence.%k.%f.kept.asid")                                                                      \
  POINT(FENCE_KEPT_VA, "fence.%k.%f.kept.va")                                                                          \
  POINT(FENCE_SIZE, "fence.size.%s")                                                                                   \
  POINT(FENCE_INVALID_VA, "fence.invalid-va.%k")                                                                       \
  POINT(FENCE_ASID_BITS, "fence.asid-bits")                                                                            \
  POINT(FENCE_W_INVAL, "fence.w-inval")                                                                                \
  POINT(FENCE_INVAL_IR, "fence.inval-ir")                                                                              \
  POINT(FENCE_SEQUENCE, "fence.sequence")                                                                              \
  POINT(FENCE_OUTSTANDING, "fence.outstanding")                                                                        \
  POINT(FENCE_IDLE, "fence.cycle.idle")                                                                                \
  POINT(FENCE_REQUEST, "fence.cycle.request")                                                                          \
  POINT(FENCE_WAIT, "fence.cycle.wait")                                                                                \
  POINT(FENCE_ANSWER, "fence.cycle.answer")                                                                            \
  POINT(STALE_USED, "stale.used")                                                                                      \
  POINT(STALE_FRESH, "stale.fresh")                                                                                    \
  POINT(SVVPTC_SEEN, "svvptc.seen")                                                                                    \
  POINT(CONTROL, "control.%c")                                                                                         \
  POINT(SATP_MODE, "control.satp.mode")                                                                                \
  POINT(SATP_TO_BARE, "control.satp.to-bare")                                                                          \
  POINT(SATP_FROM_BARE, "control.satp.from-bare")                                                                      \
  POINT(SATP_ASID, "control.satp.asid")                                                                                \
  POINT(SATP_PPN, "control.satp.ppn")                                                                                  \
  POINT(SATP_SAME, "control.satp.same")                                                                                \
  POINT(SATP_UNSUPPORTED, "control.satp.unsupported")                                                                  \
  POINT(SATP_ASID_BITS, "control.satp.asid-bits")                                                                      \
  POINT(MPRV, "mprv.%p.%a")                                                                                            \
  POINT(SUM, "sum.%n.%a.%o")                                                                                           \
  POINT(MXR, "mxr.%n.%o")                                                                                              \
  POINT(ASID_OTHER, "asid.other")                                                                                      \
  POINT(ASID_GLOBAL, "asid.global")                                                                                    \
  POINT(ASID_WIDTH, "asid.width")                                                                                      \
  POINT(TLB_EVICT, "tlb.evict.%t")                                                                                     \
  POINT(TLB_SEVERAL, "tlb.several")                                                                                    \
  POINT(BUS_ERROR, "bus-error.level%n")

#define COVERAGE_POINT_NUMBER(name, text) POINT_##name,
typedef enum coverage_point { POINT_NONE = 0, COVERAGE_POINTS(COVERAGE_POINT_NUMBER) POINT_COUNT } coverage_point;

/* Values of fields that no public header numbers. */
enum { SIZE_4K, SIZE_64K, SIZE_2M, SIZE_4M, SIZE_1G, SIZE_512G, SIZE_256T };
enum { GRANTED, DENIED };
enum { END_TRANSLATED, END_PAGE_FAULT, END_ACCESS_FAULT, END_RETRY };
enum { STRUCTURE_WALK, STRUCTURE_L1, STRUCTURE_L2, STRUCTURE_WALKCACHE };
enum { WHY_BARE_U, WHY_BARE_S, WHY_MACHINE };
enum { FORM_ALL, FORM_VA, FORM_ASID, FORM_VA_ASID };
enum { BIT_PRIVILEGE, BIT_MPRV, BIT_MPP, BIT_SUM, BIT_MXR, BIT_ADUE, BIT_PBMTE, BIT_COUNT, BIT_PMP = BIT_COUNT };
enum { BY_FENCE, BY_SATP, BY_CANCEL, BY_RESET };

#define POINT_FIELDS 7u /* at most, of a family */

/* A point: its family, then the fields in the order of the name. */
typedef unsigned point_key[POINT_FIELDS + 1];

typedef struct tally tally;

tally *tally_open(void); /* NULL if memory is out */
void tally_close(tally *counts);
void tally_add(tally *counts, const point_key key);
uint64_t tally_count(const tally *counts, const char *name);
bool tally_write(const tally *counts, const char *path, tw_error *error);

#endif
