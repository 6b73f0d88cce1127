/* What the collector's files share: the registers of this cycle, the requests in flight, and the walks.
 *
 * A cycle t is seen twice. In `before` the model's registers are those of cycle t, and entries can still be read; in
 * `after` its outputs are known, and everything that happened in t is counted.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_COVERAGE_INTERNAL_H
#define TWINWALK_COVERAGE_INTERNAL_H

#include "coverage.h"
#include "points.h"

#define TAGS (1u << TW_TAG_BITS)
#define READS 4096u /* page-table entries whose last value is remembered; a power of two */

/* Counts a point: the family's name without POINT_, then its fields. */
#define COVER(coverage, ...) tally_add((coverage)->tally, (const point_key){__VA_ARGS__})

/* The leaf that an access met in a structure. */
typedef struct coverage_leaf {
  bool found;
  bool napot;
  uint8_t level;
  uint8_t flags;
  uint8_t attribute;
  uint64_t ppn;
} coverage_leaf;

/* A request that is not answered. */
typedef struct coverage_flight {
  bool open;
  bool translated;   /* neither Bare nor M-mode */
  bool canonical;    /* or untranslated */
  bool wants_update; /* an entry of a TLB was there, and D is clear */
  bool pmp_written;  /* a PMP register was written since the last fence x0, x0 */
  bool speculative;
  uint8_t kind, size;
  uint8_t mode;
  uint64_t va;
  tw_context context;
  coverage_leaf leaf[3]; /* by structure: walk, l1, l2 */
} coverage_flight;

/* What the lookup of a port's TLB finds for the request on its pins. */
typedef struct coverage_lookup {
  bool matched;
  unsigned index; /* the lowest that matches */
  unsigned count; /* entries that match */
  bool other;     /* an entry of the page and another ASID was passed over */
  tw_mmu_entry entry;
} coverage_lookup;

/* A walk, beyond what the walker's registers say. */
typedef struct coverage_walk {
  unsigned reads;
  bool lost;  /* its update found another entry, which was not decided yet */
  bool fresh; /* read an entry that was another one when it was last read, with no fence since */
  bool valid; /* and that was not valid then */
} coverage_walk;

/* An entry of a page table as a walk last read it. */
typedef struct coverage_read {
  uint64_t pa, entry;
  uint64_t fences; /* how many had been accepted then */
} coverage_read;

struct tw_coverage {
  tw_config config;
  const tw_mode_info *row; /* of the deepest mode */
  uint64_t vpn_mask;
  unsigned xlen;
  tally *tally;
  const tw_table_memory *tables;
  uint64_t cycle;
  bool reset;            /* the registers are those of reset, whatever came before */
  tw_mmu_probe now;      /* the registers of this cycle */
  tw_mmu_probe previous; /* of the cycle before */
  tw_pmp pmp;            /* of this cycle */
  bool pmp_changes;
  tw_machine machine;
  coverage_flight flights[TW_PORT_COUNT][TAGS];
  unsigned open; /* flights */
  coverage_lookup lookups[TW_PORT_COUNT];
  coverage_walk walks[TW_MAX_WALKERS];
  uint8_t killed;                                     /* walkers that are killed in this cycle */
  uint8_t order[16];                                  /* ids of page-table requests, the oldest first */
  unsigned order_count;                               /* */
  uint64_t filled[TW_PORT_COUNT][TW_MAX_TLB_ENTRIES]; /* cycle in which an entry was */
  bool fills[TW_PORT_COUNT];                          /* an entry was filled in the cycle before */
  uint64_t fill_vpn[TW_PORT_COUNT];                   /* for this page */
  uint64_t changed[BIT_COUNT];                        /* cycle in which a control bit last changed; 0: never */
  coverage_read reads[READS];
  uint64_t fences;   /* with effect, accepted */
  bool pmp_written;  /* since the last fence x0, x0 */
  bool asid_cut;     /* the satp in force was written with ASID bits that are not implemented */
  unsigned sequence; /* of SFENCE.W.INVAL (1), SINVAL.VMA (2) so far */
  bool fence_open;   /* a fence was accepted, and was not seen to be done */
};

/* lookup.c */
uint64_t coverage_vpn(const tw_coverage *coverage, uint64_t va);
/* ASID of satp, as stored. */
unsigned coverage_asid(const tw_coverage *coverage, uint64_t satp);
/* Whether the VPN fields at or above the entry's level are equal. */
bool coverage_same_page(const tw_coverage *coverage, const tw_mmu_entry *entry, uint64_t vpn);
unsigned coverage_size(const tw_coverage *coverage, unsigned level, bool napot);
/* The lookups of this cycle, those decided in the last one, and when entries were filled. */
void coverage_lookups(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_in *in);
coverage_flight *coverage_slot_flight(tw_coverage *coverage, const tw_mmu_slot *slot);

/* answers.c */
void coverage_answer(tw_coverage *coverage, coverage_flight *flight, const tw_pins_response *response);
void coverage_request(tw_coverage *coverage, coverage_flight *flight, const tw_pins_request *request,
                      const coverage_lookup *lookup);

/* entries.c */
void coverage_entry_fault(tw_coverage *coverage, uint64_t entry, unsigned level, tw_reason reason, bool pbmte);
void coverage_entry_used(tw_coverage *coverage, uint64_t entry, const tw_pte_view *view, unsigned level, bool pbmte);

/* walks.c */
void coverage_walks(tw_coverage *coverage, const tw_pins_in *in, const tw_pins_out *out);
void coverage_walks_begin(tw_coverage *coverage);

/* updates.c */
void coverage_update_made(tw_coverage *coverage, const tw_mmu_walker *walker, coverage_flight *flight);
void coverage_update_reread(tw_coverage *coverage, const tw_pte_view *view, tw_reason denied);
void coverage_update_refused(tw_coverage *coverage, uint64_t entry, tw_reason reason, const tw_mmu_slot *slot);

/* fences.c */
/* Whether the MMU takes a fence in this cycle (M11). */
bool coverage_fence_ready(const tw_coverage *coverage);
bool coverage_fence_has_effect(const tw_coverage *coverage, const tw_pins_fence *fence);
bool coverage_fence_walker(const tw_coverage *coverage, const tw_pins_fence *fence, const tw_mmu_walker *walker);
void coverage_fence(tw_coverage *coverage, const tw_mmu *mmu, const tw_pins_in *in);

/* pmp.c */
void coverage_pmp_access(tw_coverage *coverage, const coverage_flight *flight, uint64_t pa, bool denied);
void coverage_pmp_write(tw_coverage *coverage, const tw_pins_pmp *write);
void coverage_pmp_reset(tw_coverage *coverage);

/* control.c */
void coverage_control(tw_coverage *coverage, const tw_pins_control *write);
/* Whether a control write changes satp. */
bool coverage_satp_changes(const tw_coverage *coverage, const tw_pins_control *write);
void coverage_control_hit(tw_coverage *coverage, tw_port port, unsigned index);

#endif
