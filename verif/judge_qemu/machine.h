/* One run of QEMU on a memory image.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef JUDGE_MACHINE_H
#define JUDGE_MACHINE_H

#include "world.h"

#define JUDGE_PATIENCE 120 /* seconds until a guest counts as lost; a run takes about one */

/* Prints the version of QEMU, and a warning if it is not the one that the known deviations are those of. */
void judge_machine_version_print(void);

/* Starts QEMU as the variant says, with the file as its RAM, and waits for its end. False with a message on standard
 * error if it cannot be started, does not end with status 0, or not in time. */
bool judge_machine_run(const judge_variant *variant, const char *image);

#endif
