# tw_add_fuzzer: a libFuzzer program under ctest. It is built by clang with the sanitizers, whatever builds the rest.
#
#   tw_add_fuzzer(NAME SECONDS N SOURCES a.c ... [INCLUDES dir ...] [LIBRARIES target-or-file ...] [HEADERS a.h ...]
#                 [CORPUS dir ...] [OPTIONS -max_len=N ...] [FIXTURE name])
#   tw_add_fuzzer(NAME SECONDS N PROGRAM other ...): with the program of another fuzzer, which OPTIONS tell what to do
#
# The test NAME_fuzz begins with the inputs of the folders of CORPUS, and goes on for N seconds: the bound is one on the
# campaign. It prints its seed; with the same -seed=N it begins in the same way. What fails is kept as a file in the
# test's folder. FIXTURE is a ctest fixture that makes the corpus.
#
# SPDX-License-Identifier: Apache-2.0
include_guard()
find_program(TWINWALK_CLANG clang)
set(TWINWALK_FUZZERS OFF)
if(TWINWALK_CLANG)
  execute_process(COMMAND ${TWINWALK_CLANG} -print-file-name=libclang_rt.fuzzer-${CMAKE_SYSTEM_PROCESSOR}.a
    OUTPUT_VARIABLE libfuzzer OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(EXISTS "${libfuzzer}")
    set(TWINWALK_FUZZERS ON)
  endif()
endif()
if(NOT TWINWALK_FUZZERS)
  message(STATUS "No clang with libFuzzer (package libclang-rt-dev): the fuzzers are left out")
endif()

function(tw_add_fuzzer name)
  cmake_parse_arguments(fuzz "" "SECONDS;FIXTURE;PROGRAM" "SOURCES;INCLUDES;LIBRARIES;HEADERS;CORPUS;OPTIONS" ${ARGN})
  set(program ${PROJECT_BINARY_DIR}/tests/fuzz_${name})
  list(TRANSFORM fuzz_INCLUDES PREPEND -I)
  if(fuzz_PROGRAM)
    set(program ${PROJECT_BINARY_DIR}/tests/fuzz_${fuzz_PROGRAM})
  else()
    add_custom_command(OUTPUT ${program}
      COMMAND ${TWINWALK_CLANG} -std=c17 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wconversion -Wshadow -Werror
              -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I${PROJECT_SOURCE_DIR}/model/include
              ${fuzz_INCLUDES} ${fuzz_SOURCES} ${fuzz_LIBRARIES} -o ${program}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
      DEPENDS ${fuzz_SOURCES} ${fuzz_HEADERS} COMMENT "Building the fuzzer of ${name}" VERBATIM)
    add_custom_target(fuzz_${name} ALL DEPENDS ${program})
  endif()
  set(campaigns fuzz)
  if(TWINWALK_LONG_TESTS)
    list(APPEND campaigns fuzz_long)
  endif()
  foreach(campaign ${campaigns})
    set(seconds ${fuzz_SECONDS})
    if(campaign STREQUAL fuzz_long)
      set(seconds 600)
    endif()
    set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}_${campaign})
    file(MAKE_DIRECTORY ${found})
    add_test(NAME ${name}_${campaign} COMMAND ${program} -max_total_time=${seconds} -timeout=20 -verbosity=1
      -print_final_stats=1 -artifact_prefix=${found}- ${fuzz_OPTIONS} ${found} ${fuzz_CORPUS})
    if(fuzz_FIXTURE)
      set_tests_properties(${name}_${campaign} PROPERTIES FIXTURES_REQUIRED ${fuzz_FIXTURE})
    endif()
    if(campaign STREQUAL fuzz_long)
      set_tests_properties(${name}_${campaign} PROPERTIES LABELS long)
    endif()
  endforeach()
endfunction()
