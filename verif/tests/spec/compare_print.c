/* A difference, for a person.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "compare_print.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void compare_print_machine(const random_machine *machine) {
  print_message("  machine: RV%d, %u physical bits\n", machine->xlen, machine->width);
  for (unsigned i = 0; i < machine->regions.count; i++) {
    const tw_pma *region = &machine->regions.region[i];
    print_message("    region %014" PRIx64 ", 2^%u bytes%s%s\n", region->base, region->bits,
                  region->tables ? ", tables" : "", region->updates ? ", updates" : "");
  }
  if (!machine->pmp_there) return;
  print_message("    PMP: %u entries, grain %u, mseccfg %x%s\n", machine->pmp.count, machine->pmp.grain,
                machine->pmp.mseccfg, machine->pmp.smepmp ? "" : ", no Smepmp");
  for (unsigned i = 0; i < machine->pmp.count; i++) {
    const naive_rule *rule = &machine->plain_pmp.rule[i];
    if (machine->pmp.cfg[i] == 0) continue;
    print_message("    %2u: cfg %02x (naive: %02x), addr %014" PRIx64 ": %014" PRIx64 " up to %014" PRIx64 "\n", i,
                  machine->pmp.cfg[i], naive_pmp_config(&machine->plain_pmp, (int)i), machine->pmp.addr[i],
                  (uint64_t)rule->first, (uint64_t)rule->end);
  }
}

static void memory_print(const char *side, const random_memory *memory) {
  for (unsigned i = 0; i < memory->records && i < RANDOM_MEMORY_RECORDS; i++) {
    const random_record *record = &memory->record[i];
    print_message("    %s %s %014" PRIx64 ": %016" PRIx64, side, record->swap ? "swap" : "read", record->address,
                  record->value);
    if (record->swap) print_message(", if %016" PRIx64 ": %016" PRIx64, record->expected, record->desired);
    print_message("%s\n", record->failed ? ", bus error" : "");
  }
}

void compare_print_access(const comparison *run, const naive_hart *hart, const naive_access *access,
                          const tw_walk *walk, const naive_answer *naive) {
  const naive_extensions *has = &hart->extensions;
  print_message("satp %016" PRIx64 " %c mprv %d mpp %c sum %d mxr %d%s%s%s%s pbmte %d adue %d\n", hart->satp,
                hart->privilege, hart->mprv, hart->mpp, hart->sum, hart->mxr, has->svnapot ? " svnapot" : "",
                has->svpbmt ? " svpbmt" : "", has->svadu ? " svadu" : "", has->svrsw60t59b ? " svrsw60t59b" : "",
                has->pbmte, has->adue);
  print_message("%c at %016" PRIx64 ", %d bytes%s\n", access->kind, access->va, access->bytes,
                access->speculative ? ", speculative" : "");
  compare_print_machine(run->machine);
  print_message("  oracle: %s, cause %d, retry %d, pa %" PRIx64 ", level %u, flags %02x, type %u, napot %d, %u steps\n",
                tw_reason_name(walk->reason), (int)walk->cause, walk->retry, walk->pa, walk->level, walk->flags,
                walk->attribute, walk->napot, walk->step_count);
  memory_print("oracle", &run->oracle_memory);
  print_message("  naive:  %s, cause %d, retry %d, pa %" PRIx64 ", level %d, flags %02x, type %d, napot %d, %d steps\n",
                tw_reason_name(naive->reason), naive->mcause, naive->retry, (uint64_t)naive->pa, naive->level,
                (unsigned)naive->flags, naive->attribute, naive->napot, naive->steps);
  memory_print("naive ", &run->naive_memory);
}
