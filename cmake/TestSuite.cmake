# mimobox_add_tests(<label> <executable> <folder> <libraries>...)
#
# One GoogleTest executable of all <folder>/*.cc; its tests carry <label>; `<label>_tests` builds all
# executables of a label. A folder without *_test.cc gives nothing.
include(GoogleTest)
find_package(GTest REQUIRED)

# Found again by each test of a TSan build, however ctest is called.
set(test_environment)
set(test_environment_variables)
if("thread" IN_LIST MIMOBOX_SANITIZE)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(suppressions ${PROJECT_BINARY_DIR}/tsan.supp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/tools/tsan_suppressions.py ${PROJECT_SOURCE_DIR}/engine/Cargo.lock)
  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/tsan_suppressions.py
            ${PROJECT_SOURCE_DIR}/engine/Cargo.lock
    OUTPUT_FILE ${suppressions} COMMAND_ERROR_IS_FATAL ANY)
  set(test_environment_variables "TSAN_OPTIONS=suppressions=${suppressions}")
  set(test_environment ENVIRONMENT "${test_environment_variables}")
endif()

foreach(label IN ITEMS unit conformance security integration counts)
  add_custom_target(${label}_tests)
endforeach()

if(MIMOBOX_ENGINE)
  add_library(mimobox_test_paths STATIC ${PROJECT_SOURCE_DIR}/tests/paths.cc)
  target_include_directories(mimobox_test_paths PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_definitions(mimobox_test_paths PRIVATE
    MIMOBOX_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    MIMOBOX_GUEST_DIR="${MIMOBOX_GUEST_DIR}" MIMOBOX_COMMAND="$<TARGET_FILE:mimobox-wasm>")
  target_link_libraries(mimobox_test_paths PRIVATE mimobox_flags)
endif()

function(mimobox_add_tests label executable folder)
  file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.cc)
  if(NOT tests)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  add_executable(${executable} ${sources})
  target_include_directories(${executable} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${executable} PRIVATE mimobox_flags ${ARGN} GTest::gmock GTest::gtest_main)
  # A suite spends its time in what it tests; optimizing the tests themselves costs half of a build.
  target_compile_options(${executable} PRIVATE "$<$<CONFIG:Release>:-O1>")
  if(MIMOBOX_ENGINE)
    target_link_libraries(${executable} PRIVATE mimobox_test_paths)
    if(NOT label STREQUAL "conformance")
      add_dependencies(${executable} guests)
    endif()
    if(label STREQUAL "integration" OR label STREQUAL "security")
      add_dependencies(${executable} mimobox-wasm)
    endif()
  endif()
  add_dependencies(${label}_tests ${executable})
  set(timeout 120)
  if(MIMOBOX_SANITIZE)
    set(timeout 300)
  endif()
  gtest_discover_tests(${executable}
    DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${label} TIMEOUT ${timeout} ${test_environment})
endfunction()
