/* What an access does, and as whom.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_ACCESS_H
#define TWINWALK_ACCESS_H

/* What an access does. The values are those of the pins (docs/pins.md). */
typedef enum tw_access { TW_FETCH = 0, TW_LOAD = 1, TW_STORE = 2, TW_AMO = 3, TW_ACCESS_COUNT } tw_access;

/* Effective privilege; the values are the architecture's. */
typedef enum tw_privilege { TW_USER = 0, TW_SUPERVISOR = 1, TW_MACHINE = 3 } tw_privilege;

#endif
