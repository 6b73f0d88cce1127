/* The program, and the eyes on the pins.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crossing_program.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BASE UINT64_C(0x10000000)
#define PAGES_EACH 3u      /* of a crossing: two, and one that stays unmapped */
#define TOUCH_OFFSET 2048u /* where pages are touched before: no part lies there */
#define PARTS_MAX (2 * PROGRAM_CROSSINGS + PROGRAM_INSIDE)

/* A program as it is written. */
typedef struct writer {
  FILE *file;
  unsigned records;
  program_watch *watch;
} writer;

static void access_write(writer *w, tw_access kind, uint64_t va, unsigned size) {
  fprintf(w->file, "%s va=0x%" PRIx64 " size=%u\n", tw_access_name(kind), va, size);
  w->records++;
}

static void part_add(writer *w, tw_access kind, uint64_t va, unsigned size, bool faults) {
  assert_true(w->watch->count < PARTS_MAX);
  w->watch->parts[w->watch->count++] = (program_part){.va = va, .size = size, .kind = kind, .faults = faults};
}

/* Calls `visit` for every crossing: so many bytes of so large an access before the boundary. */
typedef void (*crossing_visit)(writer *w, uint64_t boundary, unsigned size, unsigned before, unsigned touched);
static void crossings_visit(writer *w, crossing_visit visit) {
  uint64_t boundary = BASE + TW_PAGE_BYTES;
  for (unsigned touched = 0; touched < PROGRAM_TOUCHED; touched++) {
    for (unsigned size = 2; size <= PROGRAM_SIZES; size++) {
      for (unsigned before = 1; before < size; before++) {
        visit(w, boundary, size, before, touched);
        boundary += PAGES_EACH * TW_PAGE_BYTES;
      }
    }
  }
}

static void crossing_touch(writer *w, uint64_t boundary, unsigned size, unsigned before, unsigned touched) {
  (void)size;
  (void)before;
  if (touched & 1) access_write(w, TW_STORE, boundary - TW_PAGE_BYTES + TOUCH_OFFSET, 1);
  if (touched & 2) access_write(w, TW_STORE, boundary + TOUCH_OFFSET, 1);
}

static void crossing_write(writer *w, uint64_t boundary, unsigned size, unsigned before, unsigned touched) {
  const tw_access kind = (tw_access)((size + before + touched) % TW_ACCESS_COUNT);
  access_write(w, kind, boundary - before, size);
  part_add(w, kind, boundary - before, before, !(touched & 1));
  part_add(w, kind, boundary, size - before, !(touched & 2));
}

/* Everything that ends at the boundary or before it, or begins there: in one piece, on pages of which both are mapped.
 */
static void inside_write(writer *w, uint64_t boundary) {
  for (unsigned size = 1; size <= PROGRAM_SIZES; size++) {
    for (unsigned before = 0; before <= PROGRAM_SIZES; before++) {
      if (before > 0 && before < size) continue;
      const tw_access kind = (tw_access)((size + before) % TW_ACCESS_COUNT);
      access_write(w, kind, boundary - before, size);
      part_add(w, kind, boundary - before, size, false);
    }
  }
}

/* A change of the map waits until everything before it has been answered. */
static void barrier_write(writer *w, unsigned number) {
  fprintf(w->file, "map start=0x%" PRIx64 " length=0x1000 prot=r-- use=mapped\n", BASE - (number + 2) * TW_PAGE_BYTES);
  w->records++;
}

void program_write(const char *path, program_watch *watch) {
  const uint64_t pages = (uint64_t)PROGRAM_CROSSINGS * PAGES_EACH, last = BASE + (pages + 1) * TW_PAGE_BYTES;
  writer w = {.file = fopen(path, "w"), .watch = watch};
  memset(watch, 0, sizeof *watch);
  watch->parts = calloc(PARTS_MAX, sizeof *watch->parts);
  assert_true(w.file && watch->parts);
  fprintf(w.file, "twinwalk program 2\nbits: 32\nsource: test\n---\n");
  fprintf(w.file, "map start=0x%" PRIx64 " length=0x%" PRIx64 " prot=rwx use=data\n", BASE,
          (pages + 2) * TW_PAGE_BYTES);
  w.records = 1;
  access_write(&w, TW_STORE, last - TW_PAGE_BYTES + TOUCH_OFFSET, 1);
  access_write(&w, TW_STORE, last + TOUCH_OFFSET, 1);
  crossings_visit(&w, crossing_touch);
  barrier_write(&w, 0);
  inside_write(&w, last);
  barrier_write(&w, 1);
  crossings_visit(&w, crossing_write);
  fprintf(w.file, "end %u\n", w.records);
  assert_int_equal(fclose(w.file), 0);
}

/* The eyes. */

__attribute__((format(printf, 2, 3))) static void wrong(program_watch *watch, const char *format, ...) {
  va_list arguments;
  if (watch->error[0]) return;
  va_start(arguments, format);
  vsnprintf(watch->error, sizeof watch->error, format, arguments);
  va_end(arguments);
}

static bool port_has(tw_port port, tw_access kind) {
  return (kind == TW_FETCH) == (port == TW_PORT_FETCH);
}

static bool is_same(const program_part *part, const tw_pins_request *pins) {
  return part->va == pins->va && part->size == pins->size && (unsigned)part->kind == pins->kind;
}

/* Moves to the next part of a port. */
static program_part *part_expected(program_watch *watch, tw_port port) {
  while (watch->next[port] < watch->count && !port_has(port, watch->parts[watch->next[port]].kind)) watch->next[port]++;
  return watch->next[port] < watch->count ? &watch->parts[watch->next[port]] : NULL;
}

static bool part_stands_faulted(const program_part *part) {
  return part->asked > 0 && part->asked == part->faulted + part->translated && part->ended_faulted;
}

/* Whether a port may begin again at a part: at one that is as old as the oldest that faulted, or younger (S2), once a
 * trap. */
static bool replay_begins(program_watch *watch, tw_port port, unsigned at) {
  unsigned trap = 0;
  while (trap <= at && !part_stands_faulted(&watch->parts[trap])) trap++;
  if (trap <= at) {
    watch->trap = trap;
    watch->replays[TW_PORT_FETCH] = watch->replays[TW_PORT_DATA] = true;
  } else if (!watch->replays[port] || at < watch->trap) {
    return false;
  }
  watch->replays[port] = false;
  return true;
}

/* The part that a request asks for: the next one, or one from which on the port asks again behind a trap. */
static program_part *part_asked(program_watch *watch, tw_port port, const tw_pins_request *pins) {
  program_part *next = part_expected(watch, port);
  if (next && is_same(next, pins)) {
    watch->next[port]++;
    return next;
  }
  for (unsigned i = watch->next[port]; i-- > 0;) {
    if (!is_same(&watch->parts[i], pins) || !replay_begins(watch, port, i)) continue;
    watch->next[port] = i + 1;
    return &watch->parts[i];
  }
  wrong(watch, "%s of %u bytes at 0x%" PRIx64 " is asked; expected the next part, of %u bytes at 0x%" PRIx64,
        tw_access_name((tw_access)pins->kind), pins->size, pins->va, next ? next->size : 0, next ? next->va : 0);
  return NULL;
}

static bool is_program(uint64_t va) {
  return va >= BASE && va < BASE + UINT64_C(0x20000000) && va % TW_PAGE_BYTES != TOUCH_OFFSET;
}

static void request_look(program_watch *watch, tw_port port, const tw_pins_request *pins,
                         const tw_pins_response *ready) {
  if (!pins->valid || !ready->req_ready || !is_program(pins->va)) return;
  program_part *part = part_asked(watch, port, pins);
  if (watch->tags[port][pins->tag]) wrong(watch, "tag %u is given to two parts at once", pins->tag);
  watch->tags[port][pins->tag] = part;
  if (!part) return;
  part->asked++;
  part->last = ++watch->requests;
}

static void answer_look(program_watch *watch, tw_port port, const tw_pins_response *pins) {
  if (!pins->valid || !watch->tags[port][pins->tag]) return;
  program_part *part = watch->tags[port][pins->tag];
  watch->tags[port][pins->tag] = NULL;
  part->ended_faulted = pins->status == TW_PIN_FAULT;
  if (pins->status == TW_PIN_TRANSLATED) {
    part->translated++;
    if ((pins->pa ^ part->va) % TW_PAGE_BYTES != 0) wrong(watch, "0x%" PRIx64 ": another offset in its page", part->va);
  } else if (pins->status == TW_PIN_FAULT) {
    part->faulted++;
    if (pins->tval != part->va) wrong(watch, "tval 0x%" PRIx64 " for the part at 0x%" PRIx64, pins->tval, part->va);
  }
}

void program_look(void *payload, const tw_side *side, const tw_pins_in *in) {
  program_watch *watch = payload;
  answer_look(watch, TW_PORT_FETCH, &side->out.fetch);
  answer_look(watch, TW_PORT_DATA, &side->out.data);
  request_look(watch, TW_PORT_FETCH, &in->fetch, &side->out.fetch);
  request_look(watch, TW_PORT_DATA, &in->data, &side->out.data);
}

void program_check(program_watch *watch) {
  for (unsigned i = 0; i < watch->count; i++) {
    const program_part *part = &watch->parts[i];
    const bool crosses = part->va % TW_PAGE_BYTES + part->size == TW_PAGE_BYTES && i + 1 < watch->count &&
                         part[1].va == part->va + part->size;
    const bool faulted = part->faults ? part->faulted > 0 : part->faulted == 0;
    if (!faulted || part->ended_faulted || part->translated == 0 || part->asked != part->faulted + part->translated)
      wrong(watch,
            "the part of %u bytes at 0x%" PRIx64 ": asked %u times, %u faults (%s expected), translated %u times",
            part->size, part->va, part->asked, part->faulted, part->faults ? "some" : "none", part->translated);
    if (crosses && part->faults && part[1].faults && part->last > part[1].last)
      wrong(watch, "0x%" PRIx64 ": the fault of the second half is served before that of the first", part->va);
  }
}
