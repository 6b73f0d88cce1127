# Prints the parameters of rtl/tw_mmu.sv that a configuration stands for, NAME=VALUE in one line:
# cmake -DCONFIG=verif/configs/base39.yaml -P scripts/cmake/parameters.cmake
# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/TwinwalkConfig.cmake)
twinwalk_config_values(${CONFIG})
string(CONFIGURE "${TWINWALK_PARAMETERS}" parameters @ONLY)
string(REPLACE ";" " " parameters "${parameters}")
execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${parameters}")
