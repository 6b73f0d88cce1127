/* The plug-in's file. A fork of the guest is a fork of QEMU: the child goes on in a file of its own.
 *
 * Locks are taken in the order of the buffers, the file's last.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUFFERS 64u /* processors beyond share them */
#define BUFFER_BYTES 65536u

typedef struct buffer {
  pthread_mutex_t lock;
  unsigned filled;
  char bytes[BUFFER_BYTES];
} buffer;

static struct {
  buffer buffers[BUFFERS];
  pthread_mutex_t lock; /* of what follows */
  int file;             /* -1: nothing is written any more */
  uint64_t written, limit;
  char path[OUTPUT_PATH_MAX], first[128];
  bool per_process; /* the path names the process */
} output = {.file = -1};

static void output_write(const char *bytes, size_t size) {
  while (output.file >= 0 && size) {
    ssize_t wrote = write(output.file, bytes, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      fprintf(stderr, "twinwalk: %s: cannot be written: %s\n", output.path, strerror(errno));
      close(output.file);
      output.file = -1;
      return;
    }
    bytes += wrote;
    size -= (size_t)wrote;
    output.written += (uint64_t)wrote;
  }
}

/* Up to the last whole line that the limit leaves room for. */
static void output_write_limited(const char *bytes, size_t size) {
  static const char cut[] = "# cut: the limit of bytes was reached\n";
  uint64_t room = output.limit ? output.limit - output.written : UINT64_MAX;
  if (size <= room) {
    output_write(bytes, size);
    return;
  }
  size_t whole = (size_t)room;
  while (whole && bytes[whole - 1] != '\n') whole--;
  output_write(bytes, whole);
  output_write(cut, sizeof cut - 1);
  if (output.file >= 0) close(output.file);
  output.file = -1;
}

/* With the buffer's lock. */
static void buffer_flush(buffer *full) {
  pthread_mutex_lock(&output.lock);
  output_write_limited(full->bytes, full->filled);
  pthread_mutex_unlock(&output.lock);
  full->filled = 0;
}

/* The file's name, with the process in it. False if it is too long. */
static bool path_expand(const char *path, char *expanded, size_t size) {
  const char *mark = strstr(path, "%p");
  int length = mark ? snprintf(expanded, size, "%.*s%ld%s", (int)(mark - path), path, (long)getpid(), mark + 2)
                    : snprintf(expanded, size, "%s", path);
  return length > 0 && (size_t)length < size;
}

static bool output_begin(const char *path) {
  output.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  output.written = 0;
  if (output.file < 0) {
    fprintf(stderr, "twinwalk: %s: cannot be opened: %s\n", path, strerror(errno));
    return false;
  }
  output_write(output.first, strlen(output.first));
  return true;
}

static void fork_prepare(void) {
  for (unsigned i = 0; i < BUFFERS; i++) {
    pthread_mutex_lock(&output.buffers[i].lock);
    buffer_flush(&output.buffers[i]);
  }
  pthread_mutex_lock(&output.lock);
}

static void fork_end(void) {
  pthread_mutex_unlock(&output.lock);
  for (unsigned i = BUFFERS; i-- > 0;) pthread_mutex_unlock(&output.buffers[i].lock);
}

static void fork_child(void) {
  char path[OUTPUT_PATH_MAX];
  bool named = output.per_process
                   ? path_expand(output.path, path, sizeof path)
                   : (size_t)snprintf(path, sizeof path, "%s.%ld", output.path, (long)getpid()) < sizeof path;
  if (output.file >= 0) {
    close(output.file);
    output.file = -1;
    if (named) output_begin(path);
  }
  fork_end();
}

bool output_open(const output_options *options) {
  char path[OUTPUT_PATH_MAX];
  pthread_mutex_init(&output.lock, NULL);
  for (unsigned i = 0; i < BUFFERS; i++) pthread_mutex_init(&output.buffers[i].lock, NULL);
  if (!path_expand(options->path, path, sizeof path) || strlen(options->first) >= sizeof output.first) {
    fprintf(stderr, "twinwalk: the name of the file is too long\n");
    return false;
  }
  strcpy(output.path, options->path);
  strcpy(output.first, options->first);
  output.per_process = strstr(options->path, "%p");
  output.limit = options->limit;
  return output_begin(path) && pthread_atfork(fork_prepare, fork_end, fork_child) == 0;
}

void output_line(unsigned vcpu, const char *line, unsigned length) {
  buffer *own = &output.buffers[vcpu % BUFFERS];
  pthread_mutex_lock(&own->lock);
  if (own->filled + length > BUFFER_BYTES) buffer_flush(own);
  memcpy(own->bytes + own->filled, line, length);
  own->filled += length;
  pthread_mutex_unlock(&own->lock);
}

void output_flush(void) {
  for (unsigned i = 0; i < BUFFERS; i++) {
    pthread_mutex_lock(&output.buffers[i].lock);
    if (output.buffers[i].filled) buffer_flush(&output.buffers[i]);
    pthread_mutex_unlock(&output.buffers[i].lock);
  }
}

void output_close(void) {
  output_flush();
  pthread_mutex_lock(&output.lock);
  if (output.file >= 0 && close(output.file)) {
    fprintf(stderr, "twinwalk: %s: cannot be written: %s\n", output.path, strerror(errno));
  }
  output.file = -1;
  pthread_mutex_unlock(&output.lock);
}

char *output_hex(char *to, uint64_t value) {
  char digits[16];
  unsigned count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value & 15];
    value >>= 4;
  } while (value);
  while (count) *to++ = digits[--count];
  return to;
}

char *output_decimal(char *to, uint64_t value) {
  char digits[20];
  unsigned count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (count) *to++ = digits[--count];
  return to;
}
