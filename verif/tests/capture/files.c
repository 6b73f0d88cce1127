/* Temporary files for tests; asserts on failure.
 * SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int files_setup(void **state) {
  char *directory = strdup("/tmp/twinwalk-test-XXXXXX");
  *state = directory;
  return directory && mkdtemp(directory) ? 0 : -1;
}

int files_teardown(void **state) {
  DIR *opened = opendir(*state);
  if (!opened) return -1;
  for (struct dirent *entry; (entry = readdir(opened));) {
    if (entry->d_name[0] == '.' && strspn(entry->d_name, ".") == strlen(entry->d_name)) continue;
    char *path = files_path(*state, entry->d_name);
    unlink(path);
    free(path);
  }
  closedir(opened);
  int failed = rmdir(*state);
  free(*state);
  return failed;
}

char *files_path(const char *directory, const char *name) {
  char *path = NULL;
  assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
  return path;
}

void files_write(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_true(fwrite(bytes, 1, size, file) == size);
  assert_int_equal(fclose(file), 0);
}

char *files_read(const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  size_t size = (size_t)ftell(file);
  char *text = malloc(size + 1);
  assert_non_null(text);
  rewind(file);
  assert_true(fread(text, 1, size, file) == size);
  text[size] = 0;
  fclose(file);
  return text;
}

bool files_exist(const char *path) {
  return access(path, F_OK) == 0;
}

unsigned files_count(const char *directory) {
  DIR *opened = opendir(directory);
  unsigned count = 0;
  assert_non_null(opened);
  for (struct dirent *entry; (entry = readdir(opened));) count += entry->d_name[0] != '.';
  closedir(opened);
  return count;
}
