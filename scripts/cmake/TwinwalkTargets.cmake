# How every C target of the project is compiled, and how a cmocka test is declared.
# SPDX-License-Identifier: Apache-2.0
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O3")

# tw_c_target(TARGET): the project's warnings, as errors, and the sanitizers if they were asked for.
function(tw_c_target target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra -Wconversion -Wshadow -Werror>)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  if(TWINWALK_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=address,undefined)
  endif()
endfunction()

# tw_add_test(NAME SOURCES ... LIBRARIES ... ARGUMENTS ...): a cmocka program under ctest.
function(tw_add_test name)
  cmake_parse_arguments(test "" "" "SOURCES;LIBRARIES;ARGUMENTS" ${ARGN})
  add_executable(test_${name} ${test_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${test_LIBRARIES} cmocka)
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  tw_c_target(test_${name})
  add_test(NAME ${name} COMMAND test_${name} ${test_ARGUMENTS})
endfunction()
