/* Writes beside, syncs, renames.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "picture_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const picture_file *file, const char *what, tw_error *error) {
  return tw_error_set(error, "%s: cannot %s: %s", file->name, what, strerror(errno));
}

static void release(picture_file *file) {
  free(file->path);
  free(file->temporary);
  *file = (picture_file){0};
}

/* mkstemp makes a file for its owner alone; others are made with what the umask leaves. */
static bool mode_set(int descriptor) {
  const mode_t mask = umask(0);
  umask(mask);
  return fchmod(descriptor, 0666 & ~mask) == 0;
}

static bool open_beside(picture_file *file, const char *path, tw_error *error) {
  file->path = realpath(path, NULL); /* a link stays a link, and its target is replaced */
  if (!file->path) file->path = strdup(path);
  if (!file->path || asprintf(&file->temporary, "%s.XXXXXX", file->path) < 0) {
    file->temporary = NULL;
    release(file);
    return tw_error_set(error, "memory is out");
  }
  const int descriptor = mkstemp(file->temporary);
  if (descriptor >= 0 && mode_set(descriptor)) file->stream = fdopen(descriptor, "w");
  if (file->stream) return true;
  fail(file, "create", error);
  if (descriptor >= 0) {
    close(descriptor);
    unlink(file->temporary);
  }
  release(file);
  return false;
}

bool picture_file_open(picture_file *file, const char *path, tw_error *error) {
  struct stat status;
  *file = (picture_file){.name = path};
  if (strcmp(path, "-") == 0) {
    file->name = "standard output";
    file->stream = stdout;
    return true;
  }
  if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) return open_beside(file, path, error);
  file->stream = fopen(path, "w");
  return file->stream || fail(file, "open", error);
}

bool picture_file_commit(picture_file *file, tw_error *error) {
  bool good = !ferror(file->stream) && fflush(file->stream) == 0;
  if (good && file->path) good = fsync(fileno(file->stream)) == 0;
  if (!good) fail(file, "write", error);
  if (file->stream != stdout && fclose(file->stream) != 0 && good) good = fail(file, "write", error);
  if (good && file->path && rename(file->temporary, file->path) != 0) good = fail(file, "rename to its name", error);
  if (!good && file->temporary) unlink(file->temporary);
  release(file);
  return good;
}

void picture_file_abandon(picture_file *file) {
  if (file->stream && file->stream != stdout) fclose(file->stream);
  if (file->temporary) unlink(file->temporary);
  release(file);
}
