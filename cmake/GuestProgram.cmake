# Guests: programs for the sandbox, compiled into ${PROJECT_BINARY_DIR}/guests.
#
#   mimobox_add_guests(<folder>)  every <folder>/*.c by clang with wasi-libc to <name>.wasm, every
#                                 *.wat as it is, every go/<name>/main.go to go_<name>.wasm where
#                                 there is a Go compiler, every rust/<name>.rs to rust_<name>.wasm
#                                 where there is a Rust compiler with the library for WASI
#
# A line `// guest-flags: ...` in a C file adds flags for that file (stack size, exports).
set(MIMOBOX_GUEST_DIR ${PROJECT_BINARY_DIR}/guests)
file(MAKE_DIRECTORY ${MIMOBOX_GUEST_DIR})
add_custom_target(guests ALL)

include(GuestCompiler)
if(NOT MIMOBOX_GUEST_CLANG_USABLE)
  message(FATAL_ERROR "no clang that compiles guest programs for wasm32-wasi: install clang-19, lld-19, "
                      "libclang-rt-19-dev-wasm32 and wasi-libc (`make setup` does)\n${MIMOBOX_GUEST_CLANG_WHY}")
endif()

find_program(MIMOBOX_GO NAMES go HINTS /usr/local/go/bin /usr/lib/go/bin DOC "Go compiler for guests")
set(go_usable FALSE)
if(MIMOBOX_GO)
  execute_process(COMMAND ${MIMOBOX_GO} version OUTPUT_VARIABLE go_version ERROR_QUIET)
  if(go_version MATCHES "go([0-9]+\\.[0-9]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 1.21)
    set(go_usable TRUE)
  endif()
endif()
if(NOT go_usable)
  message(STATUS "Go guests: skipped (no Go >= 1.21)")
endif()

# rustup's (`rustup target add wasm32-wasip1`), or Debian's packages (`tools/setup.sh rust-guests`),
# whose libraries that version's own linker reads.
find_program(MIMOBOX_GUEST_WASM_LD NAMES wasm-ld-14 wasm-ld DOC "Linker for Debian's Rust guests")
if(NOT MIMOBOX_GUEST_RUST_CHECKED)
  set(MIMOBOX_GUEST_RUST "" CACHE STRING "Rust compiler and options for guests (empty: looked for)")
  file(WRITE ${PROJECT_BINARY_DIR}/guest_check.rs "fn main() { println!(\"\"); }\n")
  foreach(candidate "rustc;--target=wasm32-wasip1" "/usr/bin/rustc;--target=wasm32-wasip1"
                    "/usr/bin/rustc;--target=wasm32-wasi;-Clinker=${MIMOBOX_GUEST_WASM_LD}")
    if(MIMOBOX_GUEST_RUST)
      break()
    endif()
    execute_process(
      COMMAND ${candidate} -o guest_check_rust.wasm guest_check.rs
      WORKING_DIRECTORY ${PROJECT_BINARY_DIR} RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    if(status EQUAL 0)
      set(MIMOBOX_GUEST_RUST "${candidate}" CACHE STRING "" FORCE)
    endif()
  endforeach()
  if(MIMOBOX_GUEST_RUST)
    set(MIMOBOX_GUEST_RUST_CHECKED TRUE CACHE INTERNAL "")
  else()
    message(STATUS "Rust guests: skipped (no Rust library for WASI; `tools/setup.sh rust-guests` gets Debian's)")
  endif()
endif()

function(mimobox_add_guests folder)
  get_filename_component(folder ${folder} ABSOLUTE)
  file(RELATIVE_PATH slug ${PROJECT_SOURCE_DIR} ${folder})
  string(MAKE_C_IDENTIFIER ${slug} slug)
  set(outputs)

  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h)
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    set(output ${MIMOBOX_GUEST_DIR}/${name}.wasm)
    file(STRINGS ${source} flags REGEX "^// guest-flags:" LIMIT_COUNT 1)
    string(REGEX REPLACE "^// guest-flags:" "" flags "${flags}")
    separate_arguments(flags UNIX_COMMAND "${flags}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${MIMOBOX_GUEST_CLANG} --target=wasm32-wasi -std=gnu17 -O2 -Wall -Wextra ${flags}
              -o ${output} ${source}
      DEPENDS ${source} ${headers} COMMENT "Guest ${name}.wasm" VERBATIM)
    list(APPEND outputs ${output})
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.wat)
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME)
    set(output ${MIMOBOX_GUEST_DIR}/${name})
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -E copy ${source} ${output}
      DEPENDS ${source} COMMENT "Guest ${name}" VERBATIM)
    list(APPEND outputs ${output})
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS ${folder}/go/*/main.go)
  if(NOT go_usable)
    set(sources)
  endif()
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} DIRECTORY)
    get_filename_component(name ${name} NAME)
    set(output ${MIMOBOX_GUEST_DIR}/go_${name}.wasm)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -E env GOOS=wasip1 GOARCH=wasm GOTOOLCHAIN=local
              ${MIMOBOX_GO} build -trimpath -o ${output} ${source}
      DEPENDS ${source} COMMENT "Guest go_${name}.wasm" VERBATIM)
    list(APPEND outputs ${output})
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS ${folder}/rust/*.rs)
  if(NOT MIMOBOX_GUEST_RUST)
    set(sources)
  endif()
  foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    set(output ${MIMOBOX_GUEST_DIR}/rust_${name}.wasm)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${MIMOBOX_GUEST_RUST} --edition=2021 -O -Cstrip=symbols -o ${output} ${source}
      DEPENDS ${source} COMMENT "Guest rust_${name}.wasm" VERBATIM)
    list(APPEND outputs ${output})
  endforeach()

  if(outputs)
    add_custom_target(guests_${slug} DEPENDS ${outputs})
    add_dependencies(guests guests_${slug})
  endif()
endfunction()
