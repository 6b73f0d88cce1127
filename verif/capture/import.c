/* Imports a log of Valgrind's lackey.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lackey.h"

static bool import_read(lackey_log *log, int file, const char *path, tw_error *error) {
  struct stat status;
  if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
    return tw_error_set(error, "%s: is a directory", path);
  }
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) log->total = (uint64_t)status.st_size;
  if (!lackey_read(log, file, path, 0, error)) return false;
  if (!log->builder->result.accesses) {
    return tw_error_set(error, "%s: no access in it: expected a log of valgrind --tool=lackey --trace-mem=yes", path);
  }
  log->builder->result.cut = builder_full(log->builder);
  return true;
}

static bool import_file(int file, const char *path, trace_builder *builder, tw_error *error) {
  lackey_log *log = malloc(sizeof *log);
  if (!log) return tw_error_set(error, "out of memory");
  bool done = lackey_open(log, builder, error) && import_read(log, file, path, error) && builder_finish(builder, error);
  lackey_close(log);
  free(log);
  return done;
}

bool capture_import_lackey(const char *path, const capture_options *options, capture_result *result, tw_error *error) {
  bool standard = strcmp(path, "-") == 0;
  int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return tw_error_set(error, "%s: cannot be opened: %m", path);
  trace_builder *builder = malloc(sizeof *builder);
  bool done = builder ? builder_open(builder, options, "lackey", error) &&
                            import_file(file, standard ? "standard input" : path, builder, error)
                      : tw_error_set(error, "out of memory");
  if (done) *result = builder->result;
  if (builder) builder_close(builder);
  free(builder);
  if (!standard) close(file);
  return done;
}
