/* A file that appears under its name when it is complete, or not at all.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const trace_output *output, tw_error *error, const char *what) {
  return tw_error_set(error, "%s: cannot %s: %s", output->shown, what, strerror(errno));
}

static void release(trace_output *output) {
  free(output->path);
  free(output->temporary);
  *output = (trace_output){0};
}

/* Makes a new file beside the target, with the permissions of any new file. */
static int create_beside(trace_output *output) {
  for (unsigned attempt = 0; attempt < 1000; attempt++) {
    free(output->temporary);
    if (asprintf(&output->temporary, "%s.part-%ld-%u", output->path, (long)getpid(), attempt) < 0) {
      output->temporary = NULL;
      return -1;
    }
    const int descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

static bool open_beside(trace_output *output, const char *path, tw_error *error) {
  output->path = realpath(path, NULL); /* a link stays a link, and its target is replaced */
  if (!output->path) output->path = strdup(path);
  const int descriptor = output->path ? create_beside(output) : -1;
  if (descriptor >= 0) output->file = fdopen(descriptor, "wb");
  if (output->file) return true;
  fail(output, error, "create");
  if (descriptor >= 0) {
    close(descriptor);
    unlink(output->temporary);
  }
  release(output);
  return false;
}

bool trace_output_open(trace_output *output, const char *path, tw_error *error) {
  struct stat status;
  *output = (trace_output){0};
  trace_path_shown(output->shown, path, "standard output");
  if (strcmp(path, "-") == 0) {
    output->file = stdout;
    return true;
  }
  if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) return open_beside(output, path, error);
  output->file = fopen(path, "wb");
  return output->file || fail(output, error, "open");
}

bool trace_output_write(trace_output *output, const void *bytes, size_t size, tw_error *error) {
  return fwrite(bytes, 1, size, output->file) == size || fail(output, error, "write");
}

/* The rename itself is on the disk once the directory is. Not every file system can do that: then it is not asked for.
 */
static bool sync_directory(const trace_output *output, tw_error *error) {
  char *copy = strdup(output->path);
  const int descriptor = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  free(copy);
  if (descriptor < 0) return true;
  const bool good =
      fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS || fail(output, error, "write its directory");
  close(descriptor);
  return good;
}

static bool close_and_rename(trace_output *output, tw_error *error) {
  bool good = fflush(output->file) == 0 && fsync(fileno(output->file)) == 0;
  if (!good) fail(output, error, "write");
  if (fclose(output->file) != 0 && good) good = fail(output, error, "write");
  if (good && rename(output->temporary, output->path) != 0) good = fail(output, error, "rename to its name");
  if (!good) unlink(output->temporary);
  return good && sync_directory(output, error);
}

bool trace_output_commit(trace_output *output, tw_error *error) {
  bool good;
  if (output->path) {
    good = close_and_rename(output, error);
  } else {
    good = fflush(output->file) == 0 || fail(output, error, "write");
    if (output->file != stdout && fclose(output->file) != 0 && good) good = fail(output, error, "write");
  }
  release(output);
  return good;
}

void trace_output_abandon(trace_output *output) {
  if (output->file && output->file != stdout) fclose(output->file);
  if (output->temporary) unlink(output->temporary);
  release(output);
}
