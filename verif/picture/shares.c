/* Which frames and slots are shared, and between which processes.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/* A page in a place that is shared. */
typedef struct sharer {
  bool swapped;
  uint64_t place; /* physical address, or slot */
  uint32_t process;
  const tw_space_page *page;
} sharer;

static int sharer_order(const void *left, const void *right) {
  const sharer *a = left, *b = right;
  if (a->swapped != b->swapped) return a->swapped - b->swapped;
  if (a->place != b->place) return a->place > b->place ? 1 : -1;
  return (a->process > b->process) - (a->process < b->process);
}

static int share_order(const void *left, const void *right) {
  const tw_state_share *a = left, *b = right;
  if (a->pages != b->pages) return a->pages < b->pages ? 1 : -1;
  if (a->swapped != b->swapped) return a->swapped - b->swapped;
  if (a->file != b->file) return b->file - a->file;
  if (a->member_count != b->member_count) return a->member_count < b->member_count ? 1 : -1;
  const int members = memcmp(a->members, b->members, a->member_count * sizeof *a->members);
  return members ? members : strcmp(a->name, b->name);
}

static size_t sharers_collect(const tw_state *state, sharer *sharers) {
  size_t count = 0;
  for (size_t n = 0; n < state->process_count; n++) {
    for (size_t i = 0; i < state->processes[n].page_count; i++) {
      const tw_space_page *page = &state->processes[n].pages[i];
      if (page->sharers < 2) continue;
      if (sharers)
        sharers[count] = (sharer){!page->resident, page->resident ? page->pa : page->slot, (uint32_t)n, page};
      count++;
    }
  }
  return count;
}

static bool shares_alike(const tw_state_share *a, const tw_state_share *b) {
  return a->file == b->file && a->swapped == b->swapped && a->member_count == b->member_count &&
         strcmp(a->name, b->name) == 0 && memcmp(a->members, b->members, a->member_count * sizeof *a->members) == 0;
}

static bool share_add(tw_state *state, tw_state_share *share) {
  for (size_t i = 0; i < state->share_count; i++) {
    if (!shares_alike(&state->shares[i], share)) continue;
    state->shares[i].pages += share->pages;
    free(share->members);
    free(share->name);
    return true;
  }
  tw_state_share *grown = realloc(state->shares, (state->share_count + 1) * sizeof *grown);
  if (!grown) return false;
  state->shares = grown;
  grown[state->share_count++] = *share;
  return true;
}

/* The pages of one place, which belong to rising processes. */
static bool place_take(tw_state *state, const sharer *first, size_t count) {
  const tw_state_region *region = tw_state_region_find(&state->processes[first->process], first->page->va);
  tw_state_share share = {.members = calloc(count, sizeof *share.members),
                          .pages = first->page->length / TW_PAGE_BYTES,
                          .file = first->page->file,
                          .swapped = first->swapped,
                          .name = strdup(region ? region->name : "")};
  bool good = share.members && share.name;
  for (size_t i = 0; i < count && good; i++)
    if (i == 0 || first[i].process != first[i - 1].process) share.members[share.member_count++] = first[i].process;
  const bool shown = good && share.member_count > 1; /* one process may map a frame twice */
  if (shown) good = share_add(state, &share);
  if (shown && good) return true;
  free(share.members);
  free(share.name);
  return good;
}

bool tw_state_shares_find(tw_state *state) {
  const size_t count = sharers_collect(state, NULL);
  sharer *sharers = calloc(count + 1, sizeof *sharers);
  bool good = sharers != NULL;
  if (!good) return false;
  sharers_collect(state, sharers);
  qsort(sharers, count, sizeof *sharers, sharer_order);
  for (size_t i = 0, next; i < count && good; i = next) {
    for (next = i + 1;
         next < count && sharers[next].swapped == sharers[i].swapped && sharers[next].place == sharers[i].place;)
      next++;
    good = place_take(state, &sharers[i], next - i);
  }
  free(sharers);
  if (state->share_count) qsort(state->shares, state->share_count, sizeof *state->shares, share_order);
  return good;
}
