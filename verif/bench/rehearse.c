/* Rehearses program traces.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "rehearse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dut_loader.h"
#include "side.h"

typedef struct rehearsal {
  tw_trace_writer *writer;
  tw_error said;
  bool failed;
} rehearsal;

static void record_keep(void *payload, const tw_record *record) {
  rehearsal *run = payload;
  if (!run->failed && !tw_trace_write(run->writer, record, &run->said)) run->failed = true;
}

/* Makes an empty file of a new name; the caller unlinks it. */
static bool path_make(const char *beside, char *path, size_t size, tw_error *error) {
  const char *folder = getenv("TMPDIR");
  int length = 0;
  if (beside && strcmp(beside, "-") != 0) {
    const char *slash = strrchr(beside, '/');
    folder = slash ? beside : ".";
    length = slash ? (int)(slash - beside) : 1;
    if (slash == beside) length = 1;
  } else {
    if (!folder || !*folder) folder = "/tmp";
    length = (int)strlen(folder);
  }
  if (snprintf(path, size, "%.*s/twinwalk-XXXXXX", length, folder) >= (int)size)
    return tw_error_set(error, "%s: the name is too long", folder);
  int file = mkstemp(path);
  if (file < 0) return tw_error_set(error, "%s: cannot create: %s", path, strerror(errno));
  close(file);
  return true;
}

static bool program_play(const tw_rehearsal *how, tw_source *program, rehearsal *run, tw_error *error) {
  const tw_side_options options = {.name = "model",
                                   .table = tw_dut_model_table(),
                                   .config = how->config,
                                   .source = program,
                                   .memory = *how->memory,
                                   .observer = {.payload = run, .taken = record_keep}};
  tw_side side;
  if (!tw_side_open(&side, &options, error)) return false;
  bool good = true;
  for (unsigned i = 0; i < TW_RESET_CYCLES; i++) tw_side_reset(&side);
  while (good && !run->failed && !tw_player_done(side.player)) good = tw_side_step(&side, error) == TW_PLAYER_GOOD;
  tw_side_close(&side);
  return good && (!run->failed || tw_error_set(error, "%s", run->said.text));
}

static bool program_keep(const tw_rehearsal *how, tw_source *program, const char *path, tw_error *error) {
  rehearsal run = {.writer = tw_trace_create(path, TW_TRACE_BINARY, program->header, error)};
  if (!run.writer) return false;
  if (program_play(how, program, &run, error)) return tw_trace_commit(run.writer, error);
  tw_trace_abandon(run.writer);
  return false;
}

tw_source *tw_rehearse(const tw_rehearsal *how, tw_source *program, tw_outcome *outcome, tw_error *error) {
  char path[4096];
  if (!path_make(how->beside, path, sizeof path, error)) return NULL;
  tw_source *source = NULL;
  if (program_keep(how, program, path, error) && tw_outcome_take(program, !how->cut, outcome, error)) {
    const tw_source_options options = {.path = path, .config = how->config};
    source = tw_source_open(&options, error);
  }
  unlink(path); /* the open source still reads it */
  return source;
}
