// Every public header works from C++.
// SPDX-License-Identifier: Apache-2.0
#include <twinwalk/config.h>
#include <twinwalk/error.h>
#include <twinwalk/mmu.h>
#include <twinwalk/pins.h>
#include <twinwalk/space.h>
#include <twinwalk/spec.h>
#include <twinwalk/trace.h>

int main() {
  tw_error error{};
  tw_config config{};
  return tw_config_validate(&config, &error) ? 1 : 0;
}
