/* Scenarios that cannot be: one message with file, line and key.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "story.h"

typedef struct refusal {
  const char *text, *expected;
} refusal;

#define SEGMENTS "    segments:\n      - {name: text, at: 0x400000, size: 4K}\n      - {name: data, size: 4K}\n"
#define PROCESS "processes:\n  - name: a\n" SEGMENTS
#define RUN(step) PROCESS "    run:\n      - " step "\n"

#define PLACES 4097u
#define PLACE "      - {page: 0x400000, frame: 0x1000}\n"

static void refuse_all(const refusal *refusals, size_t count) {
  for (size_t i = 0; i < count; i++) story_refused(refusals[i].text, refusals[i].expected);
}

static void files_that_are_no_scenario(void **state) {
  static const refusal refusals[] = {
      {"", "story.yaml:1: the file is empty"},
      {"- a\n", "story.yaml:1: expected keys and values, found a list"},
      {"title: x\n", "story.yaml:1: expected processes"},
      {"processes: {\n", "story.yaml:2: not YAML"},
      {"a: &x 1\nb: *x\n", "story.yaml:2: an alias"},
      {"a: 1\n---\nb: 1\n", "story.yaml:3: a second document"},
      {"title: a\ntitle: b\n", "story.yaml:2: key title: given twice"},
      {"[a]: 1\n", "story.yaml:1: expected a key"},
      {"processes: []\n", "story.yaml:1: key processes: expected processes, 1 to 4096"},
      {PROCESS "colour: red\n", "story.yaml:6: key colour: there is no such key here"},
      {"layout: linux-sv38\n" PROCESS, "story.yaml:1: key layout: "},
      {"bits: 48\n" PROCESS, "story.yaml:1: key bits: expected 32 or 64"},
      {"bits: 32\nlayout: linux-sv39\n" PROCESS, "story.yaml:1: key bits: the layout linux-sv39 has 64 bits"},
      {"seed: -1\n" PROCESS, "story.yaml:1: key seed: expected a whole number"},
      {"seed: 99999999999999999999\n" PROCESS, "story.yaml:1: key seed"},
      {"seed: 17179869184G\n" PROCESS, "story.yaml:1: key seed"},
      {"aslr: maybe\n" PROCESS, "story.yaml:1: key aslr: expected false or true"},
  };
  char deep[400] = "";
  (void)state;
  refuse_all(refusals, sizeof refusals / sizeof refusals[0]);
  memset(deep, '[', 100);
  story_refused(deep, "more than 64 lists and maps in each other");
}

static void machines_and_expectations_that_cannot_be(void **state) {
  static const refusal refusals[] = {
      {"machine: {frames: 0}\n" PROCESS, "story.yaml:1: key frames: expected a whole number, 1 to"},
      {"machine:\n  frames: many\n" PROCESS, "story.yaml:2: key frames: expected a whole number"},
      {"machine: {frame-base: 0x1001}\n" PROCESS, "key frame-base: expected a multiple of 4096"},
      {"machine: {fences: none}\n" PROCESS, "key fences: expected one of linux, "},
      {"machine: {huge: 1}\n" PROCESS, "key huge: expected false or true"},
      {"machine: {tlb: 1}\n" PROCESS, "key tlb: there is no such key here"},
      {"expect: {page_fault: 1}\n" PROCESS, "story.yaml:1: key page_fault: nothing of that name is counted"},
      {"expect: {page_faults: some}\n" PROCESS, "key page_faults: expected a whole number"},
      {"expect: {page_faults: '=> 1'}\n" PROCESS, "key page_faults: expected a whole number"},
      {"schedule: {every: 0}\n" PROCESS, "key every: expected a whole number, 1 to"},
      {"schedule:\n  order:\n    - a\n    - zz\n" PROCESS,
       "story.yaml:4: key order: there is no process, child or thread \"zz\""},
  };
  (void)state;
  refuse_all(refusals, sizeof refusals / sizeof refusals[0]);
}

static void maps_that_cannot_be(void **state) {
  static const refusal refusals[] = {
      {PROCESS "  - name: a\n" SEGMENTS, "story.yaml:6: key name: there are two processes a"},
      {"processes: [{segments: [{name: text, size: 4K}]}]\n", "key name is missing"},
      {"processes: [{name: a}]\n", "expected `elf` or `segments`"},
      {"processes:\n  - name: a\n    segments:\n      - {name: one, use: data, at: 0x1000, size: 8K}\n"
       "      - {name: two, use: data, at: 0x2000, size: 4K}\n",
       "story.yaml:5: key at: 0x1000 bytes at 0x2000 overlap what is mapped from 0x1000 to 0x3000"},
      {"processes:\n  - name: a\n    segments:\n      - {name: one, size: 4K}\n      - {name: one, size: 4K}\n",
       "story.yaml:5: key name: there are two segments one"},
      {"processes:\n  - name: a\n    segments:\n      - {name: one, use: data, at: 0x3fffffe000, size: 4K}\n",
       "story.yaml:4: key at: 0x1000 bytes at 0x3fffffe000 overlap the stack"},
      {"processes:\n  - name: a\n    segments:\n      - {name: one, use: data, at: 0x4000000000, size: 4K}\n",
       "story.yaml:4: key at: 0x1000 bytes at 0x4000000000 reach beyond the user part"},
      {"processes: [{name: a, segments: [{name: one, size: 128T}]}]\n",
       "story.yaml:1: key size: there is no place for a mapping"},
      {"processes: [{name: a, segments: [{name: one, size: 256T}]}]\n", "key size: expected a whole number"},
      {"processes: [{name: a, segments: [{name: one}]}]\n", "key size is missing"},
      {"processes: [{name: a, segments: [{name: stack, size: 4K}]}]\n", "key name: the name stack is taken"},
      {"processes: [{name: a, segments: [{name: one, size: 4K, prot: rwxs}]}]\n", "expected rights such as r-x"},
      {"processes: [{name: a, segments: [{name: one, size: 4K, use: stack}]}]\n", "key use: expected code, rodata"},
      {"processes: [{name: a, segments: [{name: one, size: 4K, object: f}]}]\n",
       "key object: there is no object \"f\""},
      {"objects: [{name: f, size: 4K}]\nprocesses:\n  - {name: a, segments: [{name: one, size: 8K, object: f}]}\n",
       "story.yaml:3: key object: 0x2000 bytes at offset 0x0 reach beyond the 0x1000 bytes of object f"},
      {"objects: [{name: f, size: 4K, memory: true}]\nprocesses:\n  - {name: a, segments: [{name: one, size: 4K, "
       "object: f}]}\n",
       "story.yaml:3: key object: object f is shared memory: expected shared: true"},
      {PROCESS "    stack: 1T\n", "story.yaml:6: key stack: a stack of 0x10000000000 bytes has no place"},
      {PROCESS "    stack: 0x3fffe00000\n", "story.yaml:4: key at: 0x1000 bytes at 0x400000 overlap the stack"},
      {PROCESS "    place: [{page: 0x700000, frame: 0x1000}]\n",
       "story.yaml:6: key page: nothing is mapped at page 0x700000"},
      {PROCESS "    place: [{page: 0x400001, frame: 0x1000}]\n", "key page: expected a multiple of 4096"},
      {PROCESS "    place: [{page: 0x400000}]\n", "expected page and frame"},
      {PROCESS "    interpreter: x\n", "story.yaml:6: key interpreter: an interpreter without `elf`"},
  };
  (void)state;
  refuse_all(refusals, sizeof refusals / sizeof refusals[0]);
}

static void steps_that_cannot_be(void **state) {
  static const refusal refusals[] = {
      {RUN("load: {in: date}"), "story.yaml:7: key load: process a has no segment or mapping named date"},
      {RUN("lode: {in: data}"), "story.yaml:7: key lode: there is no such step"},
      {RUN("{load: {in: data}, store: {in: data}}"), "story.yaml:7: expected one step"},
      {RUN("load: {count: 1}"), "story.yaml:7: key load: key in is missing"},
      {RUN("load: {in: data, count: 0}"), "story.yaml:7: key count: expected a whole number, 1 to"},
      {RUN("load: {in: data, size: 65}"), "key size: expected a whole number, 1 to 64"},
      {RUN("load: {in: data, pattern: random}"), "key pattern: expected sequential, strided, uniform, zipf or chase"},
      {RUN("load: {in: data, skew: 1}"), "key skew: expected only with pattern: zipf"},
      {RUN("load: {in: data, pattern: zipf, skew: 1.2345}"), "key skew: expected a number with at most three decimals"},
      {RUN("load: {in: data, from: 8K}"), "are not in data"},
      {RUN("load: {in: [8, 8]}"), "key in: the range ends before it begins"},
      {RUN("load: {in: [8, 12], size: 8}"), "accesses of 8 bytes in a range of 4"},
      {RUN("load: {in: heap}"), "which has 0x0"},
      {RUN("amo: {in: data, from: 4, size: 8}"), "no multiple"},
      {RUN("call: {frame: 40}"), "key frame: expected a multiple of 16"},
      {RUN("call: {depth: 64M, frame: 1M}"), "reach below address 0"},
      {RUN("brk: {shrink: 4K}"), "the heap would end before it begins"},
      {RUN("brk: {grow: 1K, shrink: 1K}"), "expected either grow or shrink"},
      {RUN("munmap: {in: data, length: 100}"), "expected whole pages"},
      {RUN("mprotect: {in: data}"), "key prot is missing"},
      {RUN("madvise: {in: data, advice: hot}"), "key advice: expected huge, no-huge, cold or drop"},
      {RUN("malloc: {sizes: [8, 4]}"), "expected a whole number, 8 to"},
      {RUN("malloc: {sizes: 8}"), "key sizes: expected [smallest, largest]"},
      {RUN("free: {}"), "the process has 0 blocks"},
      {RUN("fork: {run: []}"), "key as is missing"},
      {RUN("exec: {as: x}"), "expected `elf` or `segments`"},
      {RUN("wait: {for: nobody}"), "key wait: there is no process or thread nobody yet"},
      {RUN("wait: {for: a}"), "key wait: a waits for a for ever"},
      {RUN("repeat: {times: 2, do: []}"), "key do: nothing to repeat"},
      {RUN("repeat: {times: 4G, do: [load: {in: data, count: 256G}]}"), "more than 2^40 accesses and events"},
      {"layout: linux-sv32\n" RUN("load: {in: [0xfffffffc, 0x100000004]}"), "are no addresses of 32 bits"},
      {RUN("thread: {as: t, stack: 1T}"), "key stack: expected a whole number"},
  };
  (void)state;
  refuse_all(refusals, sizeof refusals / sizeof refusals[0]);
}

static void names_that_somebody_has(void **state) {
  static const refusal refusals[] = {
      {RUN("fork: {as: a, run: []}"), "story.yaml:7: key as: there is a process or thread a already"},
      {RUN("thread: {as: a, run: []}"), "story.yaml:7: key as: there is a process or thread a already"},
      {RUN("fork: {as: c, run: [switch: {to: a}, load: {in: data}]}\n      - switch: {to: c}\n      - thread: {as: c}"),
       "story.yaml:9: key as: there is a process or thread c already"},
      {RUN("fork: {as: b, run: []}") "  - name: b\n" SEGMENTS, "story.yaml:7: key as: there is a process or thread b"},
  };
  (void)state;
  refuse_all(refusals, sizeof refusals / sizeof refusals[0]);
  /* A step that is done again makes another of its name; and who has ended has its name no more. */
  story told = story_play(RUN("repeat: {times: 3, do: [fork: {as: c, run: [exit: {}]}]}\n      - wait: {for: c}\n"
                              "      - fork: {as: c, run: [load: {in: data}]}"),
                          NULL);
  assert_int_equal(story_count(&told, TW_RECORD_FORK), 4);
  story_close(&told);
}

static void steps_that_are_never_done(void **state) {
  static const refusal refusals[] = {
      {RUN("exit: {}\n      - store: {in: data}"), "story.yaml:8: key store: behind exit or exec"},
      {RUN("exec: {segments: [{name: text, size: 4K}]}\n      - exit: {}"), "story.yaml:8: key exit: behind exit"},
      {RUN("fork:\n          as: c\n          run:\n            - exit: {}\n            - exit: {}"),
       "story.yaml:11: key exit: behind exit"},
      {RUN("repeat: {times: 1, do: [load: {in: data}, exit: {}]}\n      - load: {in: data}"),
       "story.yaml:8: key load: behind exit"},
      {RUN("repeat: {times: 2, do: [load: {in: data}, exit: {}]}"), "story.yaml:7: key times: the steps end with exit"},
  };
  (void)state;
  refuse_all(refusals, sizeof refusals / sizeof refusals[0]);
}

static void too_many_mappings_and_processes(void **state) {
  static char places[PLACES * sizeof PLACE + sizeof PROCESS + 64] = PROCESS "    place:\n";
  for (size_t i = 0, at = strlen(places); i < PLACES; i++, at += sizeof PLACE - 1)
    memcpy(places + at, PLACE, sizeof PLACE);
  story_refused(places, "story.yaml:7: key place: a list of more than 4096");
  static const char mappings[] =
      RUN("repeat: {times: 1000000000, do: [mmap: {name: m, size: 4K}, mmap: {name: n, size: 4K, prot: r--}]}");
  static const char forks[] = RUN("repeat: {times: 1000000000, do: [fork: {as: c, run: []}]}");
  (void)state;
  story_refused(mappings, "story.yaml:7: key mmap: a process has no more than 16384 mappings");
  story_refused(forks, "story.yaml:7: key fork: more than 4096 processes");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_that_are_no_scenario),
      cmocka_unit_test(machines_and_expectations_that_cannot_be),
      cmocka_unit_test(maps_that_cannot_be),
      cmocka_unit_test(steps_that_cannot_be),
      cmocka_unit_test(names_that_somebody_has),
      cmocka_unit_test(steps_that_are_never_done),
      cmocka_unit_test(too_many_mappings_and_processes),
  };
  if (argc != 2) return 2;
  story_layouts = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
