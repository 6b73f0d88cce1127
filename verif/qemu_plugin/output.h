/* The plug-in's file: lines of every processor, gathered in a buffer each, so that threads of the guest seldom wait for
 * each other. What one processor did before another's output_flush stands before what that one writes afterwards.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_QEMU_OUTPUT_H
#define TWINWALK_QEMU_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#define OUTPUT_LINE_MAX 320u /* bytes of a line, at most */
#define OUTPUT_PATH_MAX 4096u

typedef struct output_options {
  const char *path;  /* %p stands for the process id; a forked child without %p gets its id behind a dot */
  const char *first; /* line of every file, with its newline */
  uint64_t limit;    /* bytes after which nothing more is written; 0: none */
} output_options;

/* Opens the file. False if that cannot be; a message is on standard error. */
bool output_open(const output_options *options);
/* Adds the bytes of a whole line of a processor. */
void output_line(unsigned vcpu, const char *line, unsigned length);
/* Writes what every processor has gathered. */
void output_flush(void);
/* The same, and closes the file. */
void output_close(void);

/* Puts a hexadecimal or a decimal number at `to`; returns the place behind it. */
char *output_hex(char *to, uint64_t value);
char *output_decimal(char *to, uint64_t value);

#endif
