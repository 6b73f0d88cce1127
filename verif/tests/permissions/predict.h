/* The answer that a context must get from the entries as they are: by the truth, and by the oracle.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TWINWALK_TESTS_PERMISSIONS_PREDICT_H
#define TWINWALK_TESTS_PERMISSIONS_PREDICT_H

#include "campaign.h"

typedef struct prediction {
  truth t;
  bool translated;           /* else the address is not translated at all */
  tw_pins_response response; /* tag and hit are 0 */
  tw_pins_response oracle;   /* the same of the oracle */
  uint64_t oracle_pa;        /* of the oracle's update, 0 if it made none */
  uint64_t oracle_desired;
} prediction;

void predict(const campaign *c, const question_context *context, prediction *p);

/* Whether the truth and the oracle say the same. */
bool predict_agrees(const campaign *c, const prediction *p);

#endif
