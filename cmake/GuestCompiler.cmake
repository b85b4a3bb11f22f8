# Finds a C compiler for guest programs: MIMOBOX_GUEST_CLANG_USABLE says whether MIMOBOX_GUEST_CLANG is one, and
# MIMOBOX_GUEST_CLANG_WHY what it said when not.
find_program(MIMOBOX_GUEST_CLANG NAMES clang-19 clang-20 clang-18 clang-17 clang
             DOC "C compiler for guests (target wasm32-wasi)")
set(MIMOBOX_GUEST_CLANG_WHY)
if(MIMOBOX_GUEST_CLANG AND NOT MIMOBOX_GUEST_CLANG STREQUAL "${MIMOBOX_GUEST_CLANG_CHECKED}")
  file(WRITE ${PROJECT_BINARY_DIR}/guest_check.c "#include <stdio.h>\nint main(void) { return puts(\"\"); }\n")
  execute_process(
    COMMAND ${MIMOBOX_GUEST_CLANG} --target=wasm32-wasi -o guest_check.wasm guest_check.c
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR} RESULT_VARIABLE status ERROR_VARIABLE MIMOBOX_GUEST_CLANG_WHY)
  if(status EQUAL 0)
    set(MIMOBOX_GUEST_CLANG_CHECKED "${MIMOBOX_GUEST_CLANG}" CACHE INTERNAL "")
  endif()
endif()
if(MIMOBOX_GUEST_CLANG AND MIMOBOX_GUEST_CLANG STREQUAL "${MIMOBOX_GUEST_CLANG_CHECKED}")
  set(MIMOBOX_GUEST_CLANG_USABLE TRUE)
else()
  set(MIMOBOX_GUEST_CLANG_USABLE FALSE)
endif()
