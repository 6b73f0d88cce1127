/* Runs a program under Valgrind's lackey and reads its log as it is written.
 *
 * The log goes through a FIFO that is called like the file that Valgrind wants to write, so that no large file appears.
 * A forked child opens a file of its own beside it, which is read when the parent has ended.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lackey.h"

#define LINE_BYTES_TYPICAL 32u            /* a child's log may have this many bytes for every access of the limit, */
#define LOG_BYTES_LEAST ((rlim_t)1 << 30) /* but so many in any case: the bound holds for every file it writes */

/* A run in progress. */
typedef struct capture_job {
  char *const *argv;
  char valgrind[ELF_PATH_MAX], program[ELF_PATH_MAX];
  char fifo[160];
  pid_t child;
  int log; /* reading end of the FIFO */
  bool ended;
  int status;
} capture_job;

/* Finds a program as a shell does. */
static bool path_search(const char *name, char *found, size_t size) {
  const char *path = getenv("PATH");
  if (strchr(name, '/')) return (size_t)snprintf(found, size, "%s", name) < size && access(found, X_OK) == 0;
  while (path && *path) {
    int length = (int)strcspn(path, ":");
    if ((size_t)snprintf(found, size, "%.*s/%s", length, path, name) < size && access(found, X_OK) == 0) return true;
    path += length + (path[length] == ':');
  }
  return false;
}

/* What the kernel would refuse is told here: Valgrind hands it to a shell, and the shell would be traced. */
static bool program_check(const char *path, const char *shown, tw_error *error) {
  char line[ELF_PATH_MAX] = "";
  elf_file elf;
  struct stat status;
  FILE *file = fopen(path, "rbe");
  if (!file) return true; /* it may be executed and not read */
  bool script = fgets(line, sizeof line, file) && line[0] == '#' && line[1] == '!';
  fclose(file);
  if (!script && (elf_read(path, &elf) || elf.count == ELF_SEGMENTS_MAX)) return true;
  if (!script) return tw_error_set(error, "%s: cannot be executed: neither an ELF program nor a script with #!", shown);
  char *interpreter = line + 2 + strspn(line + 2, " \t");
  interpreter[strcspn(interpreter, " \t\n")] = '\0';
  if (access(interpreter, X_OK) == 0 && stat(interpreter, &status) == 0 && S_ISREG(status.st_mode)) return true;
  return tw_error_set(error, "%s: cannot be executed: its interpreter \"%s\" cannot be", shown, interpreter);
}

static bool job_find(capture_job *job, tw_error *error) {
  struct stat status;
  if (!path_search("valgrind", job->valgrind, sizeof job->valgrind)) {
    return tw_error_set(error, "valgrind is not in PATH; on Debian: apt install valgrind");
  }
  errno = ENOENT;
  if (!path_search(job->argv[0], job->program, sizeof job->program)) {
    return tw_error_set(error, "%s: cannot be executed: %m", job->argv[0]);
  }
  if (stat(job->program, &status) == 0 && !S_ISREG(status.st_mode)) {
    return tw_error_set(error, "%s: cannot be executed: it is no regular file", job->argv[0]);
  }
  return program_check(job->program, job->argv[0], error);
}

/* In the child: becomes Valgrind. `go` delivers a byte when the FIFO is there. */
static _Noreturn void job_execute(const capture_job *job, const capture_options *options, const char *directory,
                                  int go) {
  char byte, log_option[128];
  size_t count = 0;
  while (job->argv[count]) count++;
  snprintf(log_option, sizeof log_option, "--log-file=%s/%%p.log", directory);
  const char *const fixed[] = {job->valgrind,          "--tool=lackey",     "--trace-mem=yes", "--basic-counts=no",
                               "--trace-syscalls=yes", "--trace-sched=yes", log_option,        job->program};
  const size_t fixed_count = sizeof fixed / sizeof *fixed;
  const char **command = calloc(fixed_count + count, sizeof *command);
  if (!command || read(go, &byte, 1) != 1) _exit(126);
  memcpy(command, fixed, sizeof fixed);
  for (size_t i = 1; i < count; i++) command[fixed_count + i - 1] = job->argv[i];
  if (strcmp(options->output, "-") == 0) dup2(STDERR_FILENO, STDOUT_FILENO);
  if (options->limit && options->limit < UINT64_MAX / LINE_BYTES_TYPICAL) {
    rlim_t bytes = options->limit * LINE_BYTES_TYPICAL;
    if (bytes < LOG_BYTES_LEAST) bytes = LOG_BYTES_LEAST;
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, bytes});
  }
  signal(SIGXFSZ, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execv(job->valgrind, (char *const *)(uintptr_t)command);
  _exit(127);
}

static bool job_start(capture_job *job, const trace_builder *builder, tw_error *error) {
  int go[2];
  if (pipe2(go, O_CLOEXEC)) return tw_error_set(error, "cannot make a pipe: %m");
  fflush(NULL);
  job->child = fork();
  if (job->child < 0) return tw_error_set(error, "cannot fork: %m");
  if (job->child == 0) job_execute(job, builder->options, builder->directory, go[0]);
  close(go[0]);
  snprintf(job->fifo, sizeof job->fifo, "%s/%d.log", builder->directory, (int)job->child);
  bool made = mkfifo(job->fifo, 0600) == 0;
  job->log = made ? open(job->fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
  bool told = job->log >= 0 && write(go[1], "", 1) == 1;
  if (!told) tw_error_set(error, "%s: cannot be made: %m", job->fifo);
  close(go[1]);
  return told;
}

/* A reader that comes before the writer sees the end of the file: waits for the first bytes, or the end of Valgrind. */
static bool job_wait_for_log(capture_job *job, tw_error *error) {
  struct pollfd ready = {.fd = job->log, .events = POLLIN};
  while (poll(&ready, 1, 10) >= 0 || errno == EINTR) {
    if (ready.revents & POLLIN) {
      return fcntl(job->log, F_SETFL, 0) == 0 || tw_error_set(error, "%s: %m", job->fifo);
    }
    if (job->ended) {
      return tw_error_set(error, "%s: valgrind ended with status %d before its first instruction", job->program,
                          WIFEXITED(job->status) ? WEXITSTATUS(job->status) : 128 + WTERMSIG(job->status));
    }
    if (ready.revents) usleep(1000);
    job->ended = waitpid(job->child, &job->status, WNOHANG) == job->child;
  }
  return tw_error_set(error, "%s: %m", job->fifo);
}

/* The children's logs, in the order of their forks; they may fork themselves. */
static bool job_read_children(lackey_log *log, tw_error *error) {
  trace_builder *builder = log->builder;
  builder->children_last = true;
  for (unsigned i = 1; i < log->process_count && !builder_full(builder); i++) {
    char path[128];
    snprintf(path, sizeof path, "%s/%u.log", builder->directory, log->processes[i].pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) continue; /* it had no time to write */
    bool read = lackey_read(log, file, path, i, error);
    close(file);
    if (!read) return false;
  }
  return true;
}

static void job_remove_logs(const lackey_log *log) {
  for (unsigned i = 0; i < log->process_count; i++) {
    char path[128];
    snprintf(path, sizeof path, "%s/%u.log", log->builder->directory, log->processes[i].pid);
    unlink(path);
  }
}

static void job_end(capture_job *job, bool kill_it) {
  if (job->log >= 0) close(job->log);
  if (job->child > 0 && !job->ended) {
    if (kill_it) kill(job->child, SIGKILL);
    while (waitpid(job->child, &job->status, 0) < 0 && errno == EINTR) continue;
  }
  if (job->fifo[0]) unlink(job->fifo);
}

static bool job_read(capture_job *job, lackey_log *log, tw_error *error) {
  trace_builder *builder = log->builder;
  bool done = job_start(job, builder, error) && job_wait_for_log(job, error) &&
              lackey_read(log, job->log, job->program, 0, error);
  bool cut = done && builder_full(builder);
  job_end(job, !done || cut);
  done = done && (cut || job_read_children(log, error));
  builder->result.cut = builder_full(builder);
  if (done && !builder->result.accesses) {
    done = tw_error_set(error, "%s: valgrind recorded no access", job->program);
  }
  return done && builder_finish(builder, error);
}

static bool capture_prepare(capture_job *job, const capture_options *options, trace_builder *builder, lackey_log *log,
                            tw_error *error) {
  if (!builder_open(builder, options, "lackey", error) || !lackey_open(log, builder, error)) return false;
  if (elf_read(job->program, &builder->program) && builder->program.interpreter[0]) {
    elf_read(builder->program.interpreter, &builder->interpreter);
  }
  return true;
}

bool capture_run(char *const argv[], const capture_options *options, capture_result *result, int *status,
                 tw_error *error) {
  capture_job job = {.argv = argv, .log = -1};
  if (!job_find(&job, error)) return false;
  trace_builder *builder = calloc(1, sizeof *builder);
  lackey_log *log = calloc(1, sizeof *log);
  bool done = builder && log ? capture_prepare(&job, options, builder, log, error) && job_read(&job, log, error)
                             : tw_error_set(error, "out of memory");
  if (done) {
    *result = builder->result;
    *status = WIFEXITED(job.status) ? WEXITSTATUS(job.status) : 128 + WTERMSIG(job.status);
  }
  if (log && log->builder) job_remove_logs(log);
  if (log) lackey_close(log);
  if (builder && builder->options) builder_close(builder);
  free(log);
  free(builder);
  return done;
}
