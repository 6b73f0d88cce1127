/* Where a waveform's files lie, and how they are written.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool wave_paths_make(wave_paths *paths, const char *fst_path, tw_error *error) {
  const char *slash = strrchr(fst_path, '/');
  const char *name = slash ? slash + 1 : fst_path;
  const char *dot = strrchr(name, '.');
  const size_t stem = dot && dot != name ? (size_t)(dot - fst_path) : strlen(fst_path);
  if (stem + sizeof ".gtkw.d" > WAVE_PATH_BYTES || strlen(fst_path) >= WAVE_PATH_BYTES || strpbrk(fst_path, " \"\n")) {
    return tw_error_set(error, "%s: expected a path of less than %u bytes without blanks and quotes for a waveform",
                        fst_path, WAVE_PATH_BYTES - 8);
  }
  memset(paths, 0, sizeof *paths);
  memcpy(paths->save, fst_path, stem);
  strcat(paths->save, ".gtkw");
  memcpy(paths->folder, paths->save, strlen(paths->save));
  strcat(paths->folder, ".d");
  strcpy(paths->fst_name, name);
  strcpy(paths->save_name, paths->save + (name - fst_path));
  strcpy(paths->folder_name, paths->folder + (name - fst_path));
  return true;
}

bool wave_file_write(const char *path, const char *content, size_t size, bool executable, tw_error *error) {
  char temporary[WAVE_PATH_BYTES + 64];
  snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
  FILE *file = fopen(temporary, "w");
  if (!file) return tw_error_set(error, "%s: %s", path, strerror(errno));
  bool good = fwrite(content, 1, size, file) == size;
  good = fflush(file) == 0 && good;
  good = fsync(fileno(file)) == 0 && good;
  good = fclose(file) == 0 && good;
  good = good && (!executable || chmod(temporary, 0755) == 0) && rename(temporary, path) == 0;
  if (good) return true;
  tw_error_set(error, "%s: %s", path, strerror(errno));
  (void)remove(temporary);
  return false;
}
