/* Starts a tracer with a FIFO for its log, and ends it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "job.h"

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

#define LINE_BYTES_TYPICAL 64u            /* a child's log may have this many bytes for every access of the limit, */
#define LOG_BYTES_LEAST ((rlim_t)1 << 30) /* but so many in any case: the bound holds for every file it writes */

bool job_path_search(const char *name, char *found, size_t size) {
  const char *path = getenv("PATH");
  if (strchr(name, '/')) return (size_t)snprintf(found, size, "%s", name) < size && access(found, X_OK) == 0;
  while (path && *path) {
    int length = (int)strcspn(path, ":");
    if ((size_t)snprintf(found, size, "%.*s/%s", length, path, name) < size && access(found, X_OK) == 0) return true;
    path += length + (path[length] == ':');
  }
  return false;
}

bool job_find_program(capture_job *job, tw_error *error) {
  struct stat status;
  errno = ENOENT;
  if (!job_path_search(job->argv[0], job->program, sizeof job->program)) {
    return tw_error_set(error, "%s: cannot be executed: %m", job->argv[0]);
  }
  if (stat(job->program, &status) == 0 && !S_ISREG(status.st_mode)) {
    return tw_error_set(error, "%s: cannot be executed: it is no regular file", job->argv[0]);
  }
  return true;
}

/* The tracer's words, the program, the program's arguments. A machine's program is the tracer itself. */
static bool job_command_make(capture_job *job, const char *directory) {
  char *text = malloc(JOB_WORD_MAX);
  size_t words = 0, arguments = 0, count = 0;
  while (text && job->tracer->word(job, directory, words, text, JOB_WORD_MAX)) words++;
  while (job->argv[arguments]) arguments++;
  job->command = text ? calloc(words + arguments + 2, sizeof *job->command) : NULL;
  bool made = job->command;
  for (size_t i = 0; made && i < words; i++) {
    made = (job->command[count++] = strdup(job->tracer->word(job, directory, i, text, JOB_WORD_MAX)));
  }
  if (made && !job->machine) made = (job->command[count++] = strdup(job->program));
  for (size_t i = 1; made && i < arguments; i++) made = (job->command[count++] = strdup(job->argv[i]));
  free(text);
  return made;
}

static void job_command_free(capture_job *job) {
  for (size_t i = 0; job->command && job->command[i]; i++) free(job->command[i]);
  free(job->command);
  job->command = NULL;
}

/* What the program prints: to a file if it is to be kept; else not where the trace goes. */
static void job_redirect(const capture_job *job) {
  if (job->printed[0]) {
    int file = open(job->printed, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || dup2(file, STDOUT_FILENO) < 0) _exit(126);
  } else if (strcmp(job->options->output, "-") == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
  }
}

/* In the child: becomes the tracer. `go` delivers a byte when the FIFO is there. */
static _Noreturn void job_execute(const capture_job *job, int go) {
  char byte;
  uint64_t limit = job->options->limit;
  if (read(go, &byte, 1) != 1) _exit(126);
  job_redirect(job);
  if (limit && limit < UINT64_MAX / LINE_BYTES_TYPICAL) {
    rlim_t bytes = limit * LINE_BYTES_TYPICAL;
    if (bytes < LOG_BYTES_LEAST) bytes = LOG_BYTES_LEAST;
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, bytes});
  }
  signal(SIGXFSZ, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execv(job->tool, job->command);
  _exit(127);
}

bool job_start(capture_job *job, const char *directory, tw_error *error) {
  int go[2];
  if (!job_command_make(job, directory)) return tw_error_set(error, "out of memory");
  if (job->options->keep_output) snprintf(job->printed, sizeof job->printed, "%s/printed", directory);
  if (pipe2(go, O_CLOEXEC)) return tw_error_set(error, "cannot make a pipe: %m");
  fflush(NULL);
  job->child = fork();
  if (job->child == 0) job_execute(job, go[0]);
  close(go[0]);
  bool told = job->child > 0;
  if (!told) tw_error_set(error, "cannot fork: %m");
  snprintf(job->fifo, sizeof job->fifo, "%s/%d.log", directory, (int)job->child);
  if (told) {
    bool made = mkfifo(job->fifo, 0600) == 0;
    job->log = made ? open(job->fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    told = job->log >= 0 && write(go[1], "", 1) == 1;
    if (!told) tw_error_set(error, "%s: cannot be made: %m", job->fifo);
  }
  close(go[1]);
  return told;
}

/* A reader that comes before the writer sees the end of the file: waits for the first bytes, or the tracer's end. */
bool job_wait_for_log(capture_job *job, tw_error *error) {
  struct pollfd ready = {.fd = job->log, .events = POLLIN};
  while (poll(&ready, 1, 10) >= 0 || errno == EINTR) {
    if (ready.revents & POLLIN) {
      return fcntl(job->log, F_SETFL, 0) == 0 || tw_error_set(error, "%s: %m", job->fifo);
    }
    if (job->ended) {
      const char *slash = strrchr(job->tool, '/');
      return tw_error_set(error, "%s: %s ended with status %d before its first instruction", job->program,
                          slash ? slash + 1 : job->tool,
                          WIFEXITED(job->status) ? WEXITSTATUS(job->status) : 128 + WTERMSIG(job->status));
    }
    if (ready.revents) usleep(1000);
    job->ended = waitpid(job->child, &job->status, WNOHANG) == job->child;
  }
  return tw_error_set(error, "%s: %m", job->fifo);
}

void job_end(capture_job *job, bool kill_it) {
  if (job->log >= 0) close(job->log);
  job->log = -1;
  if (job->child > 0 && !job->ended) {
    if (kill_it) kill(job->child, SIGKILL);
    while (waitpid(job->child, &job->status, 0) < 0 && errno == EINTR) continue;
    job->ended = true;
  }
  if (job->fifo[0]) unlink(job->fifo);
  job_command_free(job);
}
