# `cmake --install`: the library, its headers, a CMake package and a pkg-config file.
# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)

install(TARGETS twinwalk EXPORT twinwalkTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/model/include/twinwalk DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT twinwalkTargets NAMESPACE twinwalk:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/twinwalk)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/scripts/cmake/twinwalkConfig.cmake.in ${PROJECT_BINARY_DIR}/twinwalkConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/twinwalk)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/twinwalkConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/twinwalkConfig.cmake ${PROJECT_BINARY_DIR}/twinwalkConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/twinwalk)
# Relative, so that `cmake --install --prefix` may put it anywhere.
file(RELATIVE_PATH TWINWALK_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${PROJECT_SOURCE_DIR}/scripts/cmake/twinwalk.pc.in ${PROJECT_BINARY_DIR}/twinwalk.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/twinwalk.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
