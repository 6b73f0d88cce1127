/* Runs another program.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool child_exists(const char *program) {
  const char *path = getenv("PATH");
  while (path && *path) {
    const size_t length = strcspn(path, ":");
    char candidate[1024];
    const int wrote = snprintf(candidate, sizeof candidate, "%.*s/%s", (int)length, path, program);
    if (wrote > 0 && (size_t)wrote < sizeof candidate && access(candidate, X_OK) == 0) return true;
    path += length + (path[length] == ':');
  }
  return false;
}

static int spawn(child *c, char *const *argv, int out) {
  posix_spawn_file_actions_t actions;
  int failure = posix_spawn_file_actions_init(&actions);
  if (failure) return failure;
  failure = out >= 0 ? posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)
                     : posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (!failure) failure = posix_spawnp(&c->pid, argv[0], &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}

bool child_start(child *c, char *const *argv, bool read, tw_error *error) {
  int ends[2] = {-1, -1};
  *c = (child){.program = argv[0]};
  if (read && pipe2(ends, O_CLOEXEC) != 0) return tw_error_set(error, "pipe: %s", strerror(errno));
  const int failure = spawn(c, argv, ends[1]);
  if (ends[1] >= 0) close(ends[1]);
  if (!failure && read) c->output = fdopen(ends[0], "r");
  if (!failure && (!read || c->output)) return true;
  if (ends[0] >= 0) close(ends[0]);
  if (!failure) (void)waitpid(c->pid, NULL, 0);
  return tw_error_set(error, "%s: %s", argv[0], strerror(failure ? failure : errno));
}

bool child_end(child *c, tw_error *error) {
  int status = 0;
  if (c->output) fclose(c->output);
  c->output = NULL;
  while (waitpid(c->pid, &status, 0) < 0) {
    if (errno != EINTR) return tw_error_set(error, "%s: %s", c->program, strerror(errno));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  if (WIFEXITED(status)) return tw_error_set(error, "%s: exit status %d", c->program, WEXITSTATUS(status));
  return tw_error_set(error, "%s: ended by signal %d", c->program, WTERMSIG(status));
}
