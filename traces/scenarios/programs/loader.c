/* What stands for a dynamic linker in the scenario of a dynamic program: code, and a little data.
 * SPDX-License-Identifier: Apache-2.0 */
static const unsigned words[256] = {3, 1, 4, 1, 5};
unsigned linked[64] = {1};

void _start(void);

void _start(void) {
  for (unsigned i = 0; i < 64; i++) linked[i] += words[i * 4];
  for (;;) continue;
}
