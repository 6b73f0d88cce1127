/* The oracle against the naive translator: millions of random accesses over random page tables, equal in every respect.
 *
 *   test_spec_random [--seed N] [--count N]     N accesses; a failure prints the command that repeats it
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "naive.h"
#include "random_tables.h"
#include "twinwalk/spec.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ACCESSES_PER_WORLD 8u
#define DEFAULT_COUNT 4000000u
#define BROKEN_COUNT 40000u /* accesses in which a broken oracle must be found out */
#define LOG_SIZE 16u

/* What stands in for the oracle: itself, or a version that was broken on purpose. */
typedef void (*subject)(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                        tw_walk *walk);

/* A world's memory, with a record of what was read. */
typedef struct logged_memory {
  const random_world *world;
  unsigned count;
  struct {
    uint64_t address, value;
    unsigned bytes;
    bool failed;
  } reads[LOG_SIZE];
} logged_memory;

typedef struct tally {
  uint64_t differences;
  uint64_t reasons[WORLD_KINDS][TW_REASON_COUNT + 1]; /* the last one: no end that the naive translator may have */
  uint64_t leaves[WORLD_KINDS][TW_MAX_LEVELS];        /* granted, by level */
  uint64_t bus_errors[WORLD_KINDS][TW_MAX_LEVELS];    /* by level */
  uint64_t global_by_pointer[WORLD_KINDS];            /* granted, G in a pointer and not in the leaf */
} tally;

typedef struct run_options {
  uint64_t seed;
  uint64_t count;
} run_options;

/* The oracle without PMP, regions and extensions. */
static void oracle_run(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                       tw_walk *walk) {
  const tw_request request = {.access = access, .va = va, .bytes = 1};
  const tw_table_memory memory = {.read = read, .payload = payload};
  tw_walk_run(context, &request, &memory, walk);
}

static bool memory_read(logged_memory *memory, uint64_t address, unsigned bytes, uint64_t *value) {
  bool good = random_world_read(memory->world, address, bytes, value);
  if (memory->count < LOG_SIZE) {
    memory->reads[memory->count].address = address;
    memory->reads[memory->count].value = good ? *value : 0;
    memory->reads[memory->count].bytes = bytes;
    memory->reads[memory->count].failed = !good;
    memory->count++;
  }
  return good;
}

static bool oracle_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  return memory_read(payload, pa, bytes, pte);
}

static bool naive_read(void *memory, uint64_t address, int bytes, uint64_t *value) {
  return memory_read(memory, address, (unsigned)bytes, value);
}

static tw_reason reason_of(naive_end end) {
  switch (end) {
  case NAIVE_TRANSLATED:
    return TW_OK;
  case NAIVE_ADDRESS_TOO_WIDE:
    return TW_REASON_PHYSICAL_RANGE;
  case NAIVE_ADDRESS_NOT_SIGN_EXTENDED:
    return TW_REASON_NOT_CANONICAL;
  case NAIVE_READ_FAILED:
    return TW_REASON_TABLE_BUS_ERROR;
  case NAIVE_V_CLEAR:
    return TW_REASON_INVALID;
  case NAIVE_WRITABLE_NOT_READABLE:
    return TW_REASON_WRITE_ONLY;
  case NAIVE_RESERVED_SET:
    return TW_REASON_RESERVED_BITS;
  case NAIVE_POINTER_WITH_DAU:
    return TW_REASON_POINTER_RESERVED;
  case NAIVE_OUT_OF_LEVELS:
    return TW_REASON_NO_LEAF;
  case NAIVE_SUPERPAGE_MISALIGNED:
    return TW_REASON_MISALIGNED;
  case NAIVE_USER_ON_SUPERVISOR_PAGE:
    return TW_REASON_USER_DENIED;
  case NAIVE_SUPERVISOR_ON_USER_PAGE:
    return TW_REASON_SUPERVISOR_DENIED;
  case NAIVE_NOT_READABLE:
    return TW_REASON_READ_DENIED;
  case NAIVE_NOT_WRITABLE:
    return TW_REASON_WRITE_DENIED;
  case NAIVE_NOT_EXECUTABLE:
    return TW_REASON_EXECUTE_DENIED;
  case NAIVE_A_CLEAR:
    return TW_REASON_ACCESSED_CLEAR;
  case NAIVE_D_CLEAR:
    return TW_REASON_DIRTY_CLEAR;
  }
  return TW_REASON_COUNT;
}

static bool answers_equal(const tw_walk *walk, const naive_result *naive) {
  bool leaf = naive->leaf_level >= 0;
  return walk->reason == reason_of(naive->end) && (int)walk->cause == (naive->mcause < 0 ? 0 : naive->mcause) &&
         walk->pa == naive->pa && walk->level == (leaf ? naive->leaf_level : 0) &&
         walk->flags == (leaf ? naive->leaf_flags : 0) && walk->step_count == naive->reads;
}

/* The same entries, in the same order, and told truly in the walk's steps. The root's level is one below their number
 * in a full walk; levels are the naive translator's count of steps downwards. */
static bool reads_equal(const tw_walk *walk, const logged_memory *oracle, const logged_memory *naive, unsigned levels) {
  if (oracle->count != naive->count || walk->step_count != naive->count) return false;
  for (unsigned i = 0; i < naive->count; i++) {
    const tw_step *step = &walk->steps[i];
    if (oracle->reads[i].address != naive->reads[i].address || oracle->reads[i].bytes != naive->reads[i].bytes) {
      return false;
    }
    if (step->pa != naive->reads[i].address || step->pte != naive->reads[i].value ||
        step->bus_error != naive->reads[i].failed || step->level != levels - 1 - i) {
      return false;
    }
  }
  return true;
}

static tw_context context_of(const random_world *world, const random_access *access) {
  tw_context context = {.privilege = access->privilege == 'U'   ? TW_USER
                                     : access->privilege == 'S' ? TW_SUPERVISOR
                                                                : TW_MACHINE,
                        .sum = access->sum,
                        .mxr = access->mxr,
                        .xlen = (unsigned)world->xlen};
  assert_true(tw_satp_decode(context.xlen, world->satp, &context.satp));
  return context;
}

static tw_access kind_of(char kind) {
  return kind == 'f' ? TW_FETCH : kind == 'l' ? TW_LOAD : kind == 's' ? TW_STORE : TW_AMO;
}

static void difference_print(const random_world *world, const random_access *access, const tw_walk *walk,
                             const naive_result *naive) {
  print_message("satp %016" PRIx64 " xlen %d %c %c sum %d mxr %d va %016" PRIx64 "\n", world->satp, world->xlen,
                access->privilege, access->kind, access->sum, access->mxr, access->va);
  print_message("  oracle: %s, cause %d, pa %" PRIx64 ", level %u, flags %02x, %u reads\n",
                tw_reason_name(walk->reason), (int)walk->cause, walk->pa, walk->level, walk->flags, walk->step_count);
  print_message("  naive:  %s, cause %d, pa %" PRIx64 ", level %d, flags %02x, %d reads\n",
                tw_reason_name(reason_of(naive->end)), naive->mcause, naive->pa, naive->leaf_level,
                (unsigned)naive->leaf_flags & 0xff, naive->reads);
}

static void tally_add(tally *counts, const random_world *world, const naive_result *naive, const logged_memory *memory,
                      unsigned levels) {
  counts->reasons[world->kind][reason_of(naive->end)]++;
  if (naive->end == NAIVE_READ_FAILED) counts->bus_errors[world->kind][levels - memory->count]++;
  if (naive->end != NAIVE_TRANSLATED || naive->leaf_level < 0) return;
  counts->leaves[world->kind][naive->leaf_level]++;
  bool leaf_global = memory->reads[memory->count - 1].value & 0x20;
  counts->global_by_pointer[world->kind] += (naive->leaf_flags & 0x20) && !leaf_global;
}

/* One access through both; counts it, and tells the first difference if it is asked to. */
static void access_compare(subject oracle, const random_world *world, const random_access *access, bool tell,
                           tally *counts) {
  static const unsigned levels[WORLD_KINDS] = {2, 3, 4, 5, 0, 0};
  logged_memory oracle_memory = {.world = world}, naive_memory = {.world = world};
  tw_context context = context_of(world, access);
  tw_walk walk;
  memset(&walk, 0xa5, sizeof walk);
  oracle(&context, kind_of(access->kind), access->va, oracle_read, &oracle_memory, &walk);
  naive_access plain = {.xlen = world->xlen,
                        .satp = world->satp,
                        .privilege = access->privilege,
                        .kind = access->kind,
                        .sum = access->sum,
                        .mxr = access->mxr,
                        .va = access->va};
  naive_result naive = naive_translate(&plain, naive_read, &naive_memory);
  if (!answers_equal(&walk, &naive) || !reads_equal(&walk, &oracle_memory, &naive_memory, levels[world->kind])) {
    if (tell && counts->differences == 0) difference_print(world, access, &walk, &naive);
    counts->differences++;
  }
  tally_add(counts, world, &naive, &naive_memory, levels[world->kind]);
}

static void accesses_compare(subject oracle, const run_options *options, bool tell, tally *counts) {
  uint64_t state = options->seed;
  for (uint64_t done = 0; done < options->count;) {
    random_world world = random_world_make(random_next(&state));
    for (unsigned i = 0; i < ACCESSES_PER_WORLD && done < options->count; i++, done++) {
      random_access access = random_access_make(&world, &state);
      access_compare(oracle, &world, &access, tell, counts);
    }
  }
}

/* Reasons that a kind of world cannot have: RV32 has no sign extension and no reserved bits, and its untranslated
 * addresses always fit; without translation only the address can be wrong. */
static bool reason_possible(int kind, tw_reason reason) {
  if (reason > TW_REASON_PHYSICAL_RANGE) return false; /* there is no extension, no region and no PMP here */
  if (kind == WORLD_BARE32) return reason == TW_OK;
  if (kind == WORLD_BARE64) return reason == TW_OK || reason == TW_REASON_PHYSICAL_RANGE;
  if (kind != WORLD_SV32) return true;
  return reason != TW_REASON_NOT_CANONICAL && reason != TW_REASON_RESERVED_BITS && reason != TW_REASON_PHYSICAL_RANGE;
}

static void tally_print(const tally *counts) {
  print_message("%-18s %9s %9s %9s %9s %9s %9s\n", "", "Sv32", "Sv39", "Sv48", "Sv57", "Bare32", "Bare64");
  for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
    print_message("%-18s", tw_reason_name((tw_reason)reason));
    for (int kind = 0; kind < WORLD_KINDS; kind++) print_message(" %9" PRIu64, counts->reasons[kind][reason]);
    print_message("\n");
  }
}

static void oracle_and_naive_translator_agree_on_every_access(void **state) {
  const run_options *options = *state;
  static tally counts;
  memset(&counts, 0, sizeof counts);
  accesses_compare(oracle_run, options, true, &counts);
  tally_print(&counts);
  if (counts.differences != 0) {
    fail_msg("%" PRIu64 " of %" PRIu64 " accesses differ; repeat: test_spec_random --seed %" PRIu64 " --count %" PRIu64,
             counts.differences, options->count, options->seed, options->count);
  }
  uint64_t least = options->count / 20000;
  for (int kind = 0; kind < WORLD_KINDS; kind++) {
    for (int reason = 0; reason < TW_REASON_COUNT; reason++) {
      bool possible = reason_possible(kind, (tw_reason)reason);
      if (possible) assert_true(counts.reasons[kind][reason] >= least);
      if (!possible) assert_int_equal(counts.reasons[kind][reason], 0);
    }
  }
  for (int kind = WORLD_SV32; kind <= WORLD_SV57; kind++) {
    assert_true(counts.global_by_pointer[kind] >= least);
    for (int level = 0; level < kind + 2; level++) {
      assert_true(counts.leaves[kind][level] >= least);
      assert_true(counts.bus_errors[kind][level] >= least);
    }
  }
}

/* Oracles with one decision broken: each must be told from the naive translator. */

static void mxr_inverted(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                         tw_walk *walk) {
  tw_context broken = *context;
  broken.mxr = !broken.mxr;
  oracle_run(&broken, access, va, read, payload, walk);
}

static void sum_ignored(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                        tw_walk *walk) {
  tw_context broken = *context;
  broken.sum = false;
  oracle_run(&broken, access, va, read, payload, walk);
}

static void amo_as_load(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                        tw_walk *walk) {
  oracle_run(context, access == TW_AMO ? TW_LOAD : access, va, read, payload, walk);
}

static void store_with_load_cause(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                                  void *payload, tw_walk *walk) {
  oracle_run(context, access, va, read, payload, walk);
  if (access == TW_STORE) walk->cause = tw_reason_cause(walk->reason, TW_LOAD);
}

static void machine_translated(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                               void *payload, tw_walk *walk) {
  tw_context broken = *context;
  if (broken.privilege == TW_MACHINE) broken.privilege = TW_SUPERVISOR;
  oracle_run(&broken, access, va, read, payload, walk);
}

static void upper_bits_ignored(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                               void *payload, tw_walk *walk) {
  unsigned width = tw_mode_row(context->satp.mode)->va_bits;
  uint64_t folded = width < 64 ? (uint64_t)((int64_t)(va << (64 - width)) >> (64 - width)) : va;
  oracle_run(context, access, folded, read, payload, walk);
}

static void global_of_pointers_dropped(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                                       void *payload, tw_walk *walk) {
  oracle_run(context, access, va, read, payload, walk);
  bool leaf_global = walk->step_count > 0 && (walk->steps[walk->step_count - 1].pte & TW_PTE_G);
  if (!leaf_global) walk->flags &= (uint8_t)~TW_PTE_G;
}

static void superpage_offset_dropped(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                                     void *payload, tw_walk *walk) {
  oracle_run(context, access, va, read, payload, walk);
  if (walk->level > 0 && walk->reason == TW_OK) walk->pa &= ~(uint64_t)0x1ff000;
}

static void root_read_twice(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read, void *payload,
                            tw_walk *walk) {
  oracle_run(context, access, va, read, payload, walk);
  uint64_t ignored = 0;
  if (walk->step_count > 0) read(payload, walk->steps[0].pa, tw_mode_row(context->satp.mode)->pte_bytes, &ignored);
}

/* A memory in which one bit of every entry reads as another value: the decision on that bit is broken. */
typedef struct altered_memory {
  tw_pte_reader read;
  void *payload;
  uint64_t set;
  uint64_t clear;
} altered_memory;

static bool altered_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const altered_memory *memory = payload;
  bool good = memory->read(memory->payload, pa, bytes, pte);
  if (good) *pte = (*pte | memory->set) & ~memory->clear;
  return good;
}

static void reserved_bits_ignored(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                                  void *payload, tw_walk *walk) {
  altered_memory memory = {.read = read, .payload = payload, .clear = (uint64_t)0x3ff << 54};
  oracle_run(context, access, va, altered_read, &memory, walk);
}

static void accessed_bit_before_user_bit(const tw_context *context, tw_access access, uint64_t va, tw_pte_reader read,
                                         void *payload, tw_walk *walk) {
  oracle_run(context, access, va, read, payload, walk);
  bool also_denied = walk->reason == TW_REASON_USER_DENIED && !(walk->flags & TW_PTE_A);
  if (also_denied) walk->reason = TW_REASON_ACCESSED_CLEAR;
}

static void every_broken_oracle_is_found_out(void **state) {
  const run_options *given = *state;
  static const struct {
    const char *name;
    subject oracle;
  } broken[] = {
      {"MXR inverted", mxr_inverted},
      {"SUM ignored", sum_ignored},
      {"amo judged as a load", amo_as_load},
      {"store reported as a load", store_with_load_cause},
      {"M-mode translated", machine_translated},
      {"upper address bits ignored", upper_bits_ignored},
      {"G of pointers dropped", global_of_pointers_dropped},
      {"offset in a superpage dropped", superpage_offset_dropped},
      {"root read twice", root_read_twice},
      {"reserved bits ignored", reserved_bits_ignored},
      {"A tested before U", accessed_bit_before_user_bit},
  };
  run_options options = {.seed = given->seed, .count = BROKEN_COUNT};
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    static tally counts;
    memset(&counts, 0, sizeof counts);
    accesses_compare(broken[i].oracle, &options, false, &counts);
    print_message("%-30s %6" PRIu64 " of %u accesses differ\n", broken[i].name, counts.differences, BROKEN_COUNT);
    assert_true(counts.differences > 0);
  }
}

static bool options_parse(int argc, char **argv, run_options *options) {
  for (int i = 1; i < argc; i += 2) {
    uint64_t *value = strcmp(argv[i], "--seed") == 0    ? &options->seed
                      : strcmp(argv[i], "--count") == 0 ? &options->count
                                                        : NULL;
    char *end = NULL;
    if (!value || i + 1 == argc) return false;
    *value = strtoull(argv[i + 1], &end, 0);
    if (*argv[i + 1] == '\0' || *end != '\0') return false;
  }
  return options->count > 0;
}

int main(int argc, char **argv) {
  run_options options = {.seed = 1, .count = DEFAULT_COUNT};
  if (!options_parse(argc, argv, &options)) {
    fprintf(stderr, "usage: %s [--seed N] [--count N]\n", argv[0]);
    return 2;
  }
  print_message("seed %" PRIu64 ", %" PRIu64 " accesses; repeat: test_spec_random --seed %" PRIu64 " --count %" PRIu64
                "\n",
                options.seed, options.count, options.seed, options.count);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_prestate(oracle_and_naive_translator_agree_on_every_access, &options),
      cmocka_unit_test_prestate(every_broken_oracle_is_found_out, &options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
