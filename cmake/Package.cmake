# What `cmake --install` and `cpack` put where: docs/packaging.md. Components: mimobox_command (the command, its
# man page and completions) and mimobox_development (headers, library, CMake and pkg-config packages).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(MergeArchives)

# ---- the library: everything in one archive that shows the public API only ----
mimobox_collect_archives(mimobox own foreign mimobox_system_libraries)
set(MIMOBOX_MERGED_LIBRARY ${PROJECT_BINARY_DIR}/package/libmimobox.a)
mimobox_merge_archives(mimobox_merged OUTPUT ${MIMOBOX_MERGED_LIBRARY} OWN ${own} FOREIGN ${foreign})
install(FILES ${MIMOBOX_MERGED_LIBRARY}
  DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT mimobox_development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/mimobox
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT mimobox_development FILES_MATCHING PATTERN "*.h")

# ---- CMake and pkg-config ----
set(mimobox_libdir ${CMAKE_INSTALL_LIBDIR})
set(mimobox_includedir ${CMAKE_INSTALL_INCLUDEDIR})
set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mimobox)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/mimobox-config.cmake.in ${PROJECT_BINARY_DIR}/package/mimobox-config.cmake
  INSTALL_DESTINATION ${cmake_folder} PATH_VARS mimobox_libdir mimobox_includedir)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/mimobox-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/package/mimobox-config.cmake ${PROJECT_BINARY_DIR}/package/mimobox-config-version.cmake
  DESTINATION ${cmake_folder} COMPONENT mimobox_development)

# Relative to the .pc file, so that an installed tree may be moved; absolute folders stay what they are.
set(mimobox_pc_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(mimobox_pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
set(mimobox_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(mimobox_pc_prefix ${CMAKE_INSTALL_PREFIX})
  set(mimobox_pc_libdir ${CMAKE_INSTALL_LIBDIR})
else()
  file(RELATIVE_PATH up /${mimobox_pc_folder} /)
  string(REGEX REPLACE "/$" "" up ${up})
  set(mimobox_pc_prefix "\${pcfiledir}/${up}")
endif()
if(IS_ABSOLUTE ${CMAKE_INSTALL_INCLUDEDIR})
  set(mimobox_pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
endif()
set(mimobox_pc_libraries)
foreach(library IN LISTS mimobox_system_libraries)
  if(library STREQUAL "Threads::Threads")
    set(library -pthread)
  else()
    set(library -l${library})
  endif()
  list(APPEND mimobox_pc_libraries ${library})
endforeach()
list(JOIN mimobox_pc_libraries " " mimobox_pc_libraries)
configure_file(${PROJECT_SOURCE_DIR}/cmake/mimobox.pc.in ${PROJECT_BINARY_DIR}/package/mimobox.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/mimobox.pc
  DESTINATION ${mimobox_pc_folder} COMPONENT mimobox_development)

# ---- the command, and what describes it: made of its own --help texts ----
install(TARGETS mimobox-wasm RUNTIME COMPONENT mimobox_command)
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(man ${PROJECT_BINARY_DIR}/man/mimobox-wasm.1)
  set(completions ${PROJECT_BINARY_DIR}/completions)
  set(documents
    ${man} ${completions}/mimobox-wasm.bash ${completions}/mimobox-wasm.zsh ${completions}/mimobox-wasm.fish)
  add_custom_command(
    OUTPUT ${documents}
    COMMAND Python3::Interpreter -B ${PROJECT_SOURCE_DIR}/tools/cli_docs.py
            --version ${PROJECT_VERSION} --output ${PROJECT_BINARY_DIR}
            -- ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:mimobox-wasm>
    DEPENDS mimobox-wasm ${PROJECT_SOURCE_DIR}/tools/cli_docs.py
    COMMENT "Man page and completions of mimobox-wasm" VERBATIM)
  add_custom_target(cli_docs ALL DEPENDS ${documents})
  install(FILES ${man} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT mimobox_command)
  install(FILES ${completions}/mimobox-wasm.bash RENAME mimobox-wasm
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT mimobox_command)
  install(FILES ${completions}/mimobox-wasm.zsh RENAME _mimobox-wasm
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT mimobox_command)
  install(FILES ${completions}/mimobox-wasm.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT mimobox_command)
else()
  message(STATUS "Man page and completions: skipped (the command cannot be run here)")
endif()

# ---- licences ----

install(FILES
  ${PROJECT_SOURCE_DIR}/cmake/copyright
  ${PROJECT_SOURCE_DIR}/LICENSE-MIT ${PROJECT_SOURCE_DIR}/LICENSE-APACHE
  ${MIMOBOX_THIRD_PARTY_NOTICES}
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/mimobox-wasm COMPONENT mimobox_command)

# ---- cpack: one .deb of everything ----
if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_NAME mimobox-wasm)
  set(CPACK_PACKAGE_VENDOR "The mimobox-wasm authors")
  set(CPACK_PACKAGE_CONTACT "The mimobox-wasm authors <mimobox-wasm@localhost>" CACHE STRING
    "Maintainer of the .deb")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
  set(CPACK_PACKAGE_DESCRIPTION
"A command and a C++23 library that run WebAssembly programs (WASI preview 1) in a
fresh instance each, with limits on memory, time, stack and output, and say why a run ended.
This package holds both; the library is static, with its engine inside.")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION devel)
  set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
  # A static-pie has none; a command that is linked otherwise has some, and dpkg-shlibdeps finds them.
  find_program(MIMOBOX_SHLIBDEPS dpkg-shlibdeps)
  mark_as_advanced(MIMOBOX_SHLIBDEPS)
  if(MIMOBOX_SHLIBDEPS AND NOT (MIMOBOX_STATIC_COMMAND AND MIMOBOX_HAVE_STATIC_PIE
                                AND CMAKE_BUILD_TYPE STREQUAL "Release"))
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  endif()
  # Of the packages that the library's users need, these are the compiler's.
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS "g++ (>= 4:12) | clang-19, pkg-config")
  include(CPack)
endif()
