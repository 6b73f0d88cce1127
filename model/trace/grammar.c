/* The text form's words and fields.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "grammar.h"

#include <string.h>

#define AT(member) offsetof(tw_record, member)
#define HART                                                                                                           \
  { "hart", GRAMMAR_DECIMAL8, GRAMMAR_NONZERO, AT(hart) }
#define PLAYED                                                                                                         \
  {"after", GRAMMAR_AFTER, GRAMMAR_NONZERO, AT(after)}, {"delay", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(delay)}, HART
#define PROT(member)                                                                                                   \
  { "prot", GRAMMAR_PROT, GRAMMAR_ALWAYS, AT(member) }
#define START                                                                                                          \
  { "start", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(map.start) }
#define LENGTH                                                                                                         \
  { "length", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(map.length) }
#define ID                                                                                                             \
  { "id", GRAMMAR_DECIMAL32, GRAMMAR_ALWAYS, AT(id) }
#define NAME(member)                                                                                                   \
  { "name", GRAMMAR_NAME, GRAMMAR_NONZERO, AT(member) }
#define VA(member)                                                                                                     \
  { "va", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(member) }
#define ACCESS(name, does)                                                                                             \
  {                                                                                                                    \
    name, TW_RECORD_ACCESS, does, 8, {                                                                                 \
      {"va", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(access.va)}, {"size", GRAMMAR_DECIMAL8, GRAMMAR_ALWAYS, AT(access.size)}, \
          {"speculative", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(access.speculative)},                                      \
          {"retries", GRAMMAR_DECIMAL16, GRAMMAR_NONZERO, AT(access.retries)},                                         \
          {"cancel", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(access.cancel_after)}, PLAYED                              \
    }                                                                                                                  \
  }

/* Accesses first: they are the most frequent. */
static const grammar_form FORMS[] = {
    ACCESS("fetch", TW_FETCH),
    ACCESS("load", TW_LOAD),
    ACCESS("store", TW_STORE),
    ACCESS("amo", TW_AMO),
    {"answer",
     TW_RECORD_ANSWER,
     0,
     15,
     {{"of", GRAMMAR_DECIMAL64, GRAMMAR_ALWAYS, AT(answer.access)},
      {"attempt", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(answer.attempt)},
      {"accepted", GRAMMAR_DECIMAL64, GRAMMAR_ALWAYS, AT(answer.accepted)},
      {"answered", GRAMMAR_DECIMAL64, GRAMMAR_ALWAYS, AT(answer.answered)},
      {"status", GRAMMAR_STATUS, GRAMMAR_ALWAYS, AT(answer.status)},
      {"pa", GRAMMAR_HEX, GRAMMAR_OK, AT(answer.pa)},
      {"level", GRAMMAR_DECIMAL8, GRAMMAR_OK, AT(answer.level)},
      {"flags", GRAMMAR_FLAGS, GRAMMAR_NONZERO, AT(answer.flags)},
      {"reason", GRAMMAR_REASON, GRAMMAR_FAULT, AT(answer.reason)},
      {"attribute", GRAMMAR_DECIMAL8, GRAMMAR_NONZERO, AT(answer.attribute)},
      {"napot", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(answer.napot)},
      {"hit", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(answer.hit)},
      {"l2", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(answer.l2)},
      {"only", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(answer.only)},
      HART}},
    {"step",
     TW_RECORD_STEP,
     0,
     8,
     {{"cycle", GRAMMAR_DECIMAL64, GRAMMAR_ALWAYS, AT(step.cycle)},
      {"pa", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(step.pa)},
      {"size", GRAMMAR_DECIMAL8, GRAMMAR_ALWAYS, AT(step.size)},
      {"pte", GRAMMAR_HEX, GRAMMAR_READ, AT(step.pte)},
      {"expect", GRAMMAR_HEX, GRAMMAR_UPDATE, AT(step.expected)},
      {"write", GRAMMAR_HEX, GRAMMAR_UPDATE, AT(step.desired)},
      {"error", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(step.error)},
      HART}},
    {"pte",
     TW_RECORD_STORE,
     0,
     9,
     {{"pa", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(store.pa)},
      {"width", GRAMMAR_DECIMAL8, GRAMMAR_ALWAYS, AT(store.width)},
      {"and", GRAMMAR_HEX, GRAMMAR_MASKS, AT(store.first)},
      {"or", GRAMMAR_HEX, GRAMMAR_MASKS, AT(store.second)},
      {"expect", GRAMMAR_HEX, GRAMMAR_SWAP, AT(store.first)},
      {"write", GRAMMAR_HEX, GRAMMAR_SWAP, AT(store.second)},
      PLAYED}},
    {"fence",
     TW_RECORD_FENCE,
     0,
     7,
     {{"va", GRAMMAR_HEX, GRAMMAR_HAS_VA, AT(fence.va)},
      {"asid", GRAMMAR_DECIMAL16, GRAMMAR_HAS_ASID, AT(fence.asid)},
      {"unknown", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(fence.unknown)},
      {"kind", GRAMMAR_FENCE, GRAMMAR_NONZERO, AT(fence.kind)},
      PLAYED}},
    {"pmp",
     TW_RECORD_PMP,
     0,
     6,
     {{"register", GRAMMAR_PMP, GRAMMAR_ALWAYS, AT(pmp.target)},
      {"index", GRAMMAR_DECIMAL8, GRAMMAR_NONZERO, AT(pmp.index)},
      {"value", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(pmp.value)},
      PLAYED}},
    {"control",
     TW_RECORD_CONTROL,
     0,
     11,
     {{"satp", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(control.satp)},
      {"privilege", GRAMMAR_PRIVILEGE, GRAMMAR_ALWAYS, AT(control.privilege)},
      {"mprv", GRAMMAR_BIT, GRAMMAR_NONZERO, AT(control.mprv)},
      {"mpp", GRAMMAR_PRIVILEGE, GRAMMAR_NONZERO, AT(control.mpp)},
      {"sum", GRAMMAR_BIT, GRAMMAR_ALWAYS, AT(control.sum)},
      {"mxr", GRAMMAR_BIT, GRAMMAR_ALWAYS, AT(control.mxr)},
      {"adue", GRAMMAR_BIT, GRAMMAR_NONZERO, AT(control.adue)},
      {"pbmte", GRAMMAR_BIT, GRAMMAR_NONZERO, AT(control.pbmte)},
      PLAYED}},
    {"image",
     TW_RECORD_IMAGE,
     0,
     2,
     {{"pa", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(image.pa)}, {"value", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(image.value)}}},
    {"inject",
     TW_RECORD_INJECT,
     0,
     5,
     {{"pa", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(inject.pa)},
      {"nth", GRAMMAR_DECIMAL32, GRAMMAR_ALWAYS, AT(inject.nth)},
      {"latency", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(inject.latency)},
      {"stall", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(inject.stall)},
      {"error", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(inject.error)}}},
    {"map",
     TW_RECORD_MAP,
     0,
     8,
     {START,
      LENGTH,
      PROT(map.prot),
      {"shared", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(map.shared)},
      {"grows-down", GRAMMAR_WORD, GRAMMAR_NONZERO, AT(map.grows_down)},
      {"use", GRAMMAR_USE, GRAMMAR_ALWAYS, AT(map.use)},
      {"offset", GRAMMAR_HEX, GRAMMAR_NONZERO, AT(map.offset)},
      NAME(map.name)}},
    {"unmap", TW_RECORD_UNMAP, 0, 2, {START, LENGTH}},
    {"protect", TW_RECORD_PROTECT, 0, 3, {START, LENGTH, PROT(map.prot)}},
    {"break", TW_RECORD_BREAK, 0, 1, {{"end", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(map.start)}}},
    {"thread", TW_RECORD_THREAD, 0, 1, {ID}},
    {"fork", TW_RECORD_FORK, 0, 1, {ID}},
    {"exit", TW_RECORD_EXIT, 0, 1, {ID}},
    {"alloc", TW_RECORD_ALLOC, 0, 2, {VA(block.va), {"size", GRAMMAR_DECIMAL64, GRAMMAR_ALWAYS, AT(block.size)}}},
    {"free", TW_RECORD_FREE, 0, 1, {VA(block.va)}},
    {"call",
     TW_RECORD_CALL,
     0,
     5,
     {{"number", GRAMMAR_DECIMAL32, GRAMMAR_ALWAYS, AT(call.number)},
      {"reads", GRAMMAR_HEX, GRAMMAR_NONZERO, AT(call.reads)},
      {"reads-length", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(call.reads_length)},
      {"writes", GRAMMAR_HEX, GRAMMAR_NONZERO, AT(call.writes)},
      {"writes-length", GRAMMAR_DECIMAL32, GRAMMAR_NONZERO, AT(call.writes_length)}}},
    {"process", TW_RECORD_PROCESS, 0, 2, {ID, NAME(name)}},
    {"exec", TW_RECORD_EXEC, 0, 1, {NAME(name)}},
    {"place", TW_RECORD_PLACE, 0, 2, {VA(place.va), {"pa", GRAMMAR_HEX, GRAMMAR_ALWAYS, AT(place.pa)}}},
    {"advise", TW_RECORD_ADVISE, 0, 3, {START, LENGTH, {"advice", GRAMMAR_ADVICE, GRAMMAR_ALWAYS, AT(map.advice)}}},
    {"reclaim", TW_RECORD_RECLAIM, 0, 1, {{"pages", GRAMMAR_DECIMAL64, GRAMMAR_ALWAYS, AT(pages)}}},
};

const char *const GRAMMAR_STATUSES[3] = {"ok", "fault", "retry"};
const char *const GRAMMAR_PMP_REGISTERS[TW_PMP_REGISTER_COUNT] = {"cfg", "addr", "mseccfg"};
const char GRAMMAR_FLAG_LETTERS[9] = "DAGUXWRV";
const char GRAMMAR_PROT_LETTERS[4] = "rwx";

static const char *const USES[TW_REGION_USE_COUNT] = {
    [TW_REGION_CODE] = "code",   [TW_REGION_RODATA] = "rodata", [TW_REGION_DATA] = "data", [TW_REGION_BSS] = "bss",
    [TW_REGION_HEAP] = "heap",   [TW_REGION_MAPPED] = "mapped", [TW_REGION_FILE] = "file", [TW_REGION_STACK] = "stack",
    [TW_REGION_GUARD] = "guard", [TW_REGION_KERNEL] = "kernel",
};

const char *tw_region_use_name(tw_region_use use) {
  return (unsigned)use < TW_REGION_USE_COUNT && USES[use] ? USES[use] : "unknown";
}

const char *tw_advice_name(tw_advice advice) {
  static const char *const NAMES[TW_ADVICE_COUNT] = {
      [TW_ADVICE_HUGE] = "huge",
      [TW_ADVICE_NO_HUGE] = "no-huge",
      [TW_ADVICE_COLD] = "cold",
      [TW_ADVICE_DROP] = "drop",
  };
  return (unsigned)advice < TW_ADVICE_COUNT ? NAMES[advice] : NULL;
}

const char *tw_fence_kind_name(unsigned kind) {
  static const char *const NAMES[] = {
      [TW_FENCE_SFENCE_VMA] = "sfence.vma",
      [TW_FENCE_SINVAL_VMA] = "sinval.vma",
      [TW_FENCE_SFENCE_W_INVAL] = "sfence.w.inval",
      [TW_FENCE_SFENCE_INVAL_IR] = "sfence.inval.ir",
  };
  return kind < sizeof NAMES / sizeof *NAMES ? NAMES[kind] : NULL;
}

const grammar_form *grammar_by_word(const char *word) {
  for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
    if (strcmp(FORMS[i].word, word) == 0) return &FORMS[i];
  return NULL;
}

const grammar_form *grammar_by_record(const tw_record *record) {
  for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
    if (FORMS[i].kind == record->kind && (record->kind != TW_RECORD_ACCESS || FORMS[i].access == record->access.kind))
      return &FORMS[i];
  return NULL;
}

bool grammar_expects(grammar_when when, const tw_record *record) {
  switch (when) {
  case GRAMMAR_HAS_VA:
    return record->fence.has_va;
  case GRAMMAR_HAS_ASID:
    return record->fence.has_asid;
  case GRAMMAR_MASKS:
    return !record->store.swap;
  case GRAMMAR_SWAP:
    return record->store.swap;
  case GRAMMAR_UPDATE:
    return record->step.update;
  case GRAMMAR_READ:
    return !record->step.error;
  case GRAMMAR_OK:
    return record->answer.status == 0;
  case GRAMMAR_FAULT:
    return record->answer.status == 1;
  default:
    return true;
  }
}

const char *grammar_privilege_name(tw_privilege privilege) {
  switch (privilege) {
  case TW_USER:
    return "U";
  case TW_SUPERVISOR:
    return "S";
  case TW_MACHINE:
    return "M";
  default:
    return NULL;
  }
}
