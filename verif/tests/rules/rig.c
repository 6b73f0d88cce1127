/* The machine of the directed tests: its memory, its page tables, its registers, what is expected of it, and the oracle
 * behind it. The other subjects are in rig_pins.c.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rig_internal.h"

static rig_kind subject;

static tw_config config_make(const rig_needs *needs) {
  tw_mode deepest = needs->mode == TW_SV32 ? TW_SV32 : needs->deepest ? needs->deepest : TW_SV57;
  const tw_mode_info *row = tw_mode_row(deepest);
  tw_config config = {.name = "rules",
                      .mode = deepest,
                      .extensions = needs->with,
                      .pa_bits = needs->pa_bits ? needs->pa_bits : row->pa_bits,
                      .asid_bits = needs->asid_bits ? needs->asid_bits : row->asid_bits,
                      .fetch_entries = 16,
                      .data_entries = 16,
                      .fetch_slots = 2,
                      .data_slots = 2,
                      .l2 = {.entries = 64, .ways = 4, .latency = 2, .super_entries = 8},
                      .walk_entries = 4,
                      .walkers = 2,
                      .pmp_entries = needs->pmp_entries > 16 ? 64
                                     : needs->pmp_entries    ? 16
                                                             : 0,
                      .pmp_grain = needs->grain,
                      .memory = {1, 0, 0}};
  if (needs->regions) config.regions = *needs->regions;
  return config;
}

static void oracle_open(rig *r) {
  r->pmp = (tw_pmp){.count = r->config.pmp_entries,
                    .grain = r->config.pmp_grain,
                    .xlen = tw_mode_row(r->config.mode)->xlen,
                    .smepmp = r->config.extensions & TW_EXT_SMEPMP};
  tw_pmp_reset(&r->pmp);
}

bool rig_try(rig *r, const rig_needs *needs) {
  memset(r, 0, sizeof *r);
  r->kind = subject;
  r->latency = 1;
  r->config = config_make(needs);
  if (r->kind == RIG_RTL) {
    if (!rig_rtl_table.open(r, needs)) return false;
  } else if (r->kind == RIG_MODEL) {
    tw_error error = {""};
    r->mmu = tw_mmu_open(&r->config, &error);
    if (!r->mmu) fail_msg("%s", error.text);
  }
  rig_reset(r);
  if (needs->pmp_entries == 0 && r->config.pmp_entries) {
    rig_region(r, 0, RIG_EVERYTHING, TW_PMP_NAPOT | TW_PMP_R | TW_PMP_W | TW_PMP_X);
  }
  r->mode = needs->mode;
  r->root = rig_table(r);
  r->control = (tw_pins_control){.satp = rig_satp(r->mode, r->root, 0), .privilege = TW_SUPERVISOR};
  rig_apply(r);
  return true;
}

void rig_open(rig *r, void **state, const rig_needs *needs) {
  (void)state;
  if (!rig_try(r, needs)) skip();
}

void rig_close(rig *r) {
  if (r->kind == RIG_RTL) rig_rtl_table.close(r);
  if (r->kind == RIG_MODEL) tw_mmu_close(r->mmu);
}

bool rig_remembers(const rig *r) {
  return r->kind != RIG_ORACLE;
}

uint64_t rig_satp(tw_mode mode, uint64_t root, uint16_t asid) {
  tw_satp satp = {.mode = mode, .asid = asid, .root_ppn = root};
  return tw_satp_encode(&satp);
}

/* Memory. */

static uint8_t *memory_at(const rig *r, uint64_t pa, unsigned bytes) {
  const uint64_t size = (uint64_t)RIG_PAGES * TW_PAGE_BYTES, frozen = (uint64_t)RIG_FROZEN_PAGES * TW_PAGE_BYTES;
  if (pa >= RIG_BASE && pa + bytes <= RIG_BASE + size) return (uint8_t *)r->memory + (pa - RIG_BASE);
  if (pa < RIG_FROZEN || pa + bytes > RIG_FROZEN + frozen) return NULL;
  return (uint8_t *)r->memory + size + (pa - RIG_FROZEN);
}

static void request_log(rig *r, uint64_t pa, bool update, uint64_t desired) {
  if (r->logged < RIG_LOG) r->log[r->logged] = (rig_request){.pa = pa, .update = update, .desired = desired};
  r->logged++;
}

bool rig_memory_read(void *payload, uint64_t pa, unsigned bytes, uint64_t *pte) {
  rig *r = payload;
  const uint8_t *place = memory_at(r, pa, bytes);
  request_log(r, pa, false, 0);
  if (!place || (r->broken == pa && !r->broken_update)) return false;
  *pte = 0;
  memcpy(pte, place, bytes);
  return true;
}

bool rig_memory_update(void *payload, uint64_t pa, unsigned bytes, uint64_t *expected, uint64_t desired) {
  rig *r = payload;
  uint8_t *place = memory_at(r, pa, bytes);
  request_log(r, pa, true, desired);
  if (!place || r->broken == pa) return false;
  if (r->tamper_pa == pa) {
    memcpy(place, &r->tamper_pte, bytes);
    r->tamper_pa = 0;
  }
  uint64_t found = 0;
  memcpy(&found, place, bytes);
  if (found == *expected) memcpy(place, &desired, bytes);
  *expected = found;
  return true;
}

uint64_t rig_table(rig *r) {
  assert_in_range(r->pages_used, 0, RIG_PAGES - 1);
  return RIG_BASE / TW_PAGE_BYTES + r->pages_used++;
}

void rig_write(rig *r, uint64_t pa, uint64_t pte) {
  unsigned bytes = tw_mode_row(r->mode)->pte_bytes;
  uint8_t *place = memory_at(r, pa, bytes);
  assert_non_null(place);
  memcpy(place, &pte, bytes);
}

uint64_t rig_read(const rig *r, uint64_t pa) {
  unsigned bytes = tw_mode_row(r->mode)->pte_bytes;
  const uint8_t *place = memory_at(r, pa, bytes);
  assert_non_null(place);
  uint64_t pte = 0;
  memcpy(&pte, place, bytes);
  return pte;
}

uint64_t rig_entry(rig *r, uint64_t va, unsigned level) {
  uint64_t table = r->root;
  for (unsigned at = tw_mode_row(r->mode)->levels - 1; at > level; at--) {
    uint64_t pa = tw_pte_address(r->mode, table, at, va);
    uint64_t pte = rig_read(r, pa);
    if (!(pte & TW_PTE_V)) {
      pte = rig_table(r) << 10 | TW_PTE_V;
      rig_write(r, pa, pte);
    }
    table = pte >> 10;
  }
  return tw_pte_address(r->mode, table, level, va);
}

uint64_t rig_map(rig *r, uint64_t va, unsigned level, uint64_t pa, uint64_t flags) {
  uint64_t entry = rig_entry(r, va, level);
  rig_write(r, entry, pa >> TW_PAGE_BITS << 10 | flags);
  return entry;
}

/* Registers. */

static bool mode_supported(const rig *r, tw_mode mode) {
  const tw_mode_info *row = tw_mode_row(mode);
  return mode == TW_BARE || (row->xlen == tw_mode_row(r->config.mode)->xlen && mode <= r->config.mode);
}

static void oracle_apply(rig *r) {
  unsigned xlen = tw_mode_row(r->config.mode)->xlen;
  tw_satp satp;
  if (tw_satp_decode(xlen, r->control.satp, &satp) && mode_supported(r, satp.mode)) r->satp = r->control.satp;
  r->status = (tw_status){
      .privilege = (tw_privilege)r->control.privilege, .mprv = r->control.mprv, .mpp = (tw_privilege)r->control.mpp};
}

void rig_apply(rig *r) {
  if (r->kind == RIG_ORACLE) {
    oracle_apply(r);
    return;
  }
  r->in.control = r->control;
  r->in.control.valid = 1;
  rig_cycle(r);
}

void rig_pmp(rig *r, unsigned kind, unsigned index, uint64_t value) {
  if (r->kind != RIG_ORACLE) {
    r->in.pmp = (tw_pins_pmp){.valid = 1, .kind = (uint8_t)kind, .index = (uint8_t)index, .value = value};
    rig_cycle(r);
  } else if (kind == TW_PIN_PMP_CFG) {
    tw_pmp_write_cfg(&r->pmp, index, (uint8_t)value);
  } else if (kind == TW_PIN_PMP_ADDR) {
    tw_pmp_write_addr(&r->pmp, index, value);
  } else {
    tw_pmp_write_mseccfg(&r->pmp, value);
  }
}

void rig_region(rig *r, unsigned index, uint64_t addr, uint8_t cfg) {
  rig_pmp(r, TW_PIN_PMP_ADDR, index, addr & (BIT(54) - 1));
  rig_pmp(r, TW_PIN_PMP_CFG, index, cfg);
}

void rig_reset(rig *r) {
  r->control = (tw_pins_control){.privilege = TW_MACHINE};
  if (r->kind == RIG_ORACLE) {
    oracle_open(r);
    r->satp = 0;
    oracle_apply(r);
    return;
  }
  r->in = (tw_pins_in){.rst_n = 0};
  rig_cycle(r);
}

uint64_t rig_napot(uint64_t base, unsigned bits) {
  return base >> 2 | (BIT(bits - 3) - 1);
}

/* Questions. */

static rig_answer oracle_ask(rig *r, const tw_request *request) {
  const tw_mode_info *row = tw_mode_row(r->config.mode);
  tw_machine machine = {.pa_bits = r->config.pa_bits,
                        .pmp = r->config.pmp_entries ? &r->pmp : NULL,
                        .regions = r->config.regions.count ? &r->config.regions : NULL};
  tw_context context = {.privilege = tw_privilege_effective(&r->status, request->access),
                        .sum = r->control.sum,
                        .mxr = r->control.mxr,
                        .xlen = row->xlen,
                        .machine = &machine};
  context.extensions = tw_extensions_in_force(r->config.extensions, r->control.pbmte, r->control.adue);
  assert_true(tw_satp_decode(row->xlen, r->satp, &context.satp));
  context.satp.asid &= (uint16_t)(BIT(r->config.asid_bits) - 1);
  tw_table_memory memory = {.read = rig_memory_read, .update = rig_memory_update, .payload = r};
  tw_walk walk;
  tw_walk_run(&context, request, &memory, &walk);
  rig_answer answer = {.reason = walk.reason, .cause = walk.cause, .pa = walk.pa, .attribute = walk.attribute};
  answer.status = walk.retry ? TW_PIN_RETRY : walk.reason == TW_OK ? TW_PIN_TRANSLATED : TW_PIN_FAULT;
  if (answer.status == TW_PIN_FAULT) answer.tval = row->xlen == 32 ? (uint32_t)request->va : request->va;
  if (answer.status != TW_PIN_TRANSLATED) return answer;
  answer.level = walk.level;
  answer.flags = walk.flags;
  answer.napot = walk.napot;
  return answer;
}

static rig_answer ask(rig *r, const tw_request *request) {
  r->logged = 0;
  rig_answer answer = r->kind == RIG_ORACLE ? oracle_ask(r, request) : rig_pins_ask(r, request);
  for (unsigned i = 0; i < r->logged && i < RIG_LOG; i++) {
    if (r->log[i].update) {
      answer.updates++;
    } else {
      answer.reads++;
    }
  }
  return answer;
}

rig_answer rig_ask(rig *r, tw_access access, uint64_t va) {
  return rig_ask_bytes(r, access, va, 1);
}

rig_answer rig_ask_bytes(rig *r, tw_access access, uint64_t va, unsigned bytes) {
  tw_request request = {.access = access, .va = va, .bytes = bytes};
  return ask(r, &request);
}

rig_answer rig_ask_speculative(rig *r, tw_access access, uint64_t va) {
  tw_request request = {.access = access, .va = va, .bytes = 1, .speculative = true};
  return ask(r, &request);
}

void rig_grants(rig *r, tw_access access, uint64_t va, uint64_t pa) {
  rig_answer answer = rig_ask(r, access, va);
  if (answer.status != TW_PIN_TRANSLATED) fail_msg("0x%llx: %s", (unsigned long long)va, tw_reason_name(answer.reason));
  assert_int_equal(answer.pa, pa);
}

void rig_denies(rig *r, tw_access access, uint64_t va, tw_reason reason) {
  rig_answer answer = rig_ask(r, access, va);
  assert_int_equal(answer.status, TW_PIN_FAULT);
  assert_string_equal(tw_reason_name(answer.reason), tw_reason_name(reason));
  assert_int_equal(answer.cause, tw_reason_cause(reason, access));
}

void rig_fence_all(rig *r) {
  tw_pins_fence fence = {.kind = TW_PIN_SFENCE_VMA};
  rig_fence(r, &fence);
}

int rig_main(int count, char **arguments, const struct CMUnitTest *tests, size_t size) {
  static const char *const names[] = {"oracle", "model", "rtl"};
  int failed = count < 2;
  for (int i = 1; i < count; i++) {
    unsigned kind = 0;
    while (kind < 3 && strcmp(arguments[i], names[kind]) != 0) kind++;
    if (kind == 3) {
      fprintf(stderr, "usage: %s oracle|model|rtl...\n", arguments[0]);
      return 2;
    }
    subject = (rig_kind)kind;
    failed += _cmocka_run_group_tests(names[kind], tests, size, NULL, NULL);
  }
  return failed;
}
