/* A parent and a child that share pages until one of them writes: each page that both write is copied once, and the
 * last owner keeps its frame. A program to be traced.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "linux.h"

#define PAGE 4096u
#define PAGES 12u

int main(void) {
  unsigned char *shared = map_pages(PAGES * PAGE);
  unsigned sum = 0;
  for (unsigned i = 0; i < PAGES; i++) shared[i * PAGE] = (unsigned char)i;
  long child = call(CALL_CLONE, SIGNAL_CHILD, 0, 0, 0, 0, 0);
  if (child < 0) return 1;
  if (child > 0 && call(CALL_WAIT, WAIT_FOR_ID, child, 0, WAIT_EXITED, 0, 0)) return 2;
  for (unsigned i = 0; i < PAGES; i += 2) shared[i * PAGE] += (unsigned char)(child ? 1 : 2);
  for (unsigned i = 0; i < PAGES; i++) sum += shared[i * PAGE];
  print_number(child ? "parent" : "child", sum);
  return 0;
}
