/* `twinwalk import`: another tool's trace becomes a program trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "program_trace.h"

static const struct argp_option OPTIONS[] = {
    {"output", 'o', "FILE", 0, "where to write the trace; - is standard output", 0},
    {"format", 'f', "FORM", 0, "text or binary; if not given: text if FILE ends in .twt", 0},
    {"bits", 'b', "N", 0, "width of an address, 32 or 64; if not given: as the addresses are", 0},
    {"limit", 'l', "N", 0, "cut the trace after N accesses; 0, the default: never", 0},
    {"name", 'n', "NAME", 0, "name of the program in the trace's header", 0},
    {"keep-going", 'k', 0, 0, "leave out what cannot be taken, and count it", 0},
    {0}};

#define FILES_MAX 1024u

typedef struct import_arguments {
  program_trace_options options;
  const char *format, *files[FILES_MAX];
  size_t count;
} import_arguments;

/* Whether there is a format of that name; else, says which there are. */
static void format_check(const char *name, struct argp_state *state) {
  char names[128] = "";
  const char *known, *what;
  for (size_t n = 0; (known = capture_format_at(n, &what)); n++) {
    if (strcmp(known, name) == 0) return;
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", known);
  }
  argp_error(state, "expected a format (%s), found `%s`", names, name);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
  import_arguments *arguments = state->input;
  switch (key) {
  case 'b':
    if (strcmp(argument, "32") && strcmp(argument, "64")) argp_error(state, "expected --bits=32 or --bits=64");
    arguments->options.trace.bits = (unsigned)atoi(argument);
    return 0;
  case 'k':
    arguments->options.trace.keep_going = true;
    return 0;
  case ARGP_KEY_ARG:
    if (!arguments->format) {
      arguments->format = argument;
    } else if (arguments->count == FILES_MAX) {
      argp_error(state, "expected at most %u files", FILES_MAX);
    } else {
      arguments->files[arguments->count++] = argument;
    }
    return 0;
  case ARGP_KEY_END:
    if (!arguments->count) argp_error(state, "which FORMAT, and which FILE?");
    format_check(arguments->format, state);
    if (arguments->count > 1 && !capture_format_has_children(arguments->format)) {
      argp_error(state, "a trace of format %s is one file", arguments->format);
    }
    return program_trace_end(&arguments->options, state);
  default:
    return program_trace_parse(&arguments->options, key, argument, state);
  }
}

/* The list of formats, behind the options. */
static char *help(int key, const char *text, void *input) {
  (void)input;
  if (key != ARGP_KEY_HELP_POST_DOC) return (char *)(uintptr_t)text;
  char *list = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&list, &size);
  const char *name, *what;
  if (!stream) return NULL;
  fputs("Formats:\n", stream);
  for (size_t n = 0; (name = capture_format_at(n, &what)); n++) fprintf(stream, "  %-10s %s\n", name, what);
  fputs("docs/importing.md says what becomes of each.", stream);
  return fclose(stream) == 0 ? list : NULL;
}

int cli_import(int argc, char **argv) {
  static const struct argp ARGP = {OPTIONS,
                                   parse,
                                   "FORMAT FILE [CHILD...] -o FILE",
                                   "Makes a program trace of another tool's. FILE may be - for standard input. Of "
                                   "lackey and qemu, each CHILD is the "
                                   "trace of a forked process, with its number as the last one in the name.\v",
                                   NULL,
                                   help,
                                   NULL};
  import_arguments arguments = {0};
  capture_result result;
  tw_error error;
  if (argp_parse(&ARGP, argc, argv, 0, NULL, &arguments) != 0) return CLI_FAILED;
  for (size_t i = 0; i < arguments.count; i++) {
    if (!cli_output_check(arguments.options.trace.output, arguments.files[i], &error)) return cli_fail(&error);
  }
  program_trace_begin(&arguments.options, "import");
  bool done =
      capture_import(arguments.format, arguments.files, arguments.count, &arguments.options.trace, &result, &error);
  cli_progress_end(&arguments.options.progress);
  if (!done) return cli_fail(&error);
  program_trace_report(&arguments.options, &result);
  return CLI_OK;
}
