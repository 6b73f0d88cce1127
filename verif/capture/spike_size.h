/* How many bytes a RISC-V instruction reads or writes: Spike's log does not say it of loads.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_CAPTURE_SPIKE_SIZE_H
#define TWINWALK_CAPTURE_SPIKE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of one access of the instruction at an address. Of one that is not known, as many as the address is aligned to,
 * up to XLEN. */
unsigned spike_size(uint32_t instruction, unsigned xlen, uint64_t va);
/* Whether it reads and writes memory in one: an AMO, but LR and SC. */
bool spike_is_amo(uint32_t instruction);

#endif
