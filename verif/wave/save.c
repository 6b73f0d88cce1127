/* The GTKWave save file: which signals stand together, in which colour and format, and where to look first.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters.h"
#include "internal.h"
#include "paths.h"

#define LEAD 9u /* cycles shown before the place of interest */

/* Data formats of GTKWave, as save files have them. */
enum { AS_BINARY = 0x28, AS_HEX = 0x22, AS_DECIMAL = 0x24, AS_SIGNED = 0x424, AS_TEXT = 0x22 };
enum {
  BY_FILE = 0x2000,
  BY_PROCESS = 0x4000,
  OPEN_GROUP = 0x800200,
  OPEN_END = 0x1000200,
  CLOSED_GROUP = 0xc00200,
  CLOSED_END = 0x1401200,
  BLANK = 0x200
};

typedef enum colour { ORANGE = 2, YELLOW = 3, GREEN = 4, INDIGO = 6, VIOLET = 7 } save_colour;
static const save_colour of_lane = YELLOW, of_input = INDIGO, of_dut = ORANGE, of_model = GREEN;

typedef struct save {
  FILE *to;
  const tw_wave *wave;
  const char *folder; /* of the filters, relative to the save file */
  bool internals;
} save;

typedef struct row {
  const char *label;
  const char *path; /* scopes and name, without a range */
  unsigned bits;
  int format;
  wave_filter filter; /* FILTER_NONE: as the format says */
  save_colour colour;
} row;

static void put_row(const save *s, const row *r) {
  const bool process = wave_filter_is_process(r->filter);
  const int by = r->filter == FILTER_NONE ? 0 : process ? BY_PROCESS : BY_FILE;
  fprintf(s->to, "@%x\n", (unsigned)(r->format | by));
  if (by)
    fprintf(s->to, "^%s%u %s/%s\n", process ? ">" : "", wave_filter_slot(r->filter), s->folder,
            wave_filter_file(r->filter));
  fprintf(s->to, "[color] %d\n+{%s} %s", r->colour, r->label, r->path);
  if (r->bits > 1) fprintf(s->to, "[%u:0]", r->bits - 1);
  fputc('\n', s->to);
}

static void put_group(const save *s, const char *name, bool open) {
  fprintf(s->to, "@%x\n-%s\n", open ? OPEN_GROUP : CLOSED_GROUP, name);
}

static void put_group_end(const save *s, const char *name, bool open) {
  fprintf(s->to, "@%x\n-%s\n", open ? OPEN_END : CLOSED_END, name);
}

static void put_head(const save *s, const char *fst_name, const char *save_name) {
  const tw_wave *wave = s->wave;
  const uint64_t fault = wave->fault_count ? wave->faults[0] : wave->first;
  const uint64_t at = wave->differed ? wave->difference : fault;
  fprintf(s->to, "[*] Twinwalk: %s\n", wave->config.name);
  fprintf(s->to, "[dumpfile] \"%s\"\n[savefile] \"%s\"\n", fst_name, save_name);
  fprintf(s->to, "[timestart] %llu\n[size] 1580 836\n[pos] -1 -1\n",
          (unsigned long long)(at > wave->first + LEAD ? at - LEAD : wave->first));
  fprintf(s->to, "*-1.300000 %llu", (unsigned long long)at);
  for (unsigned i = 0; i < 26; i++) {
    if (i < WAVE_FAULTS && i < wave->fault_count) {
      fprintf(s->to, " %llu", (unsigned long long)wave->faults[i]);
    } else if (i == 25 && wave->differed) {
      fprintf(s->to, " %llu", (unsigned long long)wave->difference);
    } else {
      fputs(" -1", s->to);
    }
  }
  fputc('\n', s->to);
  for (unsigned i = 0; i < WAVE_FAULTS && i < wave->fault_count; i++)
    fprintf(s->to, "[markername] %cfault %u\n", 'A' + i, i + 1);
  if (wave->differed) fputs("[markername] Zdifference\n", s->to);
  fputs("[sst_expanded] 0\n[signals_width] 280\n", s->to);
}

static void put_lane_text(const save *s, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "lane.%s", name);
  put_row(s, &(row){name, path, 0, AS_TEXT, FILTER_NONE, of_lane});
}

static void put_lane(const save *s) {
  static const char *const before[] = {"control", "fetch", "fetch_answer", "data", "data_answer"};
  static const char *const after[] = {"memory", "fence", "pmp", "event"};
  put_group(s, "lane", true);
  for (size_t i = 0; i < sizeof before / sizeof *before; i++) put_lane_text(s, before[i]);
  for (unsigned i = 0; i < s->wave->config.walkers; i++) put_lane_text(s, s->wave->lane_names[i]);
  for (size_t i = 0; i < sizeof after / sizeof *after; i++) put_lane_text(s, after[i]);
  put_row(s, &(row){"fault", "lane.fault", 1, AS_BINARY, FILTER_NONE, of_lane});
  put_row(s, &(row){"difference", "lane.difference", 1, AS_BINARY, FILTER_NONE, of_lane});
  put_row(s, &(row){"differs", "lane.differs", 0, AS_TEXT, FILTER_NONE, of_lane});
  put_group_end(s, "lane", true);
}

/* How a pin is shown, by the end of its name. */
static const struct {
  const char *end;
  wave_filter filter;
} pin_filters[] = {{"_req_kind", FILTER_KIND},   {"_rsp_status", FILTER_STATUS},   {"_rsp_reason", FILTER_REASON},
                   {"_rsp_cause", FILTER_CAUSE}, {"_rsp_level", FILTER_PAGE},      {"_rsp_flags", FILTER_FLAGS},
                   {"_rsp_hit", FILTER_HIT},     {"_attribute", FILTER_ATTRIBUTE}, {"_privilege", FILTER_PRIVILEGE},
                   {"_mpp", FILTER_PRIVILEGE},   {"fence_kind", FILTER_FENCE},     {"pmp_kind", FILTER_PMP},
                   {"mem_rsp_data", FILTER_PTE}, {"mem_req_expected", FILTER_PTE}, {"mem_req_desired", FILTER_PTE},
                   {"mem_req_kind", FILTER_NONE}};

static bool ends_with(const char *string, const char *end) {
  const size_t length = strlen(string), tail = strlen(end);
  return length >= tail && strcmp(string + length - tail, end) == 0;
}

/* Pins that docs/pins.md reserves are always 0 and not worth a row. */
static bool is_reserved(const char *name) {
  static const char *const ends[] = {"_implicit", "_gpa", "fetch_req_kind"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    if (ends_with(name, ends[i])) return true;
  }
  return false;
}

static void put_pin(const save *s, const tw_pin *pin, const char *scope, save_colour colour) {
  char name[WAVE_NAME_BYTES], path[WAVE_NAME_BYTES + 8], label[WAVE_NAME_BYTES + 8];
  row r = {label, path, pin->bits, pin->bits == 1 ? AS_BINARY : AS_HEX, FILTER_NONE, colour};
  wave_pin_name(pin, name);
  snprintf(path, sizeof path, "%s.%s", scope, name);
  snprintf(label, sizeof label, pin->output ? "%s %s" : "%.0s%s", scope, name);
  for (size_t i = 0; i < sizeof pin_filters / sizeof *pin_filters; i++) {
    if (ends_with(pin->name, pin_filters[i].end)) r.filter = pin_filters[i].filter;
  }
  put_row(s, &r);
}

/* Pins of an access port that tell the story; the others go into a closed group of their own. */
static bool is_minor(const char *name) {
  static const char *const ends[] = {"_speculative", "_cancel_valid", "_cancel_tag", "_tag",   "_size",
                                     "_cause",       "_level",        "_attribute",  "_napot", "_tval"};
  if (strncmp(name, "fetch_", 6) != 0 && strncmp(name, "data_", 5) != 0) return false;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    if (ends_with(name, ends[i])) return true;
  }
  return false;
}

/* The pins whose names begin with a prefix: inputs once, outputs of both sides one above the other. */
static void put_pin_rows(const save *s, const char *prefix, bool minor) {
  for (size_t i = 0; i < tw_pin_count; i++) {
    const tw_pin *pin = &tw_pins[i];
    if (strncmp(pin->name, prefix, strlen(prefix)) != 0 || is_reserved(pin->name)) continue;
    if (is_minor(pin->name) != minor) continue;
    put_pin(s, pin, "dut", pin->output ? of_dut : of_input);
    if (pin->output && s->wave->with_model) put_pin(s, pin, "model", of_model);
  }
}

static void put_pins(const save *s, const char *group, const char *prefix, bool open) {
  put_group(s, group, open);
  put_pin_rows(s, prefix, false);
  put_group_end(s, group, open);
}

static void put_port(const save *s, const char *name, bool open) {
  char group[32], prefix[16];
  snprintf(group, sizeof group, "%s port", name);
  snprintf(prefix, sizeof prefix, "%s_", name);
  put_pins(s, group, prefix, open);
  snprintf(group, sizeof group, "%s port, tags and more", name);
  put_group(s, group, false);
  put_pin_rows(s, prefix, true);
  put_group_end(s, group, false);
}

/* The registers of one walker or slot: the scope, and the row's name and format in it. */
typedef struct scoped {
  const char *name;
  unsigned bits;
  int format;
  wave_filter filter;
} scoped;

static void put_scope(const save *s, const char *scope, const scoped *registers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const scoped *r = &registers[i];
    char path[WAVE_SCOPE_BYTES + WAVE_NAME_BYTES], label[WAVE_SCOPE_BYTES + WAVE_NAME_BYTES];
    snprintf(path, sizeof path, "%s.%s", scope, r->name);
    snprintf(label, sizeof label, "%s", path);
    for (char *dot; (dot = strchr(label, '.'));) *dot = ' '; /* GTKWave takes what is before a dot for a scope */
    put_row(s, &(row){label, path, r->bits, r->format, r->filter, of_model});
  }
}

static void put_walkers(const save *s) {
  const tw_wave *wave = s->wave;
  const scoped registers[] = {{"state", 3, AS_HEX, FILTER_STATE},
                              {"owner", 4, AS_DECIMAL, FILTER_NONE},
                              {"attached", wave_slots(&wave->config), AS_BINARY, FILTER_NONE},
                              {"level", 3, AS_HEX, FILTER_PAGE},
                              {"table_ppn", wave->row->ppn_bits, AS_HEX, FILTER_NONE},
                              {"entry", 8 * wave->row->pte_bytes, AS_HEX, FILTER_PTE},
                              {"reason", 5, AS_HEX, FILTER_REASON},
                              {"killed", 1, AS_BINARY, FILTER_NONE},
                              {"global", 1, AS_BINARY, FILTER_NONE}};
  for (unsigned i = 0; i < wave->config.walkers; i++) {
    char group[24];
    snprintf(group, sizeof group, "walker %u", i);
    put_group(s, group, i == 0);
    put_scope(s, wave->walker_scopes[i], registers, sizeof registers / sizeof *registers);
    put_group_end(s, group, i == 0);
  }
}

static void put_slots(const save *s) {
  static const scoped registers[] = {{"state", 3, AS_HEX, FILTER_SLOT},
                                     {"walker", 8, AS_DECIMAL, FILTER_NONE},
                                     {"tag", TW_TAG_BITS, AS_HEX, FILTER_NONE},
                                     {"va", 64, AS_HEX, FILTER_NONE}};
  put_group(s, "miss slots", true);
  for (unsigned i = 0; i < wave_slots(&s->wave->config); i++)
    put_scope(s, s->wave->slot_scopes[i], registers, s->wave->config.walkers > 1 ? 4 : 1);
  put_group_end(s, "miss slots", true);
}

typedef struct vectors {
  const char *what, *scope; /* "data slots", and where they are */
  const char *const *names;
  size_t count;
  unsigned bits;
} vectors;

static void put_vectors(const save *s, const vectors *all) {
  for (size_t i = 0; i < all->count; i++) {
    char path[64], label[64];
    snprintf(path, sizeof path, "dut.tw_mmu.%s.%s", all->scope, all->names[i]);
    snprintf(label, sizeof label, "dut %s %s", all->what, all->names[i]);
    put_row(s, &(row){label, path, all->bits, AS_BINARY, FILTER_NONE, of_dut});
  }
}

/* This project's RTL: a bit for each walker, a bit for each slot of a port. */
static void put_internals(const save *s) {
  static const char *const walkers[] = {"request_q", "wait_q",   "update_q", "update_wait_q",
                                        "decide_q",  "killed_q", "held_q"};
  static const char *const slots[] = {"search_q", "searching_q", "waiting_q", "walking_q", "done_q"};
  const tw_config *config = &s->wave->config;
  const size_t states = sizeof slots / sizeof *slots;
  put_group(s, "design: walkers and slots", false);
  put_vectors(s, &(vectors){"walkers", "i_walkers", walkers, sizeof walkers / sizeof *walkers, config->walkers});
  put_vectors(s, &(vectors){"data slots", "i_data.i_slots", slots, states, config->data_slots});
  put_vectors(s, &(vectors){"fetch slots", "i_fetch.i_slots", slots, states, config->fetch_slots});
  put_group_end(s, "design: walkers and slots", false);
}

static void put_shared(const save *s) {
  static const scoped shared[] = {{"held", 8, AS_DECIMAL, FILTER_NONE},
                                  {"search_next", 4, AS_DECIMAL, FILTER_NONE},
                                  {"take_next", 4, AS_DECIMAL, FILTER_NONE},
                                  {"request_next", 4, AS_DECIMAL, FILTER_NONE}};
  static const scoped l2[] = {{"sweep", 1, AS_BINARY, FILTER_NONE},
                              {"sweep_set", 12, AS_DECIMAL, FILTER_NONE},
                              {"sweep_last", 12, AS_DECIMAL, FILTER_NONE},
                              {"lfsr", 16, AS_HEX, FILTER_NONE}};
  const tw_l2_config *config = &s->wave->config.l2;
  put_group(s, "round robins and L2", false);
  put_scope(s, "model.shared", shared, sizeof shared / sizeof *shared);
  if (config->entries) put_scope(s, "model.l2", l2, config->replacement == TW_RANDOM ? 4 : 3);
  put_group_end(s, "round robins and L2", false);
}

static void put_tlb(const save *s, unsigned tlb) {
  static const char *const names[WAVE_TLBS] = {"fetch TLB", "data TLB", "L2 TLB, superpages"};
  static const char *const scopes[WAVE_TLBS] = {"fetch_tlb", "data_tlb", "l2_super"};
  char path[64], label[32];
  const unsigned entries = wave_entries(&s->wave->config, tlb);
  if (entries == 0) return;
  put_group(s, names[tlb], false);
  snprintf(path, sizeof path, "model.%s.valid", scopes[tlb]);
  put_row(s, &(row){"model valid", path, entries, AS_HEX, FILTER_NONE, of_model});
  if (entries > 1 && tlb != WAVE_SUPER) {
    snprintf(path, sizeof path, "model.%s.plru", scopes[tlb]);
    put_row(s, &(row){"model plru", path, wave_plru_bits(entries), AS_HEX, FILTER_NONE, of_model});
  }
  for (unsigned i = 0; i < entries; i++) {
    snprintf(path, sizeof path, "model.%s.entry_%02u", scopes[tlb], i);
    snprintf(label, sizeof label, "model entry %u", i);
    put_row(s, &(row){label, path, 0, AS_TEXT, FILTER_NONE, of_model});
  }
  put_group_end(s, names[tlb], false);
}

static void put_all(const save *s) {
  put_lane(s);
  put_port(s, "data", true);
  if (s->wave->with_model) put_walkers(s);
  if (s->wave->with_model) put_slots(s);
  if (s->internals) put_internals(s);
  put_pins(s, "memory port", "mem_", true);
  put_port(s, "fetch", false);
  put_pins(s, "control write", "control_", false);
  put_pins(s, "PMP write", "pmp_", false);
  put_pins(s, "fence port", "fence_", false);
  put_pins(s, "events", "event", false);
  if (s->wave->with_model) put_shared(s);
  for (unsigned tlb = 0; s->wave->with_model && tlb < WAVE_TLBS; tlb++) put_tlb(s, tlb);
  fputs("[pattern_trace] 1\n[pattern_trace] 0\n", s->to);
}

bool tw_wave_save(const tw_wave *wave, const char *fst_path, bool internals, tw_error *error) {
  wave_paths paths;
  if (!wave_paths_make(&paths, fst_path, error)) return false;
  if (!wave_filters_write(paths.folder, wave->config.mode, error)) return false;
  char *content = NULL;
  size_t size = 0;
  save s = {open_memstream(&content, &size), wave, paths.folder_name, internals};
  if (!s.to) return tw_error_set(error, "%s: out of memory", paths.save);
  put_head(&s, paths.fst_name, paths.save_name);
  put_all(&s);
  const bool whole = fclose(s.to) == 0;
  const bool written = whole && wave_file_write(paths.save, content, size, false, error);
  free(content);
  return whole ? written : tw_error_set(error, "%s: out of memory", paths.save);
}
