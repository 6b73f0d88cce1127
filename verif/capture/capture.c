/* Runs a program under a tracer and makes a program trace of its log, and of its children's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"

static const capture_tracer *const TRACERS[] = {&TRACER_LACKEY, &TRACER_QEMU};

/* The tracer of that name; of none, the one that goes with the program. */
static const capture_tracer *tracer_find(const char *name, const char *program) {
  char found[ELF_PATH_MAX];
  elf_file elf;
  for (size_t i = 0; name && i < sizeof TRACERS / sizeof *TRACERS; i++) {
    if (strcmp(TRACERS[i]->name, name) == 0) return TRACERS[i];
  }
  if (name) return NULL;
  const char *slash = strrchr(program, '/');
  bool machine = strncmp(slash ? slash + 1 : program, "qemu-system-riscv", 17) == 0;
  bool riscv = job_path_search(program, found, sizeof found) && elf_read(found, &elf) && elf.machine == EM_RISCV;
  return machine || riscv ? &TRACER_QEMU : &TRACER_LACKEY;
}

static void child_path(const trace_builder *builder, unsigned child, char *path, size_t size) {
  snprintf(path, size, "%s/%u.log", builder->directory, builder->processes[child].pid);
}

/* The children's logs, in the order of their forks; they may fork themselves. */
static bool read_children(import_stream *stream, tw_error *error) {
  trace_builder *builder = stream->builder;
  builder->children_last = true;
  for (unsigned i = 1; i < builder->process_count && !builder_full(builder); i++) {
    char path[128];
    child_path(builder, i, path, sizeof path);
    int file = builder->processes[i].pid ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) continue; /* it had no time to write */
    bool read = import_read(stream, file, path, i, error);
    close(file);
    if (!read) return false;
  }
  return true;
}

static void remove_logs(const trace_builder *builder, const capture_job *job) {
  for (unsigned i = 0; i < builder->process_count; i++) {
    char path[128];
    child_path(builder, i, path, sizeof path);
    unlink(path);
  }
  if (job->printed[0]) unlink(job->printed);
}

/* What the program printed while that was kept goes where it would have gone. */
static bool show_printed(const capture_job *job, tw_error *error) {
  char bytes[4096];
  size_t got;
  FILE *to = strcmp(job->options->output, "-") ? stdout : stderr, *from = fopen(job->printed, "rbe");
  if (!from) return tw_error_set(error, "%s: cannot be opened: %m", job->printed);
  bool wrote = true;
  while (wrote && (got = fread(bytes, 1, sizeof bytes, from)) > 0) wrote = fwrite(bytes, 1, got, to) == got;
  fclose(from);
  return (wrote && fflush(to) == 0) || tw_error_set(error, "what the program printed cannot be written: %m");
}

static bool run(capture_job *job, import_stream *stream, tw_error *error) {
  trace_builder *builder = stream->builder;
  bool done = job_start(job, builder->directory, error) && job_wait_for_log(job, error) &&
              import_read(stream, job->log, job->program, 0, error);
  bool cut = done && builder_full(builder);
  job_end(job, !done || cut);
  done = done && (cut || read_children(stream, error));
  builder->result.cut = builder->result.cut || builder_full(builder);
  if (done && !builder->result.accesses) {
    done = tw_error_set(error, "%s: %s recorded no access", job->program,
                        job->tracer == &TRACER_LACKEY ? "valgrind" : "qemu");
  }
  if (done && job->printed[0]) {
    builder->printed = job->printed;
    done = show_printed(job, error);
  }
  return done && builder_finish(builder, error);
}

/* The tracer may not say what it runs: the command is the caller's. */
static void command_note(const capture_job *job, trace_builder *builder) {
  size_t at = 0, size = sizeof builder->command;
  for (size_t i = 0; job->argv[i] && at < size; i++) {
    at += (size_t)snprintf(builder->command + at, size - at, "%s%s", i ? " " : "", i ? job->argv[i] : job->program);
  }
  for (char *c = builder->command; *c; c++) {
    if ((unsigned char)*c < ' ' || *c == 0x7f) *c = ' ';
  }
}

static bool prepare(const capture_job *job, trace_builder *builder, import_stream *stream, tw_error *error) {
  const import_format *format = job->tracer->format;
  if (!builder_open(builder, job->options, format->name, error) || !import_open(stream, format, builder, error)) {
    return false;
  }
  command_note(job, builder);
  if (!job->machine && elf_read(job->program, &builder->program) && builder->program.interpreter[0]) {
    elf_read(builder->program.interpreter, &builder->interpreter);
  }
  return true;
}

bool capture_run(const char *tracer, char *const argv[], const capture_options *options, capture_result *result,
                 int *status, tw_error *error) {
  capture_job *job = calloc(1, sizeof *job);
  trace_builder *builder = calloc(1, sizeof *builder);
  import_stream stream = {0};
  bool done = job && builder;
  if (done) {
    *job = (capture_job){.tracer = tracer_find(tracer, argv[0]), .argv = argv, .options = options, .log = -1};
    done = job->tracer ? job->tracer->find(job, error) : tw_error_set(error, "%s: no such tracer", tracer);
    done = done && prepare(job, builder, &stream, error) && run(job, &stream, error);
  } else {
    tw_error_set(error, "out of memory");
  }
  if (done) {
    *result = builder->result;
    *status = WIFEXITED(job->status) ? WEXITSTATUS(job->status) : 128 + WTERMSIG(job->status);
  }
  import_close(&stream);
  if (job && builder && builder->options) remove_logs(builder, job);
  if (builder) builder_close(builder);
  free(builder);
  free(job);
  return done;
}
