/* The ledger: items of the same page in one bucket, and the items of an ASID on one list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "revoked.h"

#include <stdlib.h>

#define ASIDS ((size_t)1 << 16)
#define LENGTHS_MAX 8u /* page sizes of one mode, 64 KiB, and 0 */
#define TABLE_SIZE_MIN 64u

typedef struct node {
  revoked_item item;
  uint64_t order;                        /* when it was added */
  struct node *in_bucket;                /* the next one there */
  struct node *before_in_asid, *in_asid; /* neighbours there */
} node;

typedef struct node_table {
  node **buckets; /* owned */
  size_t size;    /* a power of two */
} node_table;

struct revoked {
  node_table table;
  size_t count;
  uint64_t added;
  struct {
    uint64_t length;
    size_t count; /* of items */
  } lengths[LENGTHS_MAX];
  node *of_asid[ASIDS];
};

revoked *revoked_open(void) {
  revoked *ledger = calloc(1, sizeof *ledger);
  if (!ledger) return NULL;
  ledger->table = (node_table){calloc(TABLE_SIZE_MIN, sizeof(node *)), TABLE_SIZE_MIN};
  if (ledger->table.buckets) return ledger;
  free(ledger);
  return NULL;
}

void revoked_close(revoked *ledger) {
  if (!ledger) return;
  for (size_t i = 0; i < ledger->table.size; i++) {
    for (node *item = ledger->table.buckets[i], *next; item; item = next) {
      next = item->in_bucket;
      free(item);
    }
  }
  free(ledger->table.buckets);
  free(ledger);
}

/* Items that hold the same address and have the same length are in the same bucket, whatever their ASID. */
static node **bucket_of(const node_table *table, uint64_t va, uint64_t length) {
  uint64_t page = length ? va / length : 0;
  uint64_t hash = (page ^ length << 20) * 0x9e3779b97f4a7c15u;
  return &table->buckets[(size_t)(hash >> 32) & (table->size - 1)];
}

static bool item_holds(const revoked_item *item, uint64_t va) {
  return !item->length || (va >= item->va && va - item->va < item->length);
}

static bool table_grow(revoked *ledger) {
  if (ledger->count < ledger->table.size) return true;
  node_table grown = {calloc(ledger->table.size * 2, sizeof(node *)), ledger->table.size * 2};
  if (!grown.buckets) return false;
  for (size_t i = 0; i < ledger->table.size; i++) {
    for (node *moved = ledger->table.buckets[i], *next; moved; moved = next) {
      next = moved->in_bucket;
      node **bucket = bucket_of(&grown, moved->item.va, moved->item.length);
      moved->in_bucket = *bucket;
      *bucket = moved;
    }
  }
  free(ledger->table.buckets);
  ledger->table = grown;
  return true;
}

/* Where items of a length are counted; LENGTHS_MAX if there is no place. */
static unsigned length_place(const revoked *ledger, uint64_t length) {
  unsigned place = LENGTHS_MAX;
  for (unsigned i = 0; i < LENGTHS_MAX; i++) {
    if (ledger->lengths[i].count && ledger->lengths[i].length == length) return i;
    if (!ledger->lengths[i].count) place = i;
  }
  return place;
}

/* An item that says the same; what it lacks is added to it, so that the ledger does not grow with the trace. */
static bool item_known(revoked *ledger, const revoked_item *item) {
  for (node *known = *bucket_of(&ledger->table, item->va, item->length); known; known = known->in_bucket) {
    revoked_item *same = &known->item;
    if (same->asid != item->asid || same->va != item->va || same->length != item->length ||
        same->table != item->table || same->old_pa != item->old_pa || same->event != item->event)
      continue;
    same->lost |= item->lost;
    same->new_pa = item->new_pa;
    return true;
  }
  return false;
}

bool revoked_add(revoked *ledger, const revoked_item *item) {
  revoked_item aligned = *item;
  aligned.va = item->length ? item->va - item->va % item->length : 0;
  if (item_known(ledger, &aligned)) return true;
  unsigned place = length_place(ledger, item->length);
  node *added = place < LENGTHS_MAX && table_grow(ledger) ? malloc(sizeof *added) : NULL;
  if (!added) return false;
  node **bucket = bucket_of(&ledger->table, aligned.va, aligned.length), **list = &ledger->of_asid[aligned.asid];
  *added = (node){.item = aligned, .order = ledger->added++, .in_bucket = *bucket, .in_asid = *list};
  *bucket = added;
  if (*list) (*list)->before_in_asid = added;
  *list = added;
  ledger->lengths[place].length = item->length;
  ledger->lengths[place].count++;
  ledger->count++;
  return true;
}

static void forget(revoked *ledger, node *forgotten) {
  const revoked_item *item = &forgotten->item;
  node **link = bucket_of(&ledger->table, item->va, item->length);
  while (*link != forgotten) link = &(*link)->in_bucket;
  *link = forgotten->in_bucket;
  if (forgotten->before_in_asid)
    forgotten->before_in_asid->in_asid = forgotten->in_asid;
  else
    ledger->of_asid[item->asid] = forgotten->in_asid;
  if (forgotten->in_asid) forgotten->in_asid->before_in_asid = forgotten->before_in_asid;
  ledger->lengths[length_place(ledger, item->length)].count--;
  ledger->count--;
  free(forgotten);
}

static void forget_all(revoked *ledger) {
  for (size_t i = 0; i < ledger->table.size; i++) {
    while (ledger->table.buckets[i]) forget(ledger, ledger->table.buckets[i]);
  }
  ledger->table.size = TABLE_SIZE_MIN; /* the next one is not to look through all that once were needed */
}

/* A leaf of any size is reached by any address in it, a pointer by none (sfence_vma_va_all_asid, sfence_vma_va_asid).
 * That address spaces are told apart anew does not hang on one. */
static void forget_page(revoked *ledger, const tw_record_fence *fence) {
  for (unsigned i = 0; i < LENGTHS_MAX; i++) {
    if (!ledger->lengths[i].count || !ledger->lengths[i].length) continue;
    node *item = *bucket_of(&ledger->table, fence->va, ledger->lengths[i].length);
    for (node *next; item; item = next) {
      next = item->in_bucket;
      bool meant = !fence->has_asid || fence->asid == item->item.asid;
      if (meant && item->item.length && !item->item.table && item_holds(&item->item, fence->va)) forget(ledger, item);
    }
  }
}

void revoked_fence(revoked *ledger, const tw_record_fence *fence) {
  if (!ledger->count || (fence->kind != TW_FENCE_SFENCE_VMA && fence->kind != TW_FENCE_SINVAL_VMA)) return;
  if (fence->unknown || (!fence->has_va && !fence->has_asid)) {
    forget_all(ledger);
  } else if (fence->has_va) {
    forget_page(ledger, fence);
  } else {
    while (ledger->of_asid[fence->asid]) forget(ledger, ledger->of_asid[fence->asid]);
  }
}

static bool item_leads(const revoked_item *item, uint64_t va, const uint64_t *pa) {
  return !pa || !item->length || item->table || item->old_pa + (va - item->va) == *pa;
}

static const revoked_item *item_oldest(const revoked *ledger, uint16_t asid, uint64_t va, const uint64_t *pa) {
  const node *oldest = NULL;
  if (!ledger->of_asid[asid]) return NULL;
  for (unsigned i = 0; i < LENGTHS_MAX; i++) {
    if (!ledger->lengths[i].count) continue;
    const node *item = *bucket_of(&ledger->table, va, ledger->lengths[i].length);
    for (; item; item = item->in_bucket) {
      if (item->item.asid != asid || !item_holds(&item->item, va) || !item_leads(&item->item, va, pa)) continue;
      if (!oldest || item->order < oldest->order) oldest = item;
    }
  }
  return oldest ? &oldest->item : NULL;
}

const revoked_item *revoked_find(const revoked *ledger, uint16_t asid, uint64_t va) {
  return item_oldest(ledger, asid, va, NULL);
}

const revoked_item *revoked_used(const revoked *ledger, uint16_t asid, uint64_t va, uint64_t pa) {
  return item_oldest(ledger, asid, va, &pa);
}

size_t revoked_count(const revoked *ledger) {
  return ledger->count;
}
