/* `twinwalk map`: the address spaces of a program trace, as text, JSON or SVG.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "map.h"

#include <string.h>

#include "config_file.h"
#include "run_options.h"

enum { KEY_AT = 0x300, KEY_UNTIL, KEY_SVG, KEY_JSON, KEY_MARKS, KEY_MACHINE, KEY_SHOW };

typedef struct map_options {
  const char *trace, *config, *svg, *marks;
  bool json;
  tw_trace_header machine;
  tw_map_request request;
  cli_progress progress;
} map_options;

static const struct argp_option OPTIONS[] = {
    {"config", 'c', "CONFIG", 0,
     "a named configuration or a YAML file (default: one of the mode that the trace is made for)", 0},
    {"at", KEY_AT, "N", 0, "draw the states before and after program record N (default: the end)", 0},
    {"until", KEY_UNTIL, "N", 0, "draw the state behind program record N instead", 0},
    {"pid", 'p', "P", 0, "draw process P alone; 0 is the first", 0},
    {"marks", KEY_MARKS, "FILE", 0, "show where the addresses lie that a program printed: lines of NAME 0xADDRESS", 0},
    {"show", KEY_SHOW, "PARTS", 0, "of regions, tables, shared, frames and heap those alone, separated by commas", 0},
    {"svg", KEY_SVG, "FILE", 0, "write a drawing; - is standard output", 1},
    {"json", KEY_JSON, NULL, 0, "print JSON", 1},
    {"machine", KEY_MACHINE, "KEY=VALUE", 0,
     "frames, frame-base, seed, swap, swap-latency, fences, asids or huge, instead of what the trace says", 2},
    {0}};

static unsigned parts_parse(const char *text, const struct argp_state *state) {
  unsigned parts = 0;
  for (const char *at = text;;) {
    const size_t length = strcspn(at, ",");
    const unsigned part = tw_map_part(at, length);
    if (!part) argp_error(state, "--show: expected regions, tables, shared, frames or heap, found \"%s\"", text);
    parts |= part;
    if (!at[length]) return parts;
    at += length + 1;
  }
}

/* Which state, and what of it. */
static error_t request_parse(int key, char *argument, struct argp_state *state) {
  map_options *options = state->input;
  tw_map_request *request = &options->request;
  switch (key) {
  case KEY_AT:
    request->at = run_number("--at", argument, 0, UINT64_MAX, state);
    request->has_at = true;
    return 0;
  case KEY_UNTIL:
    request->at = run_number("--until", argument, 0, UINT64_MAX, state);
    request->has_until = true;
    return 0;
  case 'p':
    request->process = (uint32_t)run_number("--pid", argument, 0, UINT16_MAX, state);
    request->has_process = true;
    return 0;
  case KEY_SHOW:
    request->parts = parts_parse(argument, state);
    return 0;
  case KEY_MACHINE:
    run_machine_take(&options->machine, argument, state);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static void options_check(const map_options *options, const struct argp_state *state) {
  if (!options->trace) argp_error(state, "which trace?");
  if (options->request.has_at && options->request.has_until) argp_error(state, "--at or --until, not both");
  if (options->json && options->svg && strcmp(options->svg, "-") == 0)
    argp_error(state, "--json and --svg - are both for standard output");
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  map_options *options = state->input;
  switch (key) {
  case 'c':
    options->config = argument;
    return 0;
  case KEY_MARKS:
    options->marks = argument;
    return 0;
  case KEY_SVG:
    options->svg = argument;
    return 0;
  case KEY_JSON:
    options->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (options->trace) argp_error(state, "one trace at a time");
    options->trace = argument;
    return 0;
  case ARGP_KEY_END:
    options_check(options, state);
    return 0;
  default:
    return request_parse(key, argument, state);
  }
}

static void progress_show(void *payload, uint64_t done, uint64_t total) {
  cli_progress_update(&((map_options *)payload)->progress, done, total);
}

/* A configuration that the trace's addresses and layout are made for. */
static const char *config_for(const tw_trace_header *header) {
  const char *mode = tw_trace_header_get(header, "layout.mode"), *bits = tw_trace_header_get(header, "bits");
  if (mode && strcmp(mode, "Sv48") == 0) return "odd";
  if (mode && strcmp(mode, "Sv57") == 0) return "server57";
  return bits && strcmp(bits, "32") == 0 ? "tiny32" : "base39";
}

static bool config_choose(map_options *options, tw_error *error) {
  const char *name = options->config ? options->config : "base39";
  if (!options->config && strcmp(options->trace, "-") != 0) {
    tw_trace_reader *reader = tw_trace_open(options->trace, error);
    if (!reader) return false;
    name = config_for(tw_trace_reader_header(reader));
    tw_trace_close(reader);
  }
  return tw_config_load(name, &options->request.config, error);
}

static bool map_show(const map_options *options, const tw_map *map, tw_error *error) {
  if (options->svg && !tw_map_save(map, options->svg, error)) return false;
  if (options->json) return tw_map_json(map, stdout, error);
  return options->svg ? true : tw_map_print(map, cli_colours(stdout), stdout, error);
}

static bool map_run(map_options *options, tw_error *error) {
  tw_map map;
  options->request.path = options->trace;
  options->request.machine = &options->machine;
  options->request.progress = progress_show;
  options->request.payload = options;
  if (!cli_output_check(options->svg, options->trace, error) || !config_choose(options, error)) return false;
  cli_progress_begin(&options->progress, "map");
  const bool made = tw_map_make(&map, &options->request, error);
  cli_progress_end(&options->progress);
  if (!made) return false;
  const bool shown =
      (!options->marks || tw_map_marks_read(&map, options->marks, error)) && map_show(options, &map, error);
  tw_map_free(&map);
  return shown;
}

int cli_map(int argc, char **argv) {
  static const struct argp ARGP = {
      OPTIONS,
      parse,
      "TRACE",
      "Draws the address spaces of a program trace: regions with their addresses, which pages are resident, swapped "
      "and shared, page tables, frames, and the blocks of the heap, at the end of the trace or before and after one of "
      "its records.",
      NULL,
      NULL,
      NULL};
  map_options options = {0};
  tw_error error = {0};
  tw_trace_header_init(&options.machine, TW_TRACE_PROGRAM);
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &options) != 0) return CLI_FAILED;
  const bool done = map_run(&options, &error);
  tw_trace_header_free(&options.machine);
  return done ? CLI_OK : cli_fail(&error);
}
