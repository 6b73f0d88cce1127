/* What may happen in any cycle of a walk.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_SWEEP_DISTURB_H
#define TWINWALK_SWEEP_DISTURB_H

#include "world.h"

#define DISTURB_MAX 96u

typedef struct sweep_disturbance {
  const char *name;
  sweep_step step;
} sweep_disturbance;

/* All that a configuration can be disturbed by; `control` is in force. Returns how many. */
unsigned sweep_disturbances(const tw_config *config, const sweep_world *world, const tw_pins_control *control,
                            sweep_disturbance list[DISTURB_MAX]);

#endif
