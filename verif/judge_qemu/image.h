/* The memory of one run: what the guest has (a file that QEMU maps as its RAM), and what it should be at the end.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_IMAGE_H
#define JUDGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define JUDGE_RAM_BYTES ((size_t)1 << JUDGE_RAM_BITS)

typedef struct judge_image {
  char path[256];
  uint8_t *ram;      /* the mapped file */
  uint8_t *expected; /* as the oracle has it, brought up to date access by access */
} judge_image;

/* Makes the file, in TMPDIR or /tmp. False with a message on standard error. */
bool judge_image_open(judge_image *image);

/* Unmaps and removes. */
void judge_image_close(judge_image *image);

/* Everything 0, the frames with their content, the guest's code from a file. False with a message on standard error. */
bool judge_image_reset(judge_image *image, const char *guest);

/* Where a physical address lies in `ram`; NULL if it is not RAM. */
uint8_t *judge_ram_at(uint8_t *ram, uint64_t pa, unsigned bytes);

/* The content of a frame's word at pa (a multiple of 4): an instruction that does not exist (custom-0), with the
 * address scrambled into its upper 25 bits, so that all bytes but the lowest depend on all of the address. A fetch of
 * it is an illegal instruction, and the trap value shows it. */
uint32_t judge_frame_word(uint64_t pa);

/* The inverse; false if it is no such word. */
bool judge_frame_find(uint32_t word, uint64_t *pa);

/* `value` with the bytes that a store to va puts at multiples of 4 changed so that a word of a frame stays an
 * instruction that does not exist. */
uint64_t judge_frame_tame(uint64_t va, uint64_t value, unsigned bytes);

#endif
