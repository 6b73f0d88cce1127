/* One question to both sides, and whether they answer alike in every respect.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "compare_print.h"

static tw_privilege privilege_of(char privilege) {
  return privilege == 'U' ? TW_USER : privilege == 'S' ? TW_SUPERVISOR : TW_MACHINE;
}

tw_access compare_kind(char kind) {
  return kind == 'f' ? TW_FETCH : kind == 'l' ? TW_LOAD : kind == 's' ? TW_STORE : TW_AMO;
}

static unsigned extensions_of(const naive_hart *hart, const random_machine *machine) {
  const naive_extensions *has = &hart->extensions;
  unsigned implemented = TW_EXT_SVINVAL; /* has no say in a translation */
  if (has->svnapot) implemented |= TW_EXT_SVNAPOT;
  if (has->svpbmt) implemented |= TW_EXT_SVPBMT;
  if (has->svadu) implemented |= TW_EXT_SVADU;
  if (has->svrsw60t59b) implemented |= TW_EXT_SVRSW60T59B;
  if (machine->plain_pmp.smepmp) implemented |= TW_EXT_SMEPMP;
  return tw_extensions_in_force(implemented, has->pbmte, has->adue);
}

tw_context compare_context(const naive_hart *hart, const random_machine *machine, char kind) {
  tw_status status = {.privilege = privilege_of(hart->privilege), .mprv = hart->mprv, .mpp = privilege_of(hart->mpp)};
  bool plain = machine->plain.address_bits == 0 && !machine->pmp_there && !machine->regions_there;
  tw_context context = {.privilege = tw_privilege_effective(&status, compare_kind(kind)),
                        .sum = hart->sum,
                        .mxr = hart->mxr,
                        .xlen = (unsigned)hart->xlen,
                        .extensions = extensions_of(hart, machine),
                        .machine = plain ? NULL : &machine->oracle};
  if (!tw_satp_decode(context.xlen, hart->satp, &context.satp)) fail_msg("satp %" PRIx64 " is refused", hart->satp);
  return context;
}

static bool steps_equal(const tw_walk *walk, const naive_answer *naive) {
  if (walk->step_count != naive->steps) return false;
  for (int i = 0; i < naive->steps; i++) {
    const tw_step *step = &walk->steps[i];
    const naive_step *plain = &naive->step[i];
    if (step->pa != plain->address || step->pte != plain->value || (int)step->level != plain->level ||
        step->bus_error != plain->failed || step->update != plain->swapped || step->lost != plain->lost) {
      return false;
    }
    if (plain->swapped && step->desired != plain->desired) return false;
  }
  return true;
}

static bool answers_equal(const tw_walk *walk, const naive_answer *naive) {
  return walk->reason == naive->reason && (int)walk->cause == naive->mcause && walk->retry == naive->retry &&
         walk->pa == naive->pa && (int)walk->level == naive->level && (int)walk->flags == naive->flags &&
         (int)walk->attribute == naive->attribute && walk->napot == naive->napot;
}

/* Steps that were not made are as they were before: all bytes 0xa5. */
static bool rest_untouched(const tw_walk *walk) {
  for (unsigned i = walk->step_count; i < TW_MAX_STEPS; i++) {
    const unsigned char *bytes = (const unsigned char *)&walk->steps[i];
    for (size_t byte = 0; byte < sizeof walk->steps[i]; byte++) {
      if (bytes[byte] != 0xa5) return false;
    }
  }
  return true;
}

void compare_access(comparison *run, const naive_hart *hart, const naive_access *access) {
  const random_machine *machine = run->machine;
  tw_context context = compare_context(hart, machine, access->kind);
  tw_request request = {.access = compare_kind(access->kind),
                        .va = access->va,
                        .bytes = (unsigned)access->bytes,
                        .speculative = access->speculative};
  tw_table_memory memory = random_memory_for_oracle(&run->oracle_memory);
  naive_memory plain_memory = random_memory_for_naive(&run->naive_memory);
  tw_walk walk;
  memset(&walk, 0xa5, sizeof walk);
  random_memory_clear_record(&run->oracle_memory);
  random_memory_clear_record(&run->naive_memory);
  run->oracle->walk(&context, &request, &memory, &walk);
  naive_answer naive = naive_walk(hart, &machine->plain, access, &plain_memory);
  if (!answers_equal(&walk, &naive) || !steps_equal(&walk, &naive) || !rest_untouched(&walk) ||
      !random_memory_records_equal(&run->oracle_memory, &run->naive_memory) ||
      !random_memory_contents_equal(&run->oracle_memory, &run->naive_memory)) {
    if (run->tell && run->counts->differences == 0) compare_print_access(run, hart, access, &walk, &naive);
    run->counts->differences++;
    run->oracle_memory = run->naive_memory; /* go on from the same content: one difference is not counted again */
  }
  tally_access(run->counts, machine, hart, access, &naive, &run->naive_memory);
}

void compare_difference(comparison *run, const char *what, uint64_t value, unsigned more) {
  if (run->tell && run->counts->differences == 0) {
    print_message("%s: %016" PRIx64 ", %u\n", what, value, more);
    compare_print_machine(run->machine);
  }
  run->counts->differences++;
}

void compare_pmp_write(comparison *run, const random_pmp_write *write) {
  naive_pmp before = run->machine->plain_pmp;
  bool equal = random_machine_write_both(run->oracle, run->machine, write);
  bool changed = memcmp(&before, &run->machine->plain_pmp, sizeof before) != 0;
  run->counts->probes[changed ? TALLY_PROBE_WRITE_CHANGED : TALLY_PROBE_WRITE_IGNORED]++;
  static const char *const names[] = {"write of pmpcfg", "write of pmpaddr", "write of mseccfg"};
  if (!equal) compare_difference(run, names[write->what], write->value, write->index);
}

void compare_pmp_grant(comparison *run, char privilege, char kind, uint64_t first, unsigned bytes) {
  const tw_pmp *pmp = &run->machine->pmp;
  const naive_pmp *plain = &run->machine->plain_pmp;
  bool whole = false, plain_whole = false;
  int index = tw_pmp_match(pmp, first, bytes, &whole);
  int plain_index = naive_pmp_decider(plain, first, (int)bytes, &plain_whole);
  bool granted = tw_pmp_check(pmp, privilege_of(privilege), compare_kind(kind), first, bytes);
  bool plain_granted = naive_pmp_grants(plain, privilege, kind, first, (int)bytes);
  bool same_entry = index == plain_index && (index < 0 || whole == plain_whole);
  if (!same_entry) compare_difference(run, "PMP entry that decides", first, bytes);
  if (same_entry && granted != plain_granted) {
    compare_difference(run, granted ? "PMP grants" : "PMP denies", first, bytes);
  }
  tally_pmp(run->counts, plain, privilege, kind, first, (int)bytes);
}

void compare_region(comparison *run, uint64_t first, unsigned bytes) {
  const tw_pma_table *table = &run->machine->regions;
  const tw_pma *found = tw_pma_find(table, first, bytes);
  int plain = naive_region_of(&run->machine->plain, first, (int)bytes);
  if ((found ? (int)(found - table->region) : -1) != plain) compare_difference(run, "region", first, bytes);
}

void compare_satp(comparison *run, int xlen, uint64_t satp) {
  const naive_scheme *scheme = naive_scheme_of(xlen, satp);
  const tw_satp before = {.mode = TW_MODE_COUNT, .asid = 0x5a5a, .root_ppn = 0x5a5a};
  tw_satp decoded = before;
  bool taken = tw_satp_decode((unsigned)xlen, satp, &decoded);
  naive_bits bits = naive_bits_of(satp, xlen);
  bool equal = taken == (scheme != NULL);
  if (scheme) {
    bool bare = scheme->levels == 0;
    uint64_t asid = bare ? 0 : (uint64_t)naive_bits_value(&bits, scheme->satp, 'A');
    uint64_t root = bare ? 0 : (uint64_t)naive_bits_value(&bits, scheme->satp, 'P');
    unsigned levels = tw_mode_row(decoded.mode) ? tw_mode_row(decoded.mode)->levels : 99;
    uint64_t again = bare ? 0 : (uint64_t)naive_bits_number(&bits);
    equal = equal && (int)levels == scheme->levels && decoded.asid == asid && decoded.root_ppn == root &&
            tw_satp_encode(&decoded) == again;
  } else {
    equal = equal && memcmp(&decoded, &before, sizeof before) == 0;
  }
  if (!equal) compare_difference(run, "satp", satp, (unsigned)xlen);
}
