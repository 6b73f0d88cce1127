/* Reclaim by the clock, the swap device, and pages that come back (S12, S13).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "process.h"

#define FILE_VA 0x400000u
#define OTHER_VA 0x900000u

static void reclaim(test_machine *machine, uint64_t pages) {
  feed(machine, (tw_record){.kind = TW_RECORD_RECLAIM, .pages = pages});
}

static void advise(test_machine *machine, uint64_t start, uint64_t length, tw_advice advice) {
  tw_record record = program_range(TW_RECORD_ADVISE, start, length, 0);
  record.map.advice = advice;
  feed(machine, record);
}

/* The delay of the last store to an entry. */
static uint32_t delay_of_last_entry(const test_machine *machine) {
  for (size_t i = machine->log_count; i--;) {
    if (machine->log[i].record.kind == TW_RECORD_STORE) return machine->log[i].record.delay;
  }
  return 0;
}

/* The clock: a page that was used gets a second chance. */
static void page_that_was_used_stays_and_one_that_was_not_goes(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    for (unsigned adue = 0; adue < 2; adue++) {
      tw_space_options options = small_machine(mode);
      options.adue = adue;
      test_machine machine;
      small_open(&machine, &options, late);
      touch(&machine, DATA, 8);
      machine_settle(&machine);
      reclaim(&machine, 1); /* the hand goes once around, and clears A */
      machine_settle(&machine);
      assert_int_equal(machine_counts(&machine).aged, 8);
      assert_int_equal(machine_counts(&machine).swapped_out, 1);
      for (unsigned i = 0; i < 8; i++) {
        if (page_pa(&machine, 0, DATA + i * 0x1000u) && i % 2) load(&machine, DATA + i * 0x1000u);
      }
      reclaim(&machine, 3);
      machine_settle(&machine);
      unsigned resident = 0;
      for (unsigned i = 0; i < 8; i++) {
        if (!page_pa(&machine, 0, DATA + i * 0x1000u)) continue;
        resident++;
        assert_true(i % 2);
      }
      assert_int_equal(resident, 4);
      assert_int_equal(machine_counts(&machine).swapped_out, 4);
      small_close(&machine);
    }
  }
}

static void page_that_comes_back_is_the_page_that_went(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.swap_latency = 2000;
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 4);
    reclaim(&machine, 100);
    machine_settle(&machine);
    tw_space_page page = page_at(&machine, 0, DATA);
    assert_true(page.length == 4096 && !page.resident && page.sharers == 1);
    feed(&machine, program_access(TW_LOAD, DATA, 64));
    machine_settle(&machine);
    assert_int_equal(delay_of_last_entry(&machine), 2000);
    assert_int_equal(machine_counts(&machine).swapped_in, 1);
    assert_int_equal(machine_counts(&machine).major_faults, 1);
    /* It is clean and its slot still has it: it goes again without being written. */
    reclaim(&machine, 100);
    machine_settle(&machine);
    assert_true(!page_at(&machine, 0, DATA).resident && page_at(&machine, 0, DATA).slot == page.slot);
    store(&machine, DATA + 8);
    reclaim(&machine, 100);
    feed(&machine, program_access(TW_LOAD, DATA, 64));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).swapped_in, 3);
    small_close(&machine);
  }
}

static void pages_of_a_slot_share_the_frame_when_they_come_back(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 2);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    feed(&machine, program_process(TW_RECORD_FORK, 2));
    reclaim(&machine, 100);
    machine_settle(&machine);
    assert_int_equal(page_at(&machine, 0, DATA).sharers, 3);
    assert_true(page_at(&machine, 0, DATA).slot == page_at(&machine, 2, DATA).slot);
    load(&machine, DATA);
    feed(&machine, program_process(TW_RECORD_THREAD, 1));
    load(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).swapped_in, 1);
    assert_true(page_pa(&machine, 0, DATA) == page_pa(&machine, 1, DATA));
    assert_true(!page_at(&machine, 2, DATA).resident && page_at(&machine, 2, DATA).sharers == 3);
    /* A store copies as long as somebody else has the page, in memory or not. */
    store(&machine, DATA);
    feed(&machine, program_process(TW_RECORD_THREAD, 0));
    store(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 2);
    assert_int_equal(machine_counts(&machine).reuses, 0);
    feed(&machine, program_process(TW_RECORD_THREAD, 2));
    store(&machine, DATA);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).copies, 2);
    assert_int_equal(machine_counts(&machine).swapped_in, 2);
    small_close(&machine);
  }
}

static void store_to_a_page_that_others_brought_back_copies_at_once(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 1);
    feed(&machine, program_process(TW_RECORD_FORK, 1));
    reclaim(&machine, 100);
    load(&machine, DATA);
    feed(&machine, program_process(TW_RECORD_THREAD, 1));
    machine_settle(&machine);
    tw_space_counts before = machine_counts(&machine);
    store(&machine, DATA + 8);
    machine_settle(&machine);
    tw_space_counts after = machine_counts(&machine);
    assert_true(after.page_faults == before.page_faults + 1 && after.copies == before.copies + 1);
    assert_true(after.major_faults == before.major_faults && page_pa(&machine, 0, DATA) != page_pa(&machine, 1, DATA));
    small_close(&machine);
  }
}

static void clean_pages_of_files_are_dropped_and_read_again(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.swap_pages = 0;
    test_machine machine;
    small_open(&machine, &options, late);
    feed(&machine, program_file(FILE_VA, 0x8000, RX, "text", false));
    for (unsigned i = 0; i < 8; i++) feed(&machine, program_access(TW_FETCH, FILE_VA + i * 0x1000u, 4));
    touch(&machine, DATA, 3);
    reclaim(&machine, 100);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).dropped, 8);
    assert_int_equal(machine_counts(&machine).swapped_out, 0);
    assert_true(page_pa(&machine, 0, DATA) && !page_at(&machine, 0, FILE_VA).length);
    feed(&machine, program_access(TW_FETCH, FILE_VA, 4));
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).file_reads, 9);
    small_close(&machine);
  }
}

static void written_page_of_a_shared_file_goes_to_the_swap_device(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    for (unsigned adue = 0; adue < 2; adue++) {
      tw_space_options options = small_machine(mode);
      options.adue = adue;
      test_machine machine;
      small_open(&machine, &options, late);
      feed(&machine, program_file(FILE_VA, 0x1000, RW, "file", true));
      load(&machine, FILE_VA);
      store(&machine, FILE_VA + 8); /* with Svadu the hardware sets D, and no fault tells of it */
      feed(&machine, program_process(TW_RECORD_FORK, 1));
      reclaim(&machine, 100);
      machine_settle(&machine);
      assert_int_equal(machine_counts(&machine).dirty_set, !adue);
      assert_int_equal(machine_counts(&machine).dropped, 0);
      assert_int_equal(machine_counts(&machine).swapped_out, 1);
      feed(&machine, program_process(TW_RECORD_THREAD, 1));
      feed(&machine, program_access(TW_LOAD, FILE_VA, 64));
      machine_settle(&machine);
      assert_int_equal(machine_counts(&machine).swapped_in, 1);
      small_close(&machine);
    }
  }
}

static void fewer_frames_than_pages_are_enough_with_a_swap_device(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    tw_space_options options = small_machine(mode);
    options.frame_count = 80;
    test_machine machine;
    small_open(&machine, &options, late);
    machine.keep = false;
    for (unsigned round = 0; round < 4; round++) {
      touch(&machine, DATA, 200);
      for (unsigned i = 0; i < 200; i++) load(&machine, DATA + i * 0x1000u);
    }
    machine_settle(&machine);
    tw_space_counts counts = machine_counts(&machine);
    assert_true(counts.swapped_out > 1000 && counts.swapped_in > 1000);
    assert_true(counts.frames_peak <= 80);
    small_close(&machine);
  }
}

static void some_frames_are_kept_free_unless_the_machine_is_told_not_to(void **state) {
  (void)state;
  for (unsigned keep_clean = 0; keep_clean < 2; keep_clean++) {
    tw_space_options options = small_machine(TW_SV39);
    options.frame_count = 640;
    options.keep_clean = keep_clean;
    test_machine machine;
    small_open(&machine, &options, false);
    machine.keep = false;
    feed(&machine, program_map(0x1000000, 0x800000, RW, TW_REGION_DATA));
    touch(&machine, 0x1000000, 1000);
    uint64_t used = machine_counts(&machine).frames_used;
    assert_true(keep_clean ? used == 640 : used == 640 - 640 / 64 + 1);
    small_close(&machine);
  }
}

static void out_of_frames_and_swap_is_an_error_that_says_what_to_change(void **state) {
  (void)state;
  for (unsigned swap = 0; swap < 2; swap++) {
    tw_space_options options = small_machine(TW_SV39);
    options.frame_count = 40;
    options.swap_pages = swap ? 10 : 0;
    test_machine machine;
    tw_error error = {0};
    small_open(&machine, &options, false);
    unsigned pages = 0;
    for (bool good = true; good; pages++) {
      tw_record access = program_access(TW_STORE, DATA + pages * 0x1000u, 8), mmu = {0};
      assert_true(tw_space_feed(machine.space, &access, &error));
      do {
        if (!tw_space_take(machine.space, &mmu)) break;
        if (mmu.kind != TW_RECORD_ACCESS) continue;
        bool first = mmu.access.va == access.access.va && !mmu.after.count;
        tw_record_answer answer = {.access = mmu.number, .status = first, .reason = first ? TW_REASON_INVALID : 0};
        good = tw_space_answer(machine.space, &answer, &error);
      } while (good);
    }
    assert_non_null(strstr(error.text, "out of frames: all 40"));
    assert_non_null(strstr(error.text, swap ? "and so is the swap device" : "there is no swap device"));
    assert_non_null(strstr(error.text, "give the machine more frames"));
    assert_true(pages > (swap ? 40u : 30u));
    machine_close(&machine);
  }
}

static void advice_sends_pages_out_or_drops_their_content(void **state) {
  (void)state;
  FOR_EACH_MACHINE(mode, late) {
    const tw_space_options options = small_machine(mode);
    test_machine machine;
    small_open(&machine, &options, late);
    touch(&machine, DATA, 6);
    advise(&machine, DATA, 0x2000, TW_ADVICE_COLD);
    machine_settle(&machine);
    assert_int_equal(machine_counts(&machine).swapped_out, 2);
    assert_true(!page_pa(&machine, 0, DATA) && page_pa(&machine, 0, DATA + 0x2000));
    load(&machine, DATA);
    advise(&machine, DATA + 0x1000, 0x2000, TW_ADVICE_DROP);
    machine_settle(&machine);
    assert_true(!page_at(&machine, 0, DATA + 0x1000).length && !page_at(&machine, 0, DATA + 0x2000).length);
    load(&machine, DATA + 0x1000);
    load(&machine, DATA + 0x2000);
    load(&machine, DATA + 0x3000);
    small_close(&machine);
  }
}

static void swap_file_that_was_tampered_with_is_told(void **state) {
  (void)state;
  char path[256];
  const char *folder = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/twinwalk-pages-XXXXXX", folder ? folder : "/tmp");
  int made = mkstemp(path);
  assert_true(made >= 0 && close(made) == 0 && unlink(path) == 0);
  tw_space_options options = small_machine(TW_SV39);
  options.swap_path = path;
  test_machine machine;
  tw_error error = {0};
  small_open(&machine, &options, false);
  touch(&machine, DATA, 1);
  reclaim(&machine, 10);
  assert_int_equal(machine_counts(&machine).swapped_out, 1);
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  assert_true(fseek(file, 100, SEEK_SET) == 0 && fputc(0x55, file) == 0x55 && fclose(file) == 0);
  tw_record access = program_access(TW_LOAD, DATA, 8), mmu;
  assert_true(tw_space_feed(machine.space, &access, &error));
  assert_true(tw_space_take(machine.space, &mmu));
  const tw_record_answer answer = {.access = mmu.number, .status = 1, .reason = TW_REASON_INVALID};
  assert_false(tw_space_answer(machine.space, &answer, &error));
  assert_non_null(strstr(error.text, path));
  assert_non_null(strstr(error.text, "not the page that went"));
  machine_close(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(page_that_was_used_stays_and_one_that_was_not_goes),
      cmocka_unit_test(page_that_comes_back_is_the_page_that_went),
      cmocka_unit_test(pages_of_a_slot_share_the_frame_when_they_come_back),
      cmocka_unit_test(store_to_a_page_that_others_brought_back_copies_at_once),
      cmocka_unit_test(clean_pages_of_files_are_dropped_and_read_again),
      cmocka_unit_test(written_page_of_a_shared_file_goes_to_the_swap_device),
      cmocka_unit_test(fewer_frames_than_pages_are_enough_with_a_swap_device),
      cmocka_unit_test(some_frames_are_kept_free_unless_the_machine_is_told_not_to),
      cmocka_unit_test(out_of_frames_and_swap_is_an_error_that_says_what_to_change),
      cmocka_unit_test(advice_sends_pages_out_or_drops_their_content),
      cmocka_unit_test(swap_file_that_was_tampered_with_is_told),
  };
  return cmocka_run_group_tests_name("space_reclaim", tests, NULL, NULL);
}
