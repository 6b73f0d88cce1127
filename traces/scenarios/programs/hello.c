/* A program with something in every kind of segment, for scenarios that load it from its ELF file. It needs no library:
 * `_start` adds up a table, counts in initialised and in zeroed memory, and stops.
 *
 * SPDX-License-Identifier: Apache-2.0 */
static const unsigned table[1024] = {1, 2, 3, 5, 7, 11, 13};
unsigned counters[1500] = {42};
unsigned totals[5000];

void _start(void);

void _start(void) {
  unsigned sum = 0;
  for (unsigned i = 0; i < 1024; i++) {
    sum += table[i];
    counters[i] += sum;
    totals[i * 4] = counters[i];
  }
  for (;;) continue;
}
