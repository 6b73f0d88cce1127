/* The swap device: what goes out comes back, or is told.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "random.h"
#include "swap.h"

static char folder[] = "/tmp/twinwalk-swap-test-XXXXXX";
static char path[64];

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/swap", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  return rmdir(folder); /* fails if a test left something behind */
}

static void fill(uint64_t words[SWAP_WORDS], uint64_t seed) {
  test_random random = {seed};
  for (unsigned i = 0; i < SWAP_WORDS; i++) words[i] = random_next(&random);
}

static swap_device *device_open(const char *name, uint64_t slots) {
  tw_error error = {0};
  swap_device *device = swap_open(name, slots, &error);
  if (!device) fail_msg("%s", error.text);
  return device;
}

static uint64_t write_one(swap_device *device, uint64_t seed) {
  uint64_t words[SWAP_WORDS], slot;
  tw_error error = {0};
  fill(words, seed);
  assert_true(swap_take(device, &slot));
  if (!swap_write(device, slot, words, &error)) fail_msg("%s", error.text);
  return slot;
}

static bool reads(swap_device *device, uint64_t slot, uint64_t seed, tw_error *error) {
  uint64_t words[SWAP_WORDS] = {0}, expected[SWAP_WORDS];
  fill(expected, seed);
  return swap_read(device, slot, words, error) && memcmp(words, expected, sizeof words) == 0;
}

static void page_that_comes_back_is_the_page_that_went(void **state) {
  (void)state;
  tw_error error = {0};
  swap_device *device = device_open(path, 3);
  uint64_t slots[3];
  for (unsigned i = 0; i < 3; i++) slots[i] = write_one(device, i);
  for (unsigned i = 0; i < 3; i++) assert_true(reads(device, slots[i], i, &error));
  for (unsigned i = 0; i < 3; i++) assert_true(reads(device, slots[i], i, &error));
  swap_close(device);
  assert_int_equal(access(path, F_OK), -1);
}

static void file_that_is_there_already_is_left_alone(void **state) {
  (void)state;
  tw_error error = {0};
  FILE *file = fopen(path, "w");
  assert_true(file && fputs("a diary", file) >= 0 && fclose(file) == 0);
  assert_null(swap_open(path, 3, &error));
  assert_non_null(strstr(error.text, path));
  char text[16] = "";
  file = fopen(path, "r");
  assert_true(file && fgets(text, sizeof text, file) && fclose(file) == 0);
  assert_string_equal(text, "a diary");
  assert_int_equal(unlink(path), 0);
}

static void device_hands_out_as_many_slots_as_it_has(void **state) {
  (void)state;
  for (uint64_t count = 0; count < 200; count += 67) {
    swap_device *device = device_open(NULL, count);
    uint64_t slot;
    for (uint64_t i = 0; i < count; i++) assert_true(swap_take(device, &slot) && slot < count);
    assert_false(swap_take(device, &slot));
    assert_int_equal(swap_used(device), count);
    swap_close(device);
  }
}

static void slot_is_free_when_its_last_holder_lets_go(void **state) {
  (void)state;
  swap_device *device = device_open(NULL, 1);
  tw_error error = {0};
  uint64_t slot = write_one(device, 1), other;
  swap_hold(device, slot);
  assert_int_equal(swap_holders(device, slot), 2);
  swap_release(device, slot);
  assert_true(reads(device, slot, 1, &error));
  assert_false(swap_take(device, &other));
  swap_release(device, slot);
  assert_int_equal(swap_holders(device, slot), 0);
  assert_int_equal(swap_used(device), 0);
  assert_true(swap_take(device, &other));
  assert_false(reads(device, other, 1, &error)); /* nothing was written to it since */
  assert_non_null(strstr(error.text, "slot 0"));
  swap_close(device);
}

static void slot_that_nobody_holds_is_neither_read_nor_written(void **state) {
  (void)state;
  swap_device *device = device_open(NULL, 10);
  uint64_t words[SWAP_WORDS] = {0};
  tw_error error = {0};
  assert_false(swap_write(device, 4, words, &error));
  assert_false(swap_read(device, 4, words, &error));
  assert_false(swap_read(device, UINT64_MAX, words, &error));
  assert_int_equal(swap_holders(device, UINT64_MAX), 0);
  swap_close(device);
}

static void byte_that_changed_on_the_disk_is_told_with_both_checksums(void **state) {
  (void)state;
  swap_device *device = device_open(path, 8);
  tw_error error = {0};
  uint64_t first = write_one(device, 1), second = write_one(device, 2);
  int file = open(path, O_RDWR);
  unsigned char byte;
  assert_int_equal(pread(file, &byte, 1, (off_t)(second * 4096 + 4095)), 1);
  byte ^= 0x10;
  assert_int_equal(pwrite(file, &byte, 1, (off_t)(second * 4096 + 4095)), 1);
  close(file);
  assert_true(reads(device, first, 1, &error));
  assert_false(reads(device, second, 2, &error));
  assert_non_null(strstr(error.text, path));
  assert_non_null(strstr(error.text, "slot 1"));
  uint64_t expected = 0, found = 0;
  const char *sums = strstr(error.text, "expected checksum ");
  assert_non_null(sums);
  assert_int_equal(sscanf(sums, "expected checksum %" SCNx64 ", found %" SCNx64, &expected, &found), 2);
  assert_int_not_equal(expected, found);
  swap_close(device);
}

static void file_that_was_cut_short_is_told(void **state) {
  (void)state;
  swap_device *device = device_open(path, 8);
  tw_error error = {0};
  uint64_t slot = write_one(device, 1);
  assert_int_equal(truncate(path, 4095), 0);
  assert_false(reads(device, slot, 1, &error));
  assert_non_null(strstr(error.text, "the file ends"));
  swap_close(device);
}

static void full_disk_is_told(void **state) {
  (void)state;
  struct stat before, after;
  if (stat("/dev/full", &before) != 0) skip();
  tw_error error = {0};
  uint64_t words[SWAP_WORDS] = {0}, slot;
  swap_device *device = device_open("/dev/full", 8);
  assert_true(swap_take(device, &slot));
  assert_false(swap_write(device, slot, words, &error));
  assert_non_null(strstr(error.text, "/dev/full"));
  assert_non_null(strstr(error.text, "No space left"));
  swap_close(device);
  assert_int_equal(stat("/dev/full", &after), 0); /* what is no file is not removed */
}

static void file_that_may_not_grow_is_told(void **state) {
  (void)state;
  struct rlimit limit, tight;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  tight = (struct rlimit){4096 + 1000, limit.rlim_max};
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
  swap_device *device = device_open(path, 8);
  tw_error error = {0};
  uint64_t words[SWAP_WORDS] = {0}, slot, first;
  bool taken = swap_take(device, &first) && swap_write(device, first, words, &error);
  bool refused = swap_take(device, &slot) && !swap_write(device, slot, words, &error);
  bool kept = swap_read(device, first, words, &error);
  swap_close(device);
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, handler);
  assert_true(taken && refused && kept);
  assert_non_null(strstr(error.text, "slot 1: cannot be written: File too large"));
}

static void file_that_cannot_be_made_is_told(void **state) {
  (void)state;
  tw_error error = {0};
  assert_null(swap_open("/proc/none/swap", 8, &error));
  assert_non_null(strstr(error.text, "/proc/none/swap"));
  assert_null(swap_open(folder, 8, &error));
  assert_non_null(strstr(error.text, folder));
  assert_null(swap_open(NULL, UINT64_MAX, &error));
}

static void unnamed_file_is_made_in_tmpdir_and_leaves_no_name(void **state) {
  (void)state;
  tw_error error = {0};
  char *kept = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
  setenv("TMPDIR", folder, 1);
  swap_device *device = device_open(NULL, 8);
  assert_true(reads(device, write_one(device, 1), 1, &error));
  unsigned names = 0;
  DIR *open_folder = opendir(folder);
  assert_non_null(open_folder);
  while (readdir(open_folder)) names++;
  closedir(open_folder);
  assert_int_equal(names, 2); /* . and .. */
  swap_close(device);
  setenv("TMPDIR", "/proc/none", 1);
  assert_null(swap_open(NULL, 8, &error));
  assert_non_null(strstr(error.text, "/proc/none"));
  unsetenv("TMPDIR");
  if (kept) setenv("TMPDIR", kept, 1);
  free(kept);
}

static void slots_that_are_not_used_cost_nothing(void **state) {
  (void)state;
  struct stat status;
  swap_device *device = device_open(path, UINT64_C(1) << 40);
  for (unsigned i = 0; i < 1000; i++) {
    uint64_t one = 0, other = 0;
    assert_true(swap_take(device, &one));
    assert_true(swap_take(device, &other));
    assert_true(one < 2 && other < 2);
    swap_release(device, one);
    swap_release(device, other);
  }
  write_one(device, 5);
  assert_int_equal(stat(path, &status), 0);
  assert_true(status.st_size <= 2 * 4096);
  swap_close(device);
}

#define SLOTS 50u

static void device_agrees_with_an_array_whatever_is_asked(void **state) {
  (void)state;
  test_random random = random_seeded(__func__, 11);
  swap_device *device = device_open(NULL, SLOTS);
  uint32_t holders[SLOTS] = {0};
  uint64_t seeds[SLOTS], used = 0;
  tw_error error = {0};
  for (unsigned step = 0; step < 20000; step++) {
    uint64_t slot = random_below(&random, SLOTS), taken;
    if (random_below(&random, 3) == 0) {
      assert_int_equal(swap_take(device, &taken), used < SLOTS);
      if (used == SLOTS) continue;
      assert_int_equal(holders[taken], 0);
      holders[taken] = 1;
      seeds[taken] = random_next(&random);
      uint64_t words[SWAP_WORDS];
      fill(words, seeds[taken]);
      assert_true(swap_write(device, taken, words, &error));
      used++;
    } else if (holders[slot] && random_below(&random, 2)) {
      assert_true(reads(device, slot, seeds[slot], &error));
      if (random_below(&random, 2)) swap_hold(device, slot), holders[slot]++;
    } else if (holders[slot]) {
      swap_release(device, slot);
      used -= --holders[slot] == 0;
    }
    assert_int_equal(swap_holders(device, slot), holders[slot]);
    assert_int_equal(swap_used(device), used);
  }
  swap_close(device);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(page_that_comes_back_is_the_page_that_went),
      cmocka_unit_test(file_that_is_there_already_is_left_alone),
      cmocka_unit_test(device_hands_out_as_many_slots_as_it_has),
      cmocka_unit_test(slot_is_free_when_its_last_holder_lets_go),
      cmocka_unit_test(slot_that_nobody_holds_is_neither_read_nor_written),
      cmocka_unit_test(byte_that_changed_on_the_disk_is_told_with_both_checksums),
      cmocka_unit_test(file_that_was_cut_short_is_told),
      cmocka_unit_test(full_disk_is_told),
      cmocka_unit_test(file_that_may_not_grow_is_told),
      cmocka_unit_test(file_that_cannot_be_made_is_told),
      cmocka_unit_test(unnamed_file_is_made_in_tmpdir_and_leaves_no_name),
      cmocka_unit_test(slots_that_are_not_used_cost_nothing),
      cmocka_unit_test(device_agrees_with_an_array_whatever_is_asked),
  };
  return cmocka_run_group_tests_name("swap", tests, make_folder, remove_folder);
}
