/* The worst MMU that the specification allows: it keeps every entry and every pointer that it ever saw until a fence
 * reaches it, looks at page tables when nobody asked, and answers in any order.
 *
 * What it holds it uses when it likes, also to deny; what it does not use it reads anew. So an operating system's side
 * that sends one fence too few is found out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SPACE_TEST_HOARDER_H
#define SPACE_TEST_HOARDER_H

#include "random.h"
#include "twinwalk/space.h"

enum { HOARD_LEAVES = 512, HOARD_POINTERS = 64, HOARD_RECENT = 64 };

/* An entry that was read: a leaf of a page (of a 64 KiB page, one of its 16), an entry that maps nothing, or a pointer
 * to the table below. */
typedef struct hoard_entry {
  bool valid;
  uint16_t asid;
  uint64_t va, length; /* bytes */
  uint64_t pte;
  uint8_t level;
} hoard_entry;

typedef struct hoard_page hoard_page;

typedef struct hoarder {
  tw_space *space;
  test_random random;
  unsigned greed; /* of 16 chances, how many it uses what it holds; 0: it holds nothing */
  tw_context context;
  tw_machine behind;
  tw_pmp pmp;
  hoard_page *memory; /* owned; tables alone */
  size_t memory_size, memory_used;
  hoard_entry leaves[HOARD_LEAVES], pointers[HOARD_POINTERS];
  uint64_t recent[HOARD_RECENT]; /* addresses that were asked for */
  tw_record_answer waiting[TW_SPACE_PENDING_MAX];
  unsigned waiting_count;
  uint64_t records, answers, faults, hits, fences; /* what it did */
  uint64_t fed;
} hoarder;

/* Opens a space with this MMU before it; asserts on failure. */
void hoarder_open(hoarder *mmu, const tw_space_options *options, unsigned greed, uint64_t seed);
void hoarder_close(hoarder *mmu);
/* Feeds a program record and plays on until the next one may be fed. False and error if the space refuses. */
bool hoarder_feed(hoarder *mmu, tw_record *program, tw_error *error);
/* Plays everything to its end. */
bool hoarder_settle(hoarder *mmu, tw_error *error);

#endif
