/* The swap device: a file of slots of 4096 bytes, each with a checksum that is kept in memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SPACE_SWAP_H
#define TWINWALK_SPACE_SWAP_H

#include <stdbool.h>
#include <stdint.h>

#include "twinwalk/error.h"

#define SWAP_WORDS 512u /* of 8 bytes, of a page */

typedef struct swap_device swap_device;

/* Opens a device of so many slots. `path` NULL: a file without a name in TMPDIR, gone when closed; else a file that is
 * made anew (and removed when closed). NULL and error (which names the file) if it cannot be made. Costs nothing for
 * slots that are not used. */
swap_device *swap_open(const char *path, uint64_t slots, tw_error *error);
void swap_close(swap_device *device); /* NULL is allowed */

/* Takes a free slot, held once. False if all are in use. */
bool swap_take(swap_device *device, uint64_t *slot);
void swap_hold(swap_device *device, uint64_t slot);    /* one more page of a process lies in it */
void swap_release(swap_device *device, uint64_t slot); /* one fewer; the last one frees it */
uint32_t swap_holders(const swap_device *device, uint64_t slot);
uint64_t swap_used(const swap_device *device);

/* False and error if the file cannot be written (full, too). */
bool swap_write(swap_device *device, uint64_t slot, const uint64_t words[SWAP_WORDS], tw_error *error);
/* False and error if the file cannot be read, or the page that comes back is not the page that went: file, slot, both
 * checksums. */
bool swap_read(swap_device *device, uint64_t slot, uint64_t words[SWAP_WORDS], tw_error *error);

#endif
