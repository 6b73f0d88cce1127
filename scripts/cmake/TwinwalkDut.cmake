# twinwalk_add_dut: makes devices under test of a Verilog top that has the pins of docs/pins.md.
#
#   twinwalk_add_dut(NAME mine TOP my_mmu SOURCES a.sv my_mmu.sv DESCRIPTION dut.yaml
#                    [PARAMETERS Mode=@mode@ Entries=@fetch_entries@ Depth=3] [CONFIGS base39 ...] [INCLUDES dir ...])
#
# For every configuration there are two plug-ins in lib/twinwalk/duts: NAME-CONFIG.so, as fast as it gets, and
# NAME-CONFIG.checked.so, with assertions and waveforms. In PARAMETERS, @name@ stands for a value of the configuration:
# config, mode (1 Sv32, 2 Sv39), fetch_entries, data_entries, asid_bits. CONFIGS are names in verif/configs or paths; left
# out, all of verif/configs. VARIANTS N VARIANT_PIN pin: the top has an input that selects one of N variants, 0 the design itself.
# TESTING: compiled quickly rather than to be quick, and not installed; NAME-CONFIG.checked.so only on demand, as the target
# dut_NAME-CONFIG.checked.
#
# The description has one `key: value` a line; `config` stands for what the configuration says:
#   text: one line for `twinwalk duts`        modes: config, or Sv32 Sv39       xlen, asid_bits, pa_bits: config, or a number
#   ad: svade or svadu                        fences_over_flush, cycles_predicted: true or false
#
# SPDX-License-Identifier: Apache-2.0
include_guard()
include(GNUInstallDirs)
find_program(TWINWALK_VERILATOR verilator REQUIRED)
find_program(TWINWALK_DUT_CXX NAMES clang++ g++ REQUIRED)
get_filename_component(TWINWALK_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(TWINWALK_CONFIG_DIR ${TWINWALK_ROOT}/verif/configs)
set(TWINWALK_DUT_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/dut_symbols.map)
set(TWINWALK_BENCH_DIR ${TWINWALK_ROOT}/verif/bench)

# Reads `key: value`, or `section:` and an indented `key: value`, from YAML in block style.
function(twinwalk_yaml_value file key result)
  file(READ ${file} text)
  string(REGEX REPLACE "#[^\n]*" "" text "\n${text}")
  if(key MATCHES "^(.*)\\.(.*)$")
    set(pattern "\n${CMAKE_MATCH_1}:[ \t]*(\n+[ \t]+[^\n]*)*\n[ \t]+${CMAKE_MATCH_2}:[ \t]*([^ \t\n][^\n]*)")
    set(group 2)
  else()
    set(pattern "\n${key}:[ \t]*([^ \t\n][^\n]*)")
    set(group 1)
  endif()
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "${file}: no key ${key}")
  endif()
  string(STRIP "${CMAKE_MATCH_${group}}" value)
  set(${result} "${value}" PARENT_SCOPE)
endfunction()

# The configurations of verif/configs, as names.
function(twinwalk_config_names result)
  file(GLOB files CONFIGURE_DEPENDS ${TWINWALK_CONFIG_DIR}/*.yaml)
  set(names)
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    list(APPEND names ${name})
  endforeach()
  set(${result} ${names} PARENT_SCOPE)
endfunction()

set(TWINWALK_MODES Sv32 Sv39 Sv48 Sv57)
set(TWINWALK_PA_BITS 34 56 56 56)

# Sets config, mode, mode_name, fetch_entries, data_entries, asid_bits, xlen_value, pa_bits_value of a configuration.
macro(twinwalk_config_values file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  get_filename_component(config ${file} NAME_WE)
  twinwalk_yaml_value(${file} mode mode_name)
  twinwalk_yaml_value(${file} fetch_tlb.entries fetch_entries)
  twinwalk_yaml_value(${file} data_tlb.entries data_entries)
  twinwalk_yaml_value(${file} asid_bits asid_bits)
  list(FIND TWINWALK_MODES ${mode_name} index)
  if(index LESS 0)
    message(FATAL_ERROR "${file}: key mode: expected one of ${TWINWALK_MODES}, found ${mode_name}")
  endif()
  math(EXPR mode "${index} + 1")
  list(GET TWINWALK_PA_BITS ${index} pa_bits_value)
  if(mode EQUAL 1)
    set(xlen_value 32)
  else()
    set(xlen_value 64)
  endif()
endmacro()

# Writes the description as a C header for the shim.
function(twinwalk_write_description file name yaml variants)
  foreach(key text modes xlen asid_bits pa_bits ad fences_over_flush cycles_predicted)
    twinwalk_yaml_value(${yaml} ${key} ${key}_text)
  endforeach()
  string(REPLACE "config" "${mode_name}" modes_text "${modes_text}")
  string(REPLACE "config" "${xlen_value}" xlen_text "${xlen_text}")
  string(REPLACE "config" "${asid_bits}" asid_bits_text "${asid_bits_text}")
  string(REPLACE "config" "${pa_bits_value}" pa_bits_text "${pa_bits_text}")
  string(TOUPPER "${modes_text}" modes_text)
  string(REGEX MATCHALL "SV[0-9]+" mode_list "${modes_text}")
  list(TRANSFORM mode_list PREPEND "1u << TW_")
  list(JOIN mode_list " | " mode_bits)
  string(TOUPPER "${ad_text}" ad_text)
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [=[
#define TW_DUT_NAME "@name@"
#define TW_DUT_CONFIG "@config@"
#define TW_DUT_TEXT "@text_text@"
#define TW_DUT_MODES (@mode_bits@)
#define TW_DUT_XLEN @xlen_text@
#define TW_DUT_ASID_BITS @asid_bits_text@
#define TW_DUT_PA_BITS @pa_bits_text@
#define TW_DUT_AD TW_DUT_@ad_text@
#define TW_DUT_OVER_FLUSH @fences_over_flush_text@
#define TW_DUT_PREDICTED @cycles_predicted_text@
#define TW_DUT_VARIANTS @variants@
#define TW_DUT_FETCH_ENTRIES @fetch_entries@
#define TW_DUT_DATA_ENTRIES @data_entries@
]=])
endfunction()

# One plug-in: the custom command runs Verilator, which builds the design, its runtime and the shim into one library.
function(twinwalk_build_plugin target prefix folder checked)
  set(output ${PROJECT_BINARY_DIR}/lib/twinwalk/duts/${target}.so)
  set(cflags "-std=c++17 -fPIC -fvisibility=hidden -DTW_DUT_TOP=${prefix} -I${folder} -I${TWINWALK_BENCH_DIR}")
  string(APPEND cflags " -I${TWINWALK_ROOT}/model/include")
  set(how --assert --trace-fst --trace-structs)
  set(optimise OPT_FAST=-O1)
  set(all ALL)
  if(NOT checked)
    set(how)
    if(NOT dut_TESTING)
      set(optimise OPT_FAST=-O3)
    endif()
  else()
    string(APPEND cflags " -DTW_DUT_CHECKED -DVL_USER_STOP -DVL_USER_FATAL")
    if(dut_VARIANT_PIN) # the variants that are not selected get no inputs, which their assertions would object to
      list(REMOVE_ITEM how --assert)
    else()
      string(APPEND cflags " -DTW_DUT_ASSERTIONS")
    endif()
    if(dut_TESTING)
      set(optimise OPT_FAST=-O0)
      set(all)
    endif()
  endif()
  if(dut_VARIANT_PIN)
    string(APPEND cflags " -DTW_DUT_VARIANT_PIN=${dut_VARIANT_PIN}")
  endif()
  list(TRANSFORM dut_INCLUDES PREPEND -I OUTPUT_VARIABLE includes)
  add_custom_command(OUTPUT ${output}
    COMMAND ${TWINWALK_VERILATOR} --cc --exe --build -j 1 -Wall -Wno-fatal --prefix ${prefix} --top-module ${dut_TOP}
      --Mdir ${folder}/${target} -O3 --x-assign unique --x-initial unique ${how} ${generics} ${includes}
      -MAKEFLAGS CXX=${TWINWALK_DUT_CXX} -MAKEFLAGS LINK=${TWINWALK_DUT_CXX} -MAKEFLAGS ${optimise} -MAKEFLAGS OPT_SLOW=-O0
      -MAKEFLAGS OPT_GLOBAL=-O2 -CFLAGS "${cflags}" -LDFLAGS "-shared -Wl,-Bsymbolic,--version-script=${TWINWALK_DUT_SYMBOLS}"
      -o ${output} ${sources} ${TWINWALK_BENCH_DIR}/verilator_shim.cpp > ${folder}/${target}.log
    DEPENDS ${sources} ${dut_DESCRIPTION} ${TWINWALK_BENCH_DIR}/verilator_shim.cpp ${TWINWALK_BENCH_DIR}/verilator_wave.hpp ${TWINWALK_BENCH_DIR}/verilator_state.hpp
      ${TWINWALK_BENCH_DIR}/dut.h ${TWINWALK_ROOT}/model/include/twinwalk/pins.h ${folder}/description.h
    COMMENT "Verilating ${target}" VERBATIM)
  add_custom_target(dut_${target} ${all} DEPENDS ${output})
  if(NOT dut_TESTING)
    install(FILES ${output} DESTINATION ${CMAKE_INSTALL_LIBDIR}/twinwalk/duts)
  endif()
endfunction()

function(twinwalk_add_dut)
  cmake_parse_arguments(dut "TESTING" "NAME;TOP;DESCRIPTION;VARIANTS;VARIANT_PIN" "SOURCES;PARAMETERS;CONFIGS;INCLUDES" ${ARGN})
  if(NOT dut_VARIANTS)
    set(dut_VARIANTS 1)
  endif()
  if(NOT dut_CONFIGS)
    twinwalk_config_names(dut_CONFIGS)
  endif()
  set(sources)
  foreach(source ${dut_SOURCES})
    get_filename_component(source ${source} ABSOLUTE)
    list(APPEND sources ${source})
  endforeach()
  get_filename_component(dut_DESCRIPTION ${dut_DESCRIPTION} ABSOLUTE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${dut_DESCRIPTION})
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/lib/twinwalk/duts)
  foreach(entry ${dut_CONFIGS})
    set(file ${entry})
    if(NOT entry MATCHES "\\.yaml$")
      set(file ${TWINWALK_CONFIG_DIR}/${entry}.yaml)
    endif()
    get_filename_component(file ${file} ABSOLUTE)
    twinwalk_config_values(${file})
    set(folder ${PROJECT_BINARY_DIR}/verilated/${dut_NAME}-${config})
    file(MAKE_DIRECTORY ${folder})
    twinwalk_write_description(${folder}/description.h ${dut_NAME} ${dut_DESCRIPTION} ${dut_VARIANTS})
    string(CONFIGURE "${dut_PARAMETERS}" parameters @ONLY)
    list(TRANSFORM parameters PREPEND -G OUTPUT_VARIABLE generics)
    string(MAKE_C_IDENTIFIER "V${dut_NAME}_${config}" prefix)
    twinwalk_build_plugin(${dut_NAME}-${config} ${prefix} ${folder} OFF)
    twinwalk_build_plugin(${dut_NAME}-${config}.checked ${prefix}_checked ${folder} ON)
  endforeach()
endfunction()
