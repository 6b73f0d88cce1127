/* Puts what happened, and what changed, into words.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

typedef unsigned long long ull;

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...) {
  const size_t length = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + length, size - length, format, arguments);
  va_end(arguments);
}

void tw_words_event(const tw_space_event *event, char *text, size_t size) {
  snprintf(text, size, "%s, process %u", tw_space_event_name(event->kind), event->process >> 16);
  switch (event->kind) {
  case TW_SPACE_FORK:
    append(text, size, ": process %u", (unsigned)(event->pa >> 16));
    return;
  case TW_SPACE_EXEC:
  case TW_SPACE_EXIT:
  case TW_SPACE_SWITCH:
  case TW_SPACE_ROLLOVER:
    return;
  case TW_SPACE_FENCE:
    if (event->va) append(text, size, ": 0x%llx", (ull)event->va);
    return;
  case TW_SPACE_SWAP_OUT:
  case TW_SPACE_DROP:
    append(text, size, ": 0x%llx, from frame 0x%llx", (ull)event->va, (ull)event->pa);
    return;
  default:
    append(text, size, ": 0x%llx", (ull)event->va);
    if (event->pa) append(text, size, ", frame 0x%llx", (ull)event->pa);
  }
}

/* How a page lies: "resident in 0x80001000, rw-". */
static void page_append(const tw_space_page *page, char *text, size_t size) {
  static const struct {
    unsigned bit;
    char letter;
  } FLAGS[] = {{TW_PTE_D, 'D'}, {TW_PTE_A, 'A'}, {TW_PTE_R, 'r'}, {TW_PTE_W, 'w'}, {TW_PTE_X, 'x'}};
  if (!page) {
    append(text, size, "untouched");
    return;
  }
  append(text, size, "%s ", tw_page_state_name(tw_page_state_of(page)));
  if (!page->resident) {
    append(text, size, "in slot %llu", (ull)page->slot);
    return;
  }
  append(text, size, "in 0x%llx ", (ull)page->pa);
  for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++)
    append(text, size, "%c", page->flags & FLAGS[i].bit ? FLAGS[i].letter : '-');
  char bytes[32];
  tw_words_size(page->length, bytes, sizeof bytes);
  if (page->length > TW_PAGE_BYTES) append(text, size, ", a page of %s", bytes);
}

void tw_words_change(const tw_page_change *change, char *text, size_t size) {
  const tw_space_page *page = change->after ? change->after : change->before;
  snprintf(text, size, "0x%llx: ", (ull)page->va);
  page_append(change->before, text, size);
  append(text, size, " -> ");
  page_append(change->after, text, size);
}

void tw_words_share(const tw_state *state, const tw_state_share *share, char *text, size_t size) {
  char pages[32];
  tw_words_count(share->pages, "page", pages, sizeof pages);
  snprintf(text, size, "%s%s of ", pages, share->swapped ? " on the swap device" : "");
  for (size_t i = 0; i < share->member_count; i++) {
    const char *before = i == 0 ? "" : i + 1 == share->member_count ? " and " : ", ";
    append(text, size, "%s%u", before, state->processes[share->members[i]].id >> 16);
  }
  append(text, size, ": %s%s%s", share->file ? "page cache" : "anonymous", share->name[0] ? ", " : "",
         share->name[0] ? tw_words_base(share->name) : "");
}
