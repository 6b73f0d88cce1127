/* Which fence an operating system sends after which event: a table, with presets after real kernels.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_FENCES_H
#define TWINWALK_FENCES_H

#include <stddef.h>

#include "twinwalk/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What happened to entries of one address space. */
typedef enum tw_fence_event {
  TW_FENCED_NEW,      /* an entry that was not valid became valid: a first touch, a page that came back */
  TW_FENCED_SET,      /* A or D was set, or a right was added */
  TW_FENCED_AGE,      /* A was cleared, to see whether the page is used */
  TW_FENCED_COPY,     /* copy-on-write: the entry names another frame, or may be written again */
  TW_FENCED_FORK,     /* entries lost W, in the parent */
  TW_FENCED_PROTECT,  /* entries lost or changed rights: mprotect */
  TW_FENCED_UNMAP,    /* entries were cleared: munmap, a lower break, exec, madvise */
  TW_FENCED_EXIT,     /* all of them were, for good */
  TW_FENCED_RECLAIM,  /* an entry was cleared for its frame to be used otherwise */
  TW_FENCED_PROMOTE,  /* small pages became a large one (or 16 of them a 64 KiB page) */
  TW_FENCED_SPLIT,    /* ... and small ones again */
  TW_FENCED_SWITCH,   /* satp names another address space, told apart by its ASID */
  TW_FENCED_NO_ASID,  /* satp names another address space, with the same ASID */
  TW_FENCED_ROLLOVER, /* all ASIDs were handed out: they begin anew */
  TW_FENCED_SPURIOUS, /* an access faulted that the entry grants */
  TW_FENCED_COUNT
} tw_fence_event;

typedef enum tw_fence_form {
  TW_FENCE_NONE,
  TW_FENCE_PAGE,      /* sfence.vma va, x0: one a page */
  TW_FENCE_PAGE_ASID, /* sfence.vma va, asid: one a page */
  TW_FENCE_RANGE,     /* va, asid one a page, up to `range_pages`; more: x0, asid */
  TW_FENCE_ASID,      /* sfence.vma x0, asid */
  TW_FENCE_ALL        /* sfence.vma x0, x0 */
} tw_fence_form;

typedef struct tw_fence_policy {
  const char *name;
  const char *what; /* one line for a person */
  tw_fence_form on[TW_FENCED_COUNT];
  unsigned range_pages;
  bool svvptc; /* new entries need no fence where the MMU has Svvptc: NEW is then NONE */
} tw_fence_policy;

/* "linux" (6.12 and later), "linux-6.1", "linux-svvptc", "full" (everything, every time), "lazy" (as few as is still
 * right), and those that lack one: "missing-unmap", "missing-protect", "missing-copy", "missing-reclaim". NULL if there
 * is none. */
const tw_fence_policy *tw_fence_policy_find(const char *name);
/* The n-th preset; NULL behind the last. */
const tw_fence_policy *tw_fence_policy_at(size_t n);
const char *tw_fence_event_name(tw_fence_event event); /* "new", "copy", ... */
const char *tw_fence_form_name(tw_fence_form form);    /* "none", "va, asid", ... */

#ifdef __cplusplus
}
#endif
#endif
