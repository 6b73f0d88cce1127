/* Imports traces of other tools: finds the format, opens the files, and ends the trace.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"

static const import_format *const FORMATS[] = {&FORMAT_LACKEY,     &FORMAT_QEMU, &FORMAT_CHAMPSIM,
                                               &FORMAT_CLOUDSUITE, &FORMAT_DIN,  &FORMAT_SPIKE};

const import_format *import_format_find(const char *name) {
  for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
    if (strcmp(FORMATS[i]->name, name) == 0) return FORMATS[i];
  }
  return NULL;
}

const char *capture_format_at(size_t n, const char **what) {
  if (n >= sizeof FORMATS / sizeof *FORMATS) return NULL;
  *what = FORMATS[n]->what;
  return FORMATS[n]->name;
}

bool capture_format_has_children(const char *name) {
  const import_format *format = import_format_find(name);
  return format && format->begin;
}

static bool import_file(import_stream *stream, const char *path, unsigned process, tw_error *error) {
  bool standard = strcmp(path, "-") == 0;
  struct stat status;
  int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return tw_error_set(error, "%s: cannot be opened: %m", path);
  bool known = fstat(file, &status) == 0, done = false;
  if (known && S_ISREG(status.st_mode)) stream->total += (uint64_t)status.st_size;
  if (known && S_ISDIR(status.st_mode)) {
    tw_error_set(error, "%s: is a directory", path);
  } else {
    done = import_read(stream, file, standard ? "standard input" : path, process, error);
  }
  if (!standard) close(file);
  return done;
}

/* The process whose trace a child's file is: the last number in its name. process_count if there is none. */
static unsigned import_child_of(const trace_builder *builder, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *end = name + strlen(name);
  while (end > name && (end[-1] < '0' || end[-1] > '9')) end--;
  const char *digits = end;
  while (digits > name && digits[-1] >= '0' && digits[-1] <= '9') digits--;
  unsigned long pid = end > digits ? strtoul(digits, NULL, 10) : 0;
  return pid && pid <= UINT32_MAX ? builder_process_find(builder, (uint32_t)pid) : builder->process_count;
}

static bool import_children(import_stream *stream, const char *const *files, size_t count, tw_error *error) {
  trace_builder *builder = stream->builder;
  if (count && !stream->format->begin) {
    return tw_error_set(error, "%s: a trace of format %s is one file", files[0], stream->format->name);
  }
  builder->children_last = count;
  for (size_t i = 0; i < count && !builder_full(builder); i++) {
    unsigned child = import_child_of(builder, files[i]);
    if (child == builder->process_count) {
      return tw_error_set(error,
                          "%s: whose is it? expected the number of a process that was forked before as the last "
                          "number in the file's name",
                          files[i]);
    }
    if (!import_file(stream, files[i], child, error)) return false;
  }
  return true;
}

static bool import_all(import_stream *stream, const char *const *files, size_t count, tw_error *error) {
  trace_builder *builder = stream->builder;
  if (!import_file(stream, files[0], 0, error) || !import_children(stream, files + 1, count - 1, error)) return false;
  if (!builder->result.accesses) {
    const char *path = strcmp(files[0], "-") ? files[0] : "standard input";
    return builder->result.left_out
               ? tw_error_set(error, "%s", builder->result.first_left)
               : tw_error_set(error, "%s: no access in it: expected %s", path, stream->format->nothing);
  }
  builder->result.cut = builder->result.cut || builder_full(builder);
  return builder_finish(builder, error);
}

bool capture_import(const char *format, const char *const *files, size_t count, const capture_options *options,
                    capture_result *result, tw_error *error) {
  const import_format *found = import_format_find(format);
  if (!found) return tw_error_set(error, "%s: no such format", format);
  trace_builder *builder = calloc(1, sizeof *builder);
  if (!builder) return tw_error_set(error, "out of memory");
  import_stream stream = {0};
  bool done = builder_open(builder, options, found->name, error) && import_open(&stream, found, builder, error) &&
              import_all(&stream, files, count, error);
  if (done) *result = builder->result;
  import_close(&stream);
  builder_close(builder);
  free(builder);
  return done;
}
