/* Feeds an importer, that of --format=NAME, what libFuzzer makes up. The first byte chooses the form of the trace, the
 * width of addresses, a limit, and whether what is malformed is left out; the rest is the file. What the importer
 * writes must be readable to its end.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture.h"

static void demand(bool good, const char *what, const tw_error *error) {
  if (good) return;
  fprintf(stderr, "fuzz_import: %s: %s\n", what, error->text);
  abort();
}

static void read_back(const char *path) {
  tw_record record;
  tw_error error = {""};
  tw_trace_reader *reader = tw_trace_open(path, &error);
  tw_trace_result result = TW_TRACE_ERROR;
  while (reader && (result = tw_trace_read(reader, &record, &error)) == TW_TRACE_RECORD) continue;
  demand(reader && result == TW_TRACE_END, "an imported trace is refused", &error);
  tw_trace_close(reader);
}

static const char *format = "lackey";

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* libFuzzer passes over what begins with two dashes. The importer's temporary files are waited for if they are on a
 * disk. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
  for (int i = 1; i < *argc; i++) {
    if (strncmp((*argv)[i], "--format=", 9) == 0) format = (*argv)[i] + 9;
  }
  return access("/dev/shm", W_OK) == 0 ? setenv("TMPDIR", "/dev/shm", 1) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const unsigned widths[] = {0, 32, 64, 0};
  char log[64], path[128];
  if (size < 1) return 0;
  const char *folder = getenv("TMPDIR");
  const int descriptor = memfd_create("log", MFD_CLOEXEC);
  if (descriptor < 0 || write(descriptor, data + 1, size - 1) != (ssize_t)(size - 1)) abort();
  snprintf(log, sizeof log, "/proc/self/fd/%d", descriptor);
  snprintf(path, sizeof path, "%s/fuzz_import-%ld", folder ? folder : "/tmp", (long)getpid());
  const capture_options options = {.output = path,
                                   .form = data[0] & 1 ? TW_TRACE_TEXT : TW_TRACE_BINARY,
                                   .bits = widths[data[0] >> 1 & 3],
                                   .limit = data[0] & 8 ? 3 : 0,
                                   .keep_going = data[0] & 16};
  const char *const files[] = {log};
  capture_result result;
  tw_error error = {""};
  if (capture_import(format, files, 1, &options, &result, &error)) {
    read_back(path);
  } else {
    demand(error.text[0] && !strchr(error.text, '\n'), "an error is not one line", &error);
    demand(access(path, F_OK) != 0, "a refused log left a trace", &error);
  }
  unlink(path);
  close(descriptor);
  return 0;
}
