/* `twinwalk explain`: one walk, bit by bit, of an access of a trace or of an address given by hand.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config_file.h"
#include "dut_loader.h"
#include "needs.h"
#include "side.h"
#include "walk_text.h"

typedef struct explain_options {
  const char *trace, *config, *memory_path;
  bool has_access, has_satp, has_va, sum, mxr;
  uint64_t record, satp, va;
  unsigned xlen, extensions;
  tw_access access;
  tw_privilege privilege;
} explain_options;

enum { KEY_RECORD = 0x400, KEY_SATP, KEY_VA, KEY_MEMORY, KEY_PRIVILEGE, KEY_SUM, KEY_MXR, KEY_XLEN, KEY_EXTENSIONS };

static const struct argp_option OPTIONS[] = {
    {"access", KEY_RECORD, "N", 0,
     "of TRACE: the number of the access's record, as reports and golden traces show it; "
     "by hand: fetch, load, store or amo (default: load)",
     0},
    {"config", 'c', "CONFIG", 0, "configuration to run TRACE with", 0},
    {"satp", KEY_SATP, "VALUE", 0, "by hand: the satp register", 1},
    {"va", KEY_VA, "ADDRESS", 0, "by hand: the virtual address", 1},
    {"memory", KEY_MEMORY, "FILE", 0,
     "by hand: what memory holds: lines of `address value`, an entry each, # begins a comment", 1},
    {"privilege", KEY_PRIVILEGE, "U|S|M", 0, "by hand: the effective privilege (default: U)", 1},
    {"sum", KEY_SUM, NULL, 0, "by hand: the supervisor may access user memory", 1},
    {"mxr", KEY_MXR, NULL, 0, "by hand: executable pages may be read", 1},
    {"extensions", KEY_EXTENSIONS, "NAMES", 0,
     "by hand: what is in force: svnapot, svpbmt, svadu, svrsw60t59b, divided by commas (default: none)", 1},
    {"xlen", KEY_XLEN, "32|64", 0, "by hand: width of satp (default: 32 if it fits, else 64)", 1},
    {0}};

static bool number_parse(const char *text, uint64_t *value) {
  char *end = NULL;
  errno = 0;
  *value = strtoull(text, &end, 0);
  return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

static void extensions_parse(explain_options *options, const char *text, const struct argp_state *state) {
  for (size_t length; *text; text += length + (text[length] == ',')) {
    unsigned bit = 0;
    length = strcspn(text, ",");
    while (bit < TW_EXT_COUNT &&
           (strlen(tw_extension_name(bit)) != length || strncmp(text, tw_extension_name(bit), length) != 0))
      bit++;
    if (bit == TW_EXT_COUNT) argp_error(state, "--extensions: there is no extension \"%.*s\"", (int)length, text);
    options->extensions |= 1u << bit;
  }
}

static void access_parse(explain_options *options, const char *text, const struct argp_state *state) {
  for (unsigned kind = 0; kind < TW_ACCESS_COUNT; kind++) {
    if (strcmp(text, tw_access_name((tw_access)kind)) != 0) continue;
    options->access = (tw_access)kind;
    return;
  }
  options->has_access = number_parse(text, &options->record);
  if (!options->has_access)
    argp_error(state, "--access: expected a number, or fetch, load, store or amo, found \"%s\"", text);
}

static void privilege_parse(explain_options *options, const char *text, const struct argp_state *state) {
  if (strcmp(text, "U") == 0) {
    options->privilege = TW_USER;
  } else if (strcmp(text, "S") == 0) {
    options->privilege = TW_SUPERVISOR;
  } else if (strcmp(text, "M") == 0) {
    options->privilege = TW_MACHINE;
  } else {
    argp_error(state, "--privilege: expected U, S or M, found \"%s\"", text);
  }
}

static void end_check(const explain_options *options, const struct argp_state *state) {
  if (options->trace) {
    if (!options->has_access || !options->config) argp_error(state, "expected TRACE --access N -c CONFIG");
  } else if (!options->has_satp || !options->has_va || !options->memory_path || options->has_access) {
    argp_error(state, "expected --satp S --va V --memory FILE, or TRACE --access N -c CONFIG");
  }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  explain_options *options = state->input;
  uint64_t value = 0;
  switch (key) {
  case KEY_RECORD:
    access_parse(options, argument, state);
    return 0;
  case 'c':
    options->config = argument;
    return 0;
  case KEY_SATP:
    options->has_satp = number_parse(argument, &options->satp);
    if (!options->has_satp) argp_error(state, "--satp: expected a number, found \"%s\"", argument);
    return 0;
  case KEY_VA:
    options->has_va = number_parse(argument, &options->va);
    if (!options->has_va) argp_error(state, "--va: expected a number, found \"%s\"", argument);
    return 0;
  case KEY_MEMORY:
    options->memory_path = argument;
    return 0;
  case KEY_PRIVILEGE:
    privilege_parse(options, argument, state);
    return 0;
  case KEY_SUM:
  case KEY_MXR:
    *(key == KEY_SUM ? &options->sum : &options->mxr) = true;
    return 0;
  case KEY_EXTENSIONS:
    extensions_parse(options, argument, state);
    return 0;
  case KEY_XLEN:
    if (!number_parse(argument, &value) || (value != 32 && value != 64)) argp_error(state, "--xlen: expected 32 or 64");
    options->xlen = (unsigned)value;
    return 0;
  case ARGP_KEY_ARG:
    if (options->trace) argp_error(state, "one trace at a time");
    options->trace = argument;
    return 0;
  case ARGP_KEY_END:
    end_check(options, state);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* A line, its newline already taken off. */
static bool memory_line(char *line, unsigned bytes, tw_memory *memory, tw_error *error) {
  line[strcspn(line, "#")] = '\0';
  char *rest = NULL, *first = strtok_r(line, " \t", &rest);
  if (!first) return true;
  char *second = strtok_r(NULL, " \t", &rest), *more = strtok_r(NULL, " \t", &rest);
  uint64_t pa, value;
  if (!second || more || !number_parse(first, &pa) || !number_parse(second, &value))
    return tw_error_set(error, "expected `address value`");
  if (pa % bytes) return tw_error_set(error, "expected an address that is a multiple of %u, found %s", bytes, first);
  return tw_memory_write(memory, pa, bytes, value) || tw_error_set(error, "memory is out");
}

static bool memory_lines(FILE *file, const char *path, unsigned bytes, tw_memory *memory, tw_error *error) {
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  bool good = true;
  tw_error wrong = {0};
  for (unsigned number = 1; good && (length = getline(&line, &room, file)) > 0; number++) {
    if (line[length - 1] == '\n') line[--length] = '\0';
    good = (strlen(line) == (size_t)length && memory_line(line, bytes, memory, &wrong)) ||
           tw_error_set(error, "%s:%u: %s", path, number, wrong.text[0] ? wrong.text : "expected a line of text");
  }
  free(line);
  return good && (!ferror(file) || tw_error_set(error, "%s: %s", path, strerror(errno)));
}

static bool memory_read(const char *path, unsigned bytes, tw_memory *memory, tw_error *error) {
  bool standard = strcmp(path, "-") == 0;
  FILE *file = standard ? stdin : fopen(path, "re");
  if (!file) return tw_error_set(error, "%s: %s", path, strerror(errno));
  bool good = memory_lines(file, standard ? "standard input" : path, bytes, memory, error);
  if (!standard) fclose(file);
  return good;
}

static bool by_hand(const explain_options *options, tw_error *error) {
  unsigned xlen = options->xlen ? options->xlen : options->satp >> 32 ? 64 : 32;
  tw_walk_story story = {.context = {.privilege = options->privilege,
                                     .sum = options->sum,
                                     .mxr = options->mxr,
                                     .xlen = xlen,
                                     .extensions = options->extensions},
                         .access = options->access,
                         .va = xlen == 32 ? (uint32_t)options->va : options->va};
  if (!tw_satp_decode(xlen, options->satp, &story.context.satp))
    return tw_error_set(error, "--satp: 0x%llx selects a reserved mode on RV%u (rule satp_mode)",
                        (unsigned long long)options->satp, xlen);
  const tw_memory_options how = {.latency = {1, 0, 0}};
  tw_memory *memory = tw_memory_open(&how);
  if (!memory) return tw_error_set(error, "memory is out");
  unsigned bytes = story.context.satp.mode == TW_BARE ? xlen / 8 : tw_mode_row(story.context.satp.mode)->pte_bytes;
  bool read = memory_read(options->memory_path, bytes, memory, error);
  if (read) {
    const tw_request request = {.access = story.access, .va = story.va, .bytes = 1};
    const tw_table_memory tables = tw_memory_oracle(memory);
    tw_walk_run(&story.context, &request, &tables, &story.walk);
    printf("A %s at 0x%llx\n", tw_access_name(story.access), (unsigned long long)story.va);
    tw_walk_explain(stdout, &story);
  }
  tw_memory_close(memory);
  return read;
}

/* The access that is looked for, when it comes by. */
typedef struct search {
  tw_side side;
  const tw_config *config;
  uint64_t record;
  bool found, answered;
  tw_walk_story story;
  tw_record_answer answer;
} search;

static void search_accepted(void *payload, const tw_flight *flight) {
  search *self = payload;
  if (flight->number != self->record || self->found) return;
  self->found = true;
  self->story = (tw_walk_story){.access = flight->access.kind, .va = flight->access.va};
  tw_control_context(&flight->control, self->config, tw_player_machine(self->side.player), flight->access.kind,
                     &self->story.context);
  if (self->story.context.xlen == 32) self->story.va = (uint32_t)self->story.va;
  const tw_request request = {.access = self->story.access,
                              .va = self->story.va,
                              .bytes = flight->access.size,
                              .speculative = flight->access.speculative};
  const tw_table_memory tables = tw_memory_oracle(self->side.memory);
  tw_walk_run(&self->story.context, &request, &tables, &self->story.walk);
}

static void search_answered(void *payload, const tw_flight *flight, const tw_record_answer *answer) {
  search *self = payload;
  if (flight->number != self->record || self->answered) return;
  self->answered = true;
  self->answer = *answer;
}

static bool search_run(search *self, const tw_source *source, tw_error *error) {
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_side_reset(&self->side);
  while (!self->answered && !tw_player_done(self->side.player)) {
    if (tw_side_step(&self->side, error) != TW_PLAYER_GOOD) return false;
    if (tw_player_idle_cycles(self->side.player) > 1000000) return tw_error_set(error, "the run hangs");
  }
  if (self->found) return true;
  tw_error_set(error, "no access has number %llu", (unsigned long long)self->record);
  return tw_source_blame(source, error);
}

static bool search_begin(search *self, tw_config *config, tw_source *source, tw_error *error) {
  tw_side_options how = {.name = "model",
                         .table = tw_dut_model_table(),
                         .config = config,
                         .source = source,
                         .memory = {.latency = config->memory},
                         .observer = {.payload = self, .accepted = search_accepted, .answered = search_answered}};
  if (!tw_needs_check(source->header, how.table->describe(), config, error) ||
      !tw_needs_memory(source->header, &how.memory, error))
    return tw_source_blame(source, error);
  return tw_side_open(&self->side, &how, error);
}

static bool of_trace(const explain_options *options, tw_error *error) {
  tw_config config;
  if (!tw_config_load(options->config, &config, error)) return false;
  const tw_source_options how = {.path = options->trace, .config = &config};
  tw_source *source = tw_source_open(&how, error);
  if (!source) return false;
  search *self = calloc(1, sizeof *self);
  bool found = false;
  if (self) {
    self->config = &config;
    self->record = options->record;
    found = search_begin(self, &config, source, error) && search_run(self, source, error);
    if (found) {
      printf("Record %llu: a %s at 0x%llx, on memory as it is at its request\n", (unsigned long long)self->record,
             tw_access_name(self->story.access), (unsigned long long)self->story.va);
      tw_walk_explain(stdout, &self->story);
      printf("\nThe model answers: ");
      if (self->answered) tw_answer_print(stdout, &self->answer, self->story.access);
      if (!self->answered) printf("nothing: the access is cancelled\n");
    }
    tw_side_close(&self->side);
  } else {
    tw_error_set(error, "memory is out");
  }
  free(self);
  source->close(source);
  return found;
}

int cli_explain(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "--satp S --va V --memory FILE\nTRACE --access N -c CONFIG",
      "Explains one page walk: how the address falls apart, which entries are read, what each "
      "of their bits means, whether the access is allowed, and by which rule not.",
      NULL,
      NULL,
      NULL};
  explain_options options = {.access = TW_LOAD, .privilege = TW_USER};
  tw_error error = {0};
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  bool done = options.trace ? of_trace(&options, &error) : by_hand(&options, &error);
  return done ? CLI_OK : cli_fail(&error);
}
