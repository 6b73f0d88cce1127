/* Changes one number in a binary trace and puts its checksums right, so that readers believe it.
 *
 *   forge_trace FROM TO OFFSET BYTES VALUE     little-endian, 1 to 8 bytes
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "checksums.h"

#define MAX_BYTES 65536u

int main(int argc, char **argv) {
  static uint8_t bytes[MAX_BYTES];
  if (argc != 6) {
    fprintf(stderr, "usage: %s FROM TO OFFSET BYTES VALUE\n", argv[0]);
    return 2;
  }
  FILE *from = fopen(argv[1], "rb"), *to = fopen(argv[2], "wb");
  if (!from || !to) {
    fprintf(stderr, "%s: cannot open %s\n", argv[0], from ? argv[2] : argv[1]);
    return 2;
  }
  const size_t size = fread(bytes, 1, sizeof bytes, from), offset = strtoull(argv[3], NULL, 0);
  const size_t width = strtoull(argv[4], NULL, 0);
  const uint64_t value = strtoull(argv[5], NULL, 0);
  if (width > 8 || offset + width > size) {
    fprintf(stderr, "%s: offset %zu is not in the %zu bytes of %s\n", argv[0], offset, size, argv[1]);
    return 2;
  }
  for (size_t i = 0; i < width; i++) bytes[offset + i] = (uint8_t)(value >> 8 * i);
  checksums_fix(bytes, size);
  const int written = fwrite(bytes, 1, size, to) == size;
  fclose(from);
  return fclose(to) == 0 && written ? 0 : 2;
}
