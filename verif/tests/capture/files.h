/* A temporary directory, and whole files in and out of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CAPTURE_TEST_FILES_H
#define CAPTURE_TEST_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* cmocka fixtures: *state becomes the directory's path. */
int files_setup(void **state);
int files_teardown(void **state);

/* The path of a name in the directory; the caller frees it. */
char *files_path(const char *directory, const char *name);
void files_write(const char *path, const void *bytes, size_t size);
/* The content, with a 0 behind it; the caller frees it. */
char *files_read(const char *path);
bool files_exist(const char *path);
/* How many names there are in a directory. */
unsigned files_count(const char *directory);

#endif
