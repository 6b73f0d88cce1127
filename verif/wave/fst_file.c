/* Keeps a waveform file away from its name until it is complete.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "fst_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Types of an FST file's blocks that must be there, each once at least. */
enum { FST_HEADER = 0, FST_GEOMETRY = 3, FST_HIERARCHY = 4, FST_HIERARCHY_LZ4 = 6, FST_HIERARCHY_LZ4_TWICE = 7 };

bool fst_file_begin(fst_file *file, const char *path, tw_error *error) {
  struct stat status;
  wave_paths paths;
  file->temporary[0] = '\0';
  if (!wave_paths_make(&paths, path, error)) return false;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
    return tw_error_set(error, "%s: expected a regular file for a waveform", path);
  strcpy(file->path, path);
  snprintf(file->temporary, sizeof file->temporary, "%s.part-%ld", path, (long)getpid());
  const int descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor >= 0) {
    close(descriptor);
    return true;
  }
  file->temporary[0] = '\0';
  return tw_error_set(error, "%s: %s", path, strerror(errno));
}

/* A block is its type, the length of what follows in 8 bytes, highest first, and its content. */
static bool block_read(FILE *from, int *type, uint64_t *length) {
  uint8_t bytes[9];
  if (fread(bytes, 1, sizeof bytes, from) != sizeof bytes) return false;
  *type = bytes[0];
  *length = 0;
  for (unsigned i = 1; i < sizeof bytes; i++) *length = *length << 8 | bytes[i];
  return *length >= 8;
}

/* Whether the blocks follow each other to the very end of the file, with all that there must be. */
static bool is_whole(FILE *from, uint64_t size) {
  uint64_t at = 0, length;
  int type;
  bool header = false, geometry = false, hierarchy = false;
  while (at < size && fseeko(from, (off_t)at, SEEK_SET) == 0 && block_read(from, &type, &length)) {
    if (length > size - at - 1) return false;
    header = header || (at == 0 && type == FST_HEADER);
    geometry = geometry || type == FST_GEOMETRY;
    hierarchy = hierarchy || type == FST_HIERARCHY || type == FST_HIERARCHY_LZ4 || type == FST_HIERARCHY_LZ4_TWICE;
    at += 1 + length;
  }
  return at == size && header && geometry && hierarchy;
}

/* Opens a file and says whether it is whole. False and error if that cannot be told. */
static bool whole_check(const char *path, bool sync, bool *whole, tw_error *error) {
  struct stat status;
  FILE *from = fopen(path, "rbe");
  const bool good = from && fstat(fileno(from), &status) == 0 && (!sync || fsync(fileno(from)) == 0);
  if (!good) tw_error_set(error, "%s: %s", path, strerror(errno));
  *whole = good && S_ISREG(status.st_mode) && is_whole(from, (uint64_t)status.st_size);
  if (from) fclose(from);
  return good;
}

bool fst_path_check(const char *path, tw_error *error) {
  bool whole;
  if (!whole_check(path, false, &whole, error)) return false;
  return whole ||
         tw_error_set(error, "%s: expected a waveform (FST), found something else or only a part of one", path);
}

bool fst_file_check(const fst_file *file, tw_error *error) {
  bool whole;
  if (!whole_check(file->temporary, true, &whole, error)) return false;
  return whole ||
         tw_error_set(error, "%s: the waveform could not be written to its end: is the disk full?", file->path);
}

bool fst_file_keep(fst_file *file, tw_error *error) {
  if (rename(file->temporary, file->path) != 0) return tw_error_set(error, "%s: %s", file->path, strerror(errno));
  file->temporary[0] = '\0';
  return true;
}

void fst_file_drop(fst_file *file) {
  if (file->temporary[0]) (void)remove(file->temporary);
  file->temporary[0] = '\0';
}
