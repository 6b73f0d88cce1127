/* Feeds the reader of configurations what libFuzzer makes up. What it lets through must be valid, and come out of its
 * own text as it went in.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"

static void demand(bool good, const char *what, const tw_error *error) {
  if (good) return;
  fprintf(stderr, "fuzz_config: %s: %s\n", what, error->text);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  tw_config config, again;
  tw_error error = {""};
  char text[TW_CONFIG_TEXT_BYTES];
  if (!tw_config_parse("fuzz.yaml", (const char *)data, size, &config, &error)) {
    demand(strncmp(error.text, "fuzz.yaml: ", 11) == 0 && !strchr(error.text, '\n'),
           "an error is not one line with the file", &error);
    return 0;
  }
  demand(tw_config_validate(&config, &error), "an invalid configuration was let through", &error);
  const int length = tw_config_format(&config, text, sizeof text);
  demand(length > 0 && (size_t)length < sizeof text, "a configuration's text is too long", &error);
  demand(tw_config_parse("fuzz.yaml", text, (size_t)length, &again, &error), "a configuration's text is refused",
         &error);
  demand(tw_config_hash(&config) == tw_config_hash(&again), "a configuration changes on its way through text", &error);
  return 0;
}
