/* The policies, a row each: docs/address-spaces.md has them as a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "twinwalk/fences.h"

#include <string.h>

#define NONE TW_FENCE_NONE
#define VA TW_FENCE_PAGE
#define VA_ASID TW_FENCE_PAGE_ASID
#define RANGE TW_FENCE_RANGE
#define ASID TW_FENCE_ASID
#define ALL TW_FENCE_ALL
#define RANGE_PAGES 64 /* tlb_flush_all_threshold of Linux */

/* clang-format off */
static const tw_fence_policy policies[] = {
    /*   new   set   age   copy     fork  protect unmap  exit  reclaim  promote split  switch no-asid rollover spurious */
    {"linux", "a recent Linux, 6.12 and later: ranges page by page up to 64, else the whole ASID",
        {VA,   VA,   NONE, VA,      ASID, RANGE,  RANGE, ASID, VA_ASID, RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
    {"linux-6.1", "Linux 6.1: everything after mprotect and munmap",
        {VA,   VA,   NONE, VA,      ALL,  ALL,    ALL,   ALL,  VA,      ALL,    ALL,   NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
    {"linux-svvptc", "a recent Linux that sends no fence after a new entry if the MMU has Svvptc",
        {VA,   VA,   NONE, VA,      ASID, RANGE,  RANGE, ASID, VA_ASID, RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, true},
    {"full", "everything, every time",
        {ALL,  ALL,  ALL,  ALL,     ALL,  ALL,    ALL,   ALL,  ALL,     ALL,    ALL,   ALL,   ALL,    ALL,     ALL},
        RANGE_PAGES, false},
    {"lazy", "as few as is still right: an access that meets an older entry faults, and is fenced then",
        {NONE, NONE, NONE, VA_ASID, ASID, RANGE,  RANGE, ASID, VA_ASID, RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
    {"missing-unmap", "wrong: linux without the fence after munmap",
        {VA,   VA,   NONE, VA,      ASID, RANGE,  NONE,  ASID, VA_ASID, RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
    {"missing-protect", "wrong: linux without the fence after mprotect",
        {VA,   VA,   NONE, VA,      ASID, NONE,   RANGE, ASID, VA_ASID, RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
    {"missing-copy", "wrong: linux without the fence after copy-on-write",
        {VA,   VA,   NONE, NONE,    ASID, RANGE,  RANGE, ASID, VA_ASID, RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
    {"missing-reclaim", "wrong: linux without the fence after a page left its frame",
        {VA,   VA,   NONE, VA,      ASID, RANGE,  RANGE, ASID, NONE,    RANGE,  RANGE, NONE,  ALL,    ALL,     VA},
        RANGE_PAGES, false},
};
/* clang-format on */

enum { POLICIES = sizeof policies / sizeof policies[0] };

const tw_fence_policy *tw_fence_policy_at(size_t n) {
  return n < POLICIES ? &policies[n] : NULL;
}

const tw_fence_policy *tw_fence_policy_find(const char *name) {
  for (size_t i = 0; name && i < POLICIES; i++) {
    if (strcmp(policies[i].name, name) == 0) return &policies[i];
  }
  return NULL;
}

const char *tw_fence_event_name(tw_fence_event event) {
  static const char *const names[TW_FENCED_COUNT] = {
      [TW_FENCED_NEW] = "new",         [TW_FENCED_SET] = "set",           [TW_FENCED_AGE] = "age",
      [TW_FENCED_COPY] = "copy",       [TW_FENCED_FORK] = "fork",         [TW_FENCED_PROTECT] = "protect",
      [TW_FENCED_UNMAP] = "unmap",     [TW_FENCED_EXIT] = "exit",         [TW_FENCED_RECLAIM] = "reclaim",
      [TW_FENCED_PROMOTE] = "promote", [TW_FENCED_SPLIT] = "split",       [TW_FENCED_SWITCH] = "switch",
      [TW_FENCED_NO_ASID] = "no-asid", [TW_FENCED_ROLLOVER] = "rollover", [TW_FENCED_SPURIOUS] = "spurious",
  };
  return (unsigned)event < TW_FENCED_COUNT ? names[event] : "unknown";
}

const char *tw_fence_form_name(tw_fence_form form) {
  static const char *const names[] = {
      [TW_FENCE_NONE] = "none",   [TW_FENCE_PAGE] = "va",   [TW_FENCE_PAGE_ASID] = "va, asid",
      [TW_FENCE_RANGE] = "range", [TW_FENCE_ASID] = "asid", [TW_FENCE_ALL] = "all",
  };
  return (unsigned)form < sizeof names / sizeof names[0] ? names[form] : "unknown";
}
