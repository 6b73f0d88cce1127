# twinwalk_add_dut: makes devices under test of a Verilog top that has the pins of docs/pins.md.
#
#   twinwalk_add_dut(NAME mine TOP my_mmu SOURCES a.sv my_mmu.sv DESCRIPTION dut.yaml
#                    [PARAMETERS Mode=@mode@ Entries=@fetch_entries@ Depth=3] [CONFIGS base39 ...] [INCLUDES dir ...])
#
# For every configuration there are two plug-ins in lib/twinwalk/duts: NAME-CONFIG.so, as fast as it gets, and
# NAME-CONFIG.checked.so, with assertions and waveforms. In PARAMETERS, @name@ stands for a value of the configuration: those
# that TwinwalkConfig.cmake lists; ${TWINWALK_PARAMETERS} are the parameters of rtl/tw_mmu.sv, all of them. CONFIGS are names in verif/configs or
# paths; left out, all of verif/configs. VARIANTS N VARIANT_PIN pin: the top has an input that selects one of N variants, 0 the design itself.
# TESTING: compiled quickly rather than to be quick, and not installed; NAME-CONFIG.checked.so only on demand, as the target
# dut_NAME-CONFIG.checked. With TWINWALK_COVERAGE, NAME-CONFIG.so counts the lines, branches and toggles that it reaches, and writes them to the
# file that $TWINWALK_DUT_COVERAGE names when an instance is closed.
#
# The description has one `key: value` a line; `config` stands for what the configuration says:
#   text: one line for `twinwalk duts`        modes: config, or Sv32 Sv39 ...   xlen, asid_bits, pa_bits: config, or a number
#   ad: config, svade or svadu                fences_over_flush, cycles_predicted: true or false
# and, if it has any, for left out means none:
#   extensions: config, or svnapot svpbmt ... pmp_entries, pmp_grain, fetch_slots, data_slots: config, or a number
#
# SPDX-License-Identifier: Apache-2.0
include_guard()
include(GNUInstallDirs)
include(${CMAKE_CURRENT_LIST_DIR}/TwinwalkConfig.cmake)
find_program(TWINWALK_VERILATOR verilator REQUIRED)
find_program(TWINWALK_DUT_CXX NAMES clang++ g++ REQUIRED)
get_filename_component(TWINWALK_ROOT ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
set(TWINWALK_DUT_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/dut_symbols.map)
set(TWINWALK_BENCH_DIR ${TWINWALK_ROOT}/verif/bench)

# A value of the description; `config` is replaced.
macro(twinwalk_description_value file key default config_value result)
  set(${result} "${default}")
  if(DEFINED yaml_${key})
    set(${result} "${yaml_${key}}")
  elseif("${default}" STREQUAL "")
    message(FATAL_ERROR "${file}: no key ${key}")
  endif()
  string(REGEX REPLACE "^config$" "${config_value}" ${result} "${${result}}")
endmacro()

# Writes the description as a C header for the shim.
function(twinwalk_write_description file name yaml variants config_file)
  twinwalk_yaml_read(${yaml})
  twinwalk_description_value(${yaml} text "" config text_text)
  twinwalk_description_value(${yaml} fences_over_flush "" config over_flush)
  twinwalk_description_value(${yaml} cycles_predicted "" config predicted)
  set(modes_has ${mode_name})
  if(mode GREATER 2)
    list(SUBLIST TWINWALK_MODES 1 -1 modes_has)
    math(EXPR count "${mode} - 1")
    list(SUBLIST modes_has 0 ${count} modes_has)
  endif()
  twinwalk_description_value(${yaml} modes "" "${modes_has}" modes_text)
  string(REPLACE ";" " " modes_text "${modes_text}")
  twinwalk_name_bits(${yaml} "${modes_text}" "bare;sv32;sv39;sv48;sv57" mode_bits)
  set(extensions_has "${extensions}")
  twinwalk_description_value(${yaml} extensions none "${extensions}" extensions_text)
  if(NOT extensions_text MATCHES "^[0-9]+$")
    twinwalk_name_bits(${yaml} "${extensions_text}" "${TWINWALK_EXTENSIONS}" extensions_text)
  endif()
  math(EXPR updates "${extensions_text} >> 2 & 1")
  set(ad_has svade)
  if(updates)
    set(ad_has svadu)
  endif()
  twinwalk_description_value(${yaml} ad "" ${ad_has} ad_text)
  if(NOT ad_text STREQUAL ad_has)
    message(FATAL_ERROR "${yaml}: ad: ${ad_text} does not go with its extensions: expected ${ad_has}")
  endif()
  string(TOUPPER "${ad_text}" ad_text)
  twinwalk_description_value(${yaml} xlen "" ${xlen_value} xlen_text)
  twinwalk_description_value(${yaml} asid_bits "" ${asid_bits} asid_bits_text)
  twinwalk_description_value(${yaml} pa_bits "" ${pa_bits_value} pa_bits_text)
  foreach(key pmp_entries pmp_grain fetch_slots data_slots)
    twinwalk_description_value(${yaml} ${key} 0 ${${key}} ${key}_text)
  endforeach()
  file(READ ${config_file} config_text)
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [==[
#define TW_DUT_NAME "@name@"
#define TW_DUT_CONFIG "@config@"
#define TW_DUT_CONFIG_TEXT R"yaml(@config_text@)yaml"
#define TW_DUT_TEXT "@text_text@"
#define TW_DUT_MODES @mode_bits@
#define TW_DUT_XLEN @xlen_text@
#define TW_DUT_EXTENSIONS @extensions_text@
#define TW_DUT_ASID_BITS @asid_bits_text@
#define TW_DUT_PA_BITS @pa_bits_text@
#define TW_DUT_PMP_ENTRIES @pmp_entries_text@
#define TW_DUT_PMP_GRAIN @pmp_grain_text@
#define TW_DUT_FETCH_SLOTS @fetch_slots_text@
#define TW_DUT_DATA_SLOTS @data_slots_text@
#define TW_DUT_AD TW_DUT_@ad_text@
#define TW_DUT_OVER_FLUSH @over_flush@
#define TW_DUT_PREDICTED @predicted@
#define TW_DUT_VARIANTS @variants@
]==])
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
    if(TWINWALK_COVERAGE)
      set(how --coverage-line --coverage-toggle)
      set(optimise OPT_FAST=-O3)
      string(APPEND cflags " -DTW_DUT_COVERAGE")
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
    endif()
    if(dut_TESTING OR TWINWALK_COVERAGE)
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
      ${TWINWALK_BENCH_DIR}/dut.h ${TWINWALK_BENCH_DIR}/pin_list.h ${TWINWALK_ROOT}/model/include/twinwalk/pins.h ${folder}/description.h
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
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    twinwalk_config_values(${file})
    set(folder ${PROJECT_BINARY_DIR}/verilated/${dut_NAME}-${config})
    file(MAKE_DIRECTORY ${folder})
    twinwalk_write_description(${folder}/description.h ${dut_NAME} ${dut_DESCRIPTION} ${dut_VARIANTS} ${file})
    string(CONFIGURE "${dut_PARAMETERS}" parameters @ONLY)
    list(TRANSFORM parameters PREPEND -G OUTPUT_VARIABLE generics)
    string(MAKE_C_IDENTIFIER "V${dut_NAME}_${config}" prefix)
    twinwalk_build_plugin(${dut_NAME}-${config} ${prefix} ${folder} OFF)
    twinwalk_build_plugin(${dut_NAME}-${config}.checked ${prefix}_checked ${folder} ON)
  endforeach()
endfunction()
