/* Pages at a boundary, and what accesses around it get.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "crossing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "question.h"

#define TABLES 0x80000000u
#define ALL (TW_PMP_R | TW_PMP_W | TW_PMP_X)

static const char *const kind_names[PAGE_KINDS] = {"good", "invalid", "user's", "clean"};
static const char *const size_names[] = {"4 KiB", "64 KiB", "superpage"};

bool crossing_open(crossing *c, const machine_choice *choice, tw_error *error) {
  memset(c, 0, sizeof *c);
  if (!machine_open(&c->m, choice, error)) return false;
  const tw_config *config = &c->m.config;
  c->pmp = (tw_pmp){.count = config->pmp_entries, .grain = config->pmp_grain, .xlen = c->m.row->xlen};
  c->pmp.smepmp = (config->extensions & TW_EXT_SMEPMP) != 0;
  c->behind = (tw_machine){.pa_bits = config->pa_bits, .pmp = &c->pmp, .regions = &config->regions};
  return true;
}

void crossing_close(crossing *c) {
  machine_close(&c->m);
  if (c->accesses == 0) return;
  printf("%s %s: %" PRIu64 " accesses, %" PRIu64 " across the boundary; %" PRIu64 " faults in the first half, %" PRIu64
         " in the second, %" PRIu64 " in both\n",
         c->m.subject, c->m.config.name, c->accesses, c->crossings, c->faults[0], c->faults[1], c->faults[2]);
}

/* Page tables. */

static unsigned page_bits(const crossing *c, const crossing_page *page) {
  return page->size == SIZE_4K ? 12 : page->size == SIZE_64K ? 16 : 12 + c->m.row->vpn_bits;
}

static uint64_t entry_at(const crossing *c, uint64_t table, unsigned level, uint64_t va) {
  const uint64_t number = va >> (12 + c->m.row->vpn_bits * level) & ((1u << c->m.row->vpn_bits) - 1);
  return table + number * c->m.row->pte_bytes;
}

/* The address of the entry for va at a level; tables on the way are made. */
static uint64_t entry_reach(crossing *c, uint64_t va, unsigned level) {
  uint64_t table = TABLES;
  for (unsigned at = c->m.row->levels - 1; at > level; at--) {
    const uint64_t pa = entry_at(c, table, at, va);
    const uint64_t made = TABLES + (c->m.word_count + 1) * TW_PAGE_BYTES; /* a page that nobody has */
    if (machine_read(&c->m, pa) == 0) machine_write(&c->m, pa, made >> TW_PAGE_BITS << 10 | TW_PTE_V);
    table = machine_read(&c->m, pa) >> 10 << TW_PAGE_BITS;
  }
  return entry_at(c, table, level, va);
}

static void page_map(crossing *c, unsigned number) {
  static const uint64_t frames[2][3] = {{0x91234000, 0x91230000, 0x91000000}, {0xa5678000, 0xa5670000, 0xa4000000}};
  crossing_page *page = &c->scene.pages[number];
  const uint64_t frame = frames[number][page->size], va = c->scene.boundary - (number == 0);
  uint64_t flags = TW_PTE_V | TW_PTE_R | TW_PTE_W | TW_PTE_X | TW_PTE_A | TW_PTE_D;
  if (page->kind == PAGE_INVALID) flags &= ~(uint64_t)TW_PTE_V;
  if (page->kind == PAGE_USER) flags |= TW_PTE_U;
  if (page->kind == PAGE_CLEAN) flags &= ~(uint64_t)TW_PTE_D;
  if (page->size == SIZE_64K) flags |= TW_PTE_N | 8u << 10;
  page->frame = number == 0 ? frame + ((uint64_t)1 << page_bits(c, page)) : frame;
  page->entry = frame >> TW_PAGE_BITS << 10 | flags;
  page->entry_pa = entry_reach(c, va, page->size == SIZE_SUPER);
  machine_write(&c->m, page->entry_pa, page->entry);
}

/* Registers. */

static void pmp_write(crossing *c, unsigned index, uint64_t address, uint8_t cfg) {
  machine_pmp(&c->m, TW_PIN_PMP_ADDR, index, address >> 2);
  machine_pmp(&c->m, TW_PIN_PMP_CFG, index, cfg);
  tw_pmp_write_addr(&c->pmp, index, address >> 2);
  tw_pmp_write_cfg(&c->pmp, index, cfg);
}

/* The bytes [from, to), by entry `index` and the one before it. */
static void pmp_range(crossing *c, unsigned index, uint64_t from, uint64_t to, uint8_t rights) {
  pmp_write(c, index - 1, from, TW_PMP_OFF);
  pmp_write(c, index, to, TW_PMP_TOR | rights);
}

static void pmp_set(crossing *c) {
  const crossing_scene *scene = &c->scene;
  const uint64_t first = scene->pages[0].frame, second = scene->pages[1].frame;
  tw_pmp_reset(&c->pmp);
  if (c->pmp.count == 0) return;
  if (scene->by_granting) {
    pmp_write(c, c->pmp.count - 1, 0, TW_PMP_OFF);
    pmp_range(c, 1, TABLES, TABLES + ((uint64_t)MACHINE_WORDS << TW_PAGE_BITS), ALL);
    pmp_range(c, 3, first - (scene->front ? scene->front : TW_PAGE_BYTES), first, ALL);
    pmp_range(c, 5, second, second + (scene->back ? scene->back : TW_PAGE_BYTES), ALL);
    return;
  }
  pmp_write(c, c->pmp.count - 1, UINT64_MAX, TW_PMP_NAPOT | ALL);
  if (scene->front) pmp_range(c, 1, first - TW_PAGE_BYTES, first - scene->front, 0);
  if (scene->back) pmp_range(c, 3, second + scene->back, second + TW_PAGE_BYTES, 0);
}

void crossing_set(crossing *c, const crossing_scene *scene) {
  const tw_satp satp = {.mode = c->m.config.mode, .root_ppn = TABLES >> TW_PAGE_BITS};
  c->scene = *scene;
  machine_reset(&c->m);
  for (unsigned number = 0; number < 2; number++) {
    if (scene->bare) c->scene.pages[number].frame = scene->boundary;
    if (!scene->bare) page_map(c, number);
  }
  pmp_set(c);
  c->control = (tw_pins_control){
      .satp = scene->bare ? 0 : tw_satp_encode(&satp), .valid = 1, .privilege = TW_SUPERVISOR, .adue = scene->adue};
  c->m.in.control = c->control;
  machine_cycle(&c->m); /* and a fence, after PMP writes (P31) */
  if (!machine_fence(&c->m)) snprintf(c->error, sizeof c->error, "%s: the first fence is not done", c->m.subject);
}

/* Accesses. */

unsigned crossing_split(const crossing *c, uint64_t va, unsigned size, crossing_half halves[2]) {
  const uint64_t left = TW_PAGE_BYTES - va % TW_PAGE_BYTES; /* in the page of the first byte */
  const unsigned first = size < left ? size : (unsigned)left;
  const uint64_t mask = c->m.row->xlen == 32 ? UINT32_MAX : UINT64_MAX;
  const unsigned page = ((va - c->scene.boundary) & mask) >> (c->m.row->xlen - 1) == 0;
  halves[0] = (crossing_half){.va = va & mask, .size = first, .page = page};
  halves[1] = (crossing_half){.va = (va + first) & mask, .size = size - first, .page = 1};
  return first < size ? 2 : 1;
}

static bool is_canonical(const crossing *c, uint64_t va) {
  const unsigned bits = c->m.row->va_bits;
  const uint64_t upper = va >> (bits - 1);
  return c->scene.bare || c->m.row->xlen == 32 || upper == 0 || upper == UINT64_MAX >> (bits - 1);
}

/* Bytes from a half of the first page to the boundary; addresses go round. */
static uint64_t bytes_before(const crossing *c, const crossing_half *half) {
  const uint64_t bytes = c->scene.boundary - half->va;
  return c->m.row->xlen == 32 ? (uint32_t)bytes : bytes;
}

static bool pmp_grants(const crossing *c, const crossing_half *half) {
  const unsigned granted = half->page == 0 ? c->scene.front : c->scene.back;
  if (granted == 0) return true;
  const uint64_t reach = half->page == 0 ? bytes_before(c, half) : half->va + half->size - c->scene.boundary;
  return reach <= granted;
}

static tw_reason reason_of(const crossing *c, const crossing_half *half, tw_access access) {
  const crossing_page *page = &c->scene.pages[half->page];
  const bool writes = access == TW_STORE || access == TW_AMO;
  const bool updates = c->scene.adue && c->m.config.extensions & TW_EXT_SVADU;
  if (!is_canonical(c, half->va)) return TW_REASON_NOT_CANONICAL;
  if (!c->scene.bare && page->kind == PAGE_INVALID) return TW_REASON_INVALID;
  if (!c->scene.bare && page->kind == PAGE_USER) return TW_REASON_SUPERVISOR_DENIED;
  if (!c->scene.bare && page->kind == PAGE_CLEAN && writes && !updates) return TW_REASON_DIRTY_CLEAR;
  return pmp_grants(c, half) ? TW_OK : TW_REASON_PMP_DENIED;
}

tw_pins_response crossing_must(const crossing *c, const crossing_half *half, tw_access access) {
  static const uint8_t page_cause[] = {12, 13, 15, 15}, access_cause[] = {1, 5, 7, 7};
  const crossing_page *page = &c->scene.pages[half->page];
  const tw_reason reason = reason_of(c, half, access);
  tw_pins_response must = {.valid = 1};
  if (reason != TW_OK) {
    must.status = TW_PIN_FAULT;
    must.reason = (uint8_t)reason;
    must.cause = reason == TW_REASON_PMP_DENIED ? access_cause[access] : page_cause[access];
    must.tval = half->va;
    return must;
  }
  must.status = TW_PIN_TRANSLATED;
  must.pa = half->page == 0 ? page->frame - bytes_before(c, half) : page->frame + (half->va - c->scene.boundary);
  if (c->scene.bare) return must;
  must.level = page->size == SIZE_SUPER;
  must.napot = page->size == SIZE_64K;
  must.flags = (uint8_t)page->entry;
  return must;
}

/* Sv step 9: a store sets D where it is let, before PMP has its say about the page. */
static void update_expect(crossing *c, const crossing_half *half, tw_access access) {
  const tw_reason reason = reason_of(c, half, access);
  crossing_page *page = &c->scene.pages[half->page];
  if (c->scene.bare || page->kind != PAGE_CLEAN || (access != TW_STORE && access != TW_AMO)) return;
  if (reason == TW_OK || reason == TW_REASON_PMP_DENIED) page->entry |= TW_PTE_D;
}

/* A half that is asked for. */
typedef struct crossing_part {
  crossing_half half;
  tw_access access;
  tw_pins_response oracle;
} crossing_part;

static void complain(crossing *c, const char *what, const crossing_part *part, const tw_pins_response *got) {
  const crossing_scene *scene = &c->scene;
  const crossing_page *pages = scene->pages;
  const tw_pins_response must = crossing_must(c, &part->half, part->access);
  char expected[QUESTION_TEXT_BYTES], found[QUESTION_TEXT_BYTES];
  if (c->error[0]) return;
  question_response_text(&must, expected);
  question_response_text(got, found);
  snprintf(c->error, sizeof c->error,
           "%s %s: %s of %u bytes at 0x%" PRIx64 ", page %u: %s\n  boundary  0x%" PRIx64
           "%s, pages %s (%s) and %s (%s), ADUE=%d, PMP grants %u bytes before it and %u behind (0: all)%s%s\n"
           "  expected  %s\n  answered  %s\n  repeat    test_permissions_crossing %s %s",
           c->m.subject, c->m.config.name, tw_access_name(part->access), part->half.size, part->half.va,
           part->half.page, what, scene->boundary, scene->bare ? ", untranslated" : "", kind_names[pages[0].kind],
           size_names[pages[0].size], kind_names[pages[1].kind], size_names[pages[1].size], scene->adue, scene->front,
           scene->back, scene->by_granting ? ", by granting" : "", scene->cold ? ", cold" : "", expected, found,
           c->m.subject, c->m.config.name);
}

/* The oracle, on the same memory. An update finds what is there. */
static bool oracle_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  const crossing *c = payload;
  *pte = machine_read(&c->m, pa);
  return bytes == c->m.row->pte_bytes;
}

static bool oracle_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  (void)desired;
  return oracle_read(payload, pa, bytes, expected);
}

static tw_pins_response oracle_ask(crossing *c, const crossing_half *half, tw_access access) {
  tw_context context = {.privilege = TW_SUPERVISOR,
                        .xlen = c->m.row->xlen,
                        .extensions = tw_extensions_in_force(c->m.config.extensions, false, c->scene.adue),
                        .machine = &c->behind};
  const tw_request request = {.access = access, .va = half->va, .bytes = half->size};
  const tw_table_memory memory = {oracle_read, oracle_update, c};
  tw_walk walk;
  tw_satp_decode(c->m.row->xlen, c->control.satp, &context.satp);
  tw_walk_run(&context, &request, &memory, &walk);
  tw_pins_response says = {.valid = 1, .status = walk.reason == TW_OK ? TW_PIN_TRANSLATED : TW_PIN_FAULT};
  says.reason = (uint8_t)walk.reason;
  says.cause = (uint8_t)walk.cause;
  says.tval = walk.reason == TW_OK ? 0 : half->va;
  says.pa = walk.pa;
  says.level = walk.reason == TW_OK ? walk.level : 0;
  says.flags = walk.reason == TW_OK ? walk.flags : 0;
  says.napot = walk.reason == TW_OK && walk.napot;
  return says;
}

/* One answer. Which structure gave it, and when, is another test's affair. */
static void part_judge(crossing *c, const crossing_part *part, const tw_pins_response *got) {
  const crossing_page *page = &c->scene.pages[part->half.page];
  tw_pins_response must = crossing_must(c, &part->half, part->access);
  if (memcmp(&must, &part->oracle, sizeof must) != 0) complain(c, "the oracle says something else", part, got);
  must.hit = got->hit;
  must.tag = got->tag;
  must.req_ready = got->req_ready;
  if (memcmp(&must, got, sizeof must) != 0) complain(c, "the answer differs", part, got);
  if (machine_read(&c->m, page->entry_pa) != page->entry) complain(c, "its entry in memory differs", part, got);
}

static void crossing_count(crossing *c, const tw_pins_response got[2]) {
  const bool first = got[0].status == TW_PIN_FAULT, second = got[1].status == TW_PIN_FAULT;
  c->crossings++;
  if (first || second) c->faults[first && second ? 2 : second]++;
}

void crossing_put(crossing *c, tw_access access, uint64_t va, unsigned size) {
  crossing_half halves[2];
  crossing_part parts[2];
  machine_ask asks[2];
  tw_pins_response got[2] = {0};
  const unsigned count = crossing_split(c, va, size, halves);
  const uint64_t noise = c->m.row->xlen == 32 ? UINT64_C(0xa5a5a5a5) << 32 : 0; /* P15 */
  if (c->error[0]) return;
  for (unsigned i = 0; i < count; i++) {
    parts[i] = (crossing_part){halves[i], access, oracle_ask(c, &halves[i], access)};
    asks[i] = (machine_ask){.kind = access, .va = halves[i].va | noise, .size = (uint8_t)halves[i].size};
  }
  if (c->scene.cold && !machine_fence(&c->m)) complain(c, "the fence before it is not done", parts, got);
  if (!machine_ask_parts(&c->m, asks, count, got)) complain(c, "not every half is answered once", parts, got);
  for (unsigned i = 0; i < count; i++) update_expect(c, &halves[i], access);
  for (unsigned i = 0; i < count; i++) part_judge(c, &parts[i], &got[i]);
  c->accesses++;
  if (count == 2) crossing_count(c, got);
}

void crossing_put_all(crossing *c, bool all_kinds) {
  for (unsigned before = 0; before <= CROSSING_SIZES; before++) {
    for (unsigned size = 1; size <= CROSSING_SIZES; size++) {
      for (unsigned kind = 0; kind < (all_kinds ? TW_ACCESS_COUNT : 1u); kind++)
        crossing_put(c, (tw_access)((before + size + kind) % TW_ACCESS_COUNT), c->scene.boundary - before, size);
    }
  }
}
