/* Layouts of address spaces as YAML files: where an operating system puts the parts of a process, and itself.
 *
 *   0 ... program (text, rodata, data, BSS), heap ->       <- or -> mmap area      <- stack | ... kernel
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SCENARIO_LAYOUT_FILE_H
#define TWINWALK_SCENARIO_LAYOUT_FILE_H

#include <stddef.h>

#include "twinwalk/layout.h"

#define LAYOUT_STACK_LIMIT (8u << 20) /* bytes: RLIMIT_STACK, so much is kept free for a stack to grow into */
#define LAYOUT_STACK_GAP (1u << 20)   /* bytes that stay free below that */

/* What is put at an offset drawn from a seed. */
typedef enum layout_part {
  LAYOUT_PROGRAM, /* a position-independent one; from the lowest address up */
  LAYOUT_HEAP,    /* from behind the BSS up */
  LAYOUT_MMAP,    /* the mmap area: the other way than it grows */
  LAYOUT_STACK,   /* from the highest address down */
  LAYOUT_PART_COUNT
} layout_part;

typedef struct layout_file {
  tw_mode mode;
  unsigned bits;                       /* of an address: 32 or 64 */
  tw_layout kernel;                    /* for the operating system's side; its user_end is rounded up to its grain */
  uint64_t user_end;                   /* bytes */
  uint64_t program;                    /* where a program begins that says nothing else */
  uint64_t relocated;                  /* where a position-independent one does */
  uint64_t stack_end;                  /* of the first thread */
  uint64_t mmap_from;                  /* 0: below the stack, */
  uint64_t mmap_below;                 /* so many bytes below its end, at least */
  bool mmap_grows_down;                /* the next mapping goes below the one before */
  unsigned entropy[LAYOUT_PART_COUNT]; /* bits of an offset in pages; 0: none */
} layout_file;

/* Reads a layout; named after the file. False and error (file, line, key) on failure. */
bool layout_file_read(const char *path, layout_file *layout, tw_error *error);
/* The same from text in memory. */
bool layout_file_parse(const char *path, const char *text, size_t size, layout_file *layout, tw_error *error);

#endif
