/* The instructions that were translated: where each lies, made once however often QEMU translates it.
 *
 * QEMU tells the physical address of loads and stores, and of an instruction only where it lies in QEMU's own memory. A
 * machine begins in machine mode, without translation: the first instruction in its RAM says where the RAM lies there.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_QEMU_FETCHES_H
#define TWINWALK_QEMU_FETCHES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct fetch {
  uint64_t va, pa;
  uint8_t size; /* bytes */
  bool has_pa;
} fetch;

/* system: a whole machine, whose RAM begins at physical address `ram`. */
void fetches_open(bool system, uint64_t ram);
/* The instruction at this address, which lies at `host` in QEMU's memory. NULL if memory is out. It stays for ever. */
const fetch *fetch_of(uint64_t va, const void *host, uint8_t size);
/* Whether a physical address that QEMU tells of memory is one: QEMU 7.2 adds up those of other memories than the first
 * (of the boot ROM) wrongly. */
bool fetches_in_ram(uint64_t pa);

#endif
