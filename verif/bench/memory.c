/* Page-table memory: frames in a hash table, answers in a short list.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define WORDS (TW_PAGE_BYTES / 4u) /* the smallest entry has four bytes, and each counts its requests */
#define POOL 64u                   /* frames made at a time, so that a first touch seldom allocates */

typedef struct frame {
  uint64_t number;
  struct frame *next; /* in its pool, for freeing: only the first of a pool is linked */
  bool injected;      /* some request of it is overridden */
  uint8_t bytes[TW_PAGE_BYTES];
  uint32_t requests[WORDS];
  uint8_t failed[2][WORDS / 8u]; /* the last read, the last update of the word failed */
} frame;

typedef struct pending {
  uint64_t due;
  uint64_t order; /* of acceptance: the older answer goes first */
  uint64_t data;
  uint8_t id;
  bool error;
} pending;

struct tw_memory {
  tw_memory_options options;
  frame **table; /* open addressing, a power of two, NULL where empty */
  size_t slots, used;
  frame *pools, *pool;
  unsigned left; /* frames of the newest pool not yet used */
  tw_record_inject *injects;
  size_t inject_count, inject_room;
  pending waiting[TW_MEMORY_IDS];
  unsigned waiting_count;
  uint64_t accepted;
  bool stalls; /* ready is low until a request has been seen */
  bool requested;
  bool ready;
  uint64_t ready_at;
  tw_pins_memory_out request;
};

static uint64_t hash_mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static bool pool_add(tw_memory *memory) {
  frame *made = calloc(POOL, sizeof *made);
  if (!made) return false;
  made->next = memory->pools;
  memory->pools = memory->pool = made;
  memory->left = POOL;
  return true;
}

tw_memory *tw_memory_open(const tw_memory_options *options) {
  tw_memory *memory = calloc(1, sizeof *memory);
  if (!memory) return NULL;
  memory->options = *options;
  memory->slots = 1024;
  memory->table = calloc(memory->slots, sizeof(frame *));
  memory->stalls = options->latency.stall_span > 0;
  if (!memory->table || !pool_add(memory)) {
    tw_memory_close(memory);
    return NULL;
  }
  return memory;
}

void tw_memory_close(tw_memory *memory) {
  if (!memory) return;
  for (frame *pool = memory->pools; pool;) {
    frame *next = pool->next;
    free(pool);
    pool = next;
  }
  free(memory->injects);
  free(memory->table);
  free(memory);
}

static size_t slot_find(frame *const *table, size_t slots, uint64_t number) {
  size_t slot = (size_t)hash_mix(number) & (slots - 1);
  while (table[slot] && table[slot]->number != number) slot = (slot + 1) & (slots - 1);
  return slot;
}

static bool table_grow(tw_memory *memory) {
  size_t slots = memory->slots * 2;
  frame **table = calloc(slots, sizeof(frame *));
  if (!table) return false;
  for (size_t i = 0; i < memory->slots; i++)
    if (memory->table[i]) table[slot_find(table, slots, memory->table[i]->number)] = memory->table[i];
  free(memory->table);
  memory->table = table;
  memory->slots = slots;
  return true;
}

static frame *frame_look(const tw_memory *memory, uint64_t pa) {
  return memory->table[slot_find(memory->table, memory->slots, pa >> TW_PAGE_BITS)];
}

static frame *frame_touch(tw_memory *memory, uint64_t pa) {
  uint64_t number = pa >> TW_PAGE_BITS;
  size_t slot = slot_find(memory->table, memory->slots, number);
  if (memory->table[slot]) return memory->table[slot];
  if (memory->used * 2 >= memory->slots) {
    if (!table_grow(memory)) return NULL;
    slot = slot_find(memory->table, memory->slots, number);
  }
  if (memory->left == 0 && !pool_add(memory)) return NULL;
  frame *fresh = &memory->pool[POOL - memory->left--];
  fresh->number = number;
  for (size_t i = 0; i < TW_PAGE_BYTES && memory->options.fill; i += 8)
    memcpy(fresh->bytes + i, &memory->options.fill, 8);
  memory->table[slot] = fresh;
  memory->used++;
  return fresh;
}

static size_t offset_of(uint64_t pa) {
  return (size_t)(pa & (TW_PAGE_BYTES - 1));
}

/* The host is little-endian, as the machine is (docs/pins.md does not reach further). */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "memory words are copied as they are");

bool tw_memory_write(tw_memory *memory, uint64_t pa, unsigned bytes, uint64_t value) {
  frame *at = frame_touch(memory, pa);
  if (!at) return false;
  memcpy(at->bytes + offset_of(pa), &value, bytes);
  return true;
}

uint64_t tw_memory_read_value(const tw_memory *memory, uint64_t pa, unsigned bytes) {
  const frame *at = frame_look(memory, pa);
  uint64_t value = memory->options.fill >> (8 * (pa & 7));
  if (at) {
    value = 0;
    memcpy(&value, at->bytes + offset_of(pa), bytes);
  }
  return bytes == 4 ? value & 0xffffffffu : value;
}

bool tw_memory_store(tw_memory *memory, const tw_record_store *store, bool *changed) {
  uint64_t before = tw_memory_read_value(memory, store->pa, store->width);
  uint64_t after = (before & store->first) | store->second;
  if (store->swap) after = before == store->first ? store->second : before;
  if (store->width == 4) after &= 0xffffffffu;
  if (changed) *changed = before != after;
  return before == after || tw_memory_write(memory, store->pa, store->width, after);
}

static bool has_failed(const tw_memory *memory, uint64_t pa, bool update) {
  const frame *at = frame_look(memory, pa);
  size_t word = offset_of(pa) / 4;
  return at && (at->failed[update][word / 8] >> (word % 8) & 1);
}

bool tw_memory_oracle_read(void *memory, uint64_t pa, unsigned bytes, uint64_t *pte) {
  if (has_failed(memory, pa, false)) return false;
  *pte = tw_memory_read_value(memory, pa, bytes);
  return true;
}

bool tw_memory_oracle_update(void *memory, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  (void)desired;
  if (has_failed(memory, pa, true)) return false;
  *expected = tw_memory_read_value(memory, pa, bytes);
  return true;
}

tw_table_memory tw_memory_oracle(tw_memory *memory) {
  return (tw_table_memory){tw_memory_oracle_read, tw_memory_oracle_update, memory};
}

bool tw_memory_inject(tw_memory *memory, const tw_record_inject *inject) {
  frame *at = frame_touch(memory, inject->pa);
  if (!at) return false;
  if (memory->inject_count == memory->inject_room) {
    size_t room = memory->inject_room ? memory->inject_room * 2 : 64;
    tw_record_inject *grown = realloc(memory->injects, room * sizeof *grown);
    if (!grown) return false;
    memory->injects = grown;
    memory->inject_room = room;
  }
  memory->injects[memory->inject_count++] = *inject;
  at->injected = true;
  if (inject->stall) memory->stalls = true;
  return true;
}

/* What one request will meet. */
typedef struct fate {
  uint32_t latency, stall;
  bool error;
} fate;

static fate fate_draw(const tw_memory *memory, uint64_t pa, const frame *at) {
  const tw_memory_options *options = &memory->options;
  uint32_t nth = at->requests[offset_of(pa) / 4];
  fate drawn = {options->latency.minimum, 0, false};
  if (options->latency.span || options->latency.stall_span || options->error_rate) {
    uint64_t key = hash_mix(hash_mix(options->seed ^ pa) + nth);
    drawn.latency += (uint32_t)((key & 0xffff) % (options->latency.span + 1));
    drawn.stall = (uint32_t)((key >> 16 & 0xffff) % (options->latency.stall_span + 1));
    drawn.error = options->error_rate && (key >> 32) % options->error_rate == 0;
  }
  for (size_t i = 0; at->injected && i < memory->inject_count; i++) {
    const tw_record_inject *inject = &memory->injects[i];
    if (inject->pa != pa || inject->nth != nth) continue;
    if (inject->latency) drawn.latency = inject->latency;
    drawn.stall = inject->stall;
    drawn.error = inject->error;
  }
  return drawn;
}

static void answer_drive(tw_memory *memory, uint64_t cycle, tw_pins_memory_in *pins) {
  unsigned best = TW_MEMORY_IDS;
  for (unsigned i = 0; i < memory->waiting_count; i++) {
    const pending *one = &memory->waiting[i], *first = best < TW_MEMORY_IDS ? &memory->waiting[best] : NULL;
    if (one->due > cycle) continue;
    if (!first || one->due < first->due || (one->due == first->due && one->order < first->order)) best = i;
  }
  if (best == TW_MEMORY_IDS) return;
  pending answered = memory->waiting[best];
  memory->waiting[best] = memory->waiting[--memory->waiting_count];
  pins->rsp_valid = 1;
  pins->rsp_id = answered.id;
  pins->rsp_error = answered.error;
  pins->rsp_data = answered.data;
}

void tw_memory_drive(tw_memory *memory, uint64_t cycle, tw_pins_memory_in *pins) {
  if (pins->rsp_valid) {
    pins->rsp_valid = pins->rsp_id = pins->rsp_error = 0;
    pins->rsp_data = 0;
  }
  if (memory->waiting_count) answer_drive(memory, cycle, pins);
  memory->ready = !memory->stalls || (memory->requested && cycle >= memory->ready_at);
  if (memory->waiting_count == TW_MEMORY_IDS) memory->ready = false;
  pins->req_ready = memory->ready;
}

static bool id_waits(const tw_memory *memory, uint8_t id) {
  for (unsigned i = 0; i < memory->waiting_count; i++)
    if (memory->waiting[i].id == id) return true;
  return false;
}

/* P34: A, or A and D, and nothing else. */
static bool update_check(const tw_pins_memory_out *pins, tw_error *error) {
  const uint64_t expected = pins->req_expected, set = pins->req_desired ^ expected;
  bool wide = pins->req_size == 2 && (expected | pins->req_desired) >> 32;
  bool sets = (pins->req_desired & set) == set && set && !(set & ~(uint64_t)(TW_PTE_A | TW_PTE_D));
  if (!wide && sets && pins->req_desired & TW_PTE_A) return true;
  return tw_error_set(error, "P34: update of the entry at 0x%llx from 0x%llx to 0x%llx: expected A set, or A and D",
                      (unsigned long long)pins->req_addr, (unsigned long long)expected,
                      (unsigned long long)pins->req_desired);
}

static bool request_check(const tw_memory *memory, const tw_pins_memory_out *pins, tw_error *error) {
  if (id_waits(memory, pins->req_id))
    return tw_error_set(error, "P27: page-table request with id %u while that id is not yet answered", pins->req_id);
  if (pins->req_kind > TW_PIN_MEM_CAS || (pins->req_size != 2 && pins->req_size != 3))
    return tw_error_set(error,
                        "page-table request of kind %u and size %u: expected a read or a compare-and-swap of size 2 "
                        "or 3",
                        pins->req_kind, pins->req_size);
  if (pins->req_addr & ((1u << pins->req_size) - 1u))
    return tw_error_set(error, "page-table request for 0x%llx, which is not aligned to %u bytes",
                        (unsigned long long)pins->req_addr, 1u << pins->req_size);
  if (pins->req_kind == TW_PIN_MEM_CAS) return update_check(pins, error);
  return (pins->req_expected | pins->req_desired) == 0 ||
         tw_error_set(error, "P5: expected or desired is not 0 in the read of 0x%llx",
                      (unsigned long long)pins->req_addr);
}

/* A request is done at its handshake: what it finds is there then, and an update is atomic (P34). */
static void request_accept(tw_memory *memory, uint64_t cycle, const tw_pins_memory_out *pins, frame *at,
                           tw_memory_read *read) {
  const uint64_t pa = pins->req_addr;
  const bool update = pins->req_kind == TW_PIN_MEM_CAS;
  const unsigned bytes = 1u << pins->req_size;
  size_t word = offset_of(pa) / 4;
  fate met = fate_draw(memory, pa, at);
  at->requests[word]++;
  uint8_t bit = (uint8_t)(1u << (word % 8)), *failed = &at->failed[update][word / 8];
  *failed = (uint8_t)(met.error ? *failed | bit : *failed & ~bit);
  uint64_t data = met.error ? 0 : tw_memory_read_value(memory, pa, bytes);
  if (update && !met.error && data == pins->req_expected) memcpy(at->bytes + offset_of(pa), &pins->req_desired, bytes);
  memory->waiting[memory->waiting_count++] =
      (pending){cycle + met.latency, memory->accepted++, data, pins->req_id, met.error};
  *read = (tw_memory_read){.cycle = cycle,
                           .answered = cycle + met.latency,
                           .pa = pa,
                           .pte = data,
                           .expected = pins->req_expected,
                           .desired = pins->req_desired,
                           .size = (uint8_t)bytes,
                           .error = met.error,
                           .update = update};
  memory->requested = false;
}

tw_memory_result tw_memory_observe(tw_memory *memory, uint64_t cycle, const tw_pins_memory_out *pins,
                                   tw_memory_read *read, tw_error *error) {
  if (!pins->req_valid) {
    if (!memory->requested) return TW_MEMORY_QUIET;
    memory->requested = false;
    tw_error_set(error, "P25: page-table request for 0x%llx retracted before its handshake",
                 (unsigned long long)memory->request.req_addr);
    return TW_MEMORY_VIOLATION;
  }
  if (memory->requested && memcmp(&memory->request, pins, sizeof *pins) != 0) {
    tw_error_set(error, "P25: page-table request for 0x%llx changed before its handshake (now 0x%llx)",
                 (unsigned long long)memory->request.req_addr, (unsigned long long)pins->req_addr);
    return TW_MEMORY_VIOLATION;
  }
  if (!request_check(memory, pins, error)) return TW_MEMORY_VIOLATION;
  frame *at = frame_touch(memory, pins->req_addr);
  if (!at) {
    tw_error_set(error, "memory is out");
    return TW_MEMORY_VIOLATION;
  }
  if (!memory->requested) {
    fate met = fate_draw(memory, pins->req_addr, at);
    memory->ready_at = cycle + (met.stall ? met.stall : 1);
    memory->requested = true;
    memory->request = *pins;
  }
  if (!memory->ready) return TW_MEMORY_QUIET;
  request_accept(memory, cycle, pins, at, read);
  return TW_MEMORY_ACCEPTED;
}

bool tw_memory_busy(const tw_memory *memory) {
  return memory->waiting_count || memory->requested;
}

bool tw_memory_holds(const tw_memory *memory) {
  return memory->requested;
}

void tw_memory_reset(tw_memory *memory) {
  memory->waiting_count = 0;
  memory->requested = memory->ready = false;
}
