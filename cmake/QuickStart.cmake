# mimobox_quick_start(<target>): what makes a static-pie start sooner. docs/rationale.md has the reasons,
# docs/benchmarks.md what each is worth.
include(CheckCXXSourceCompiles)

function(mimobox_quick_start target)
  # Relocations as a bitmap; the C library's own start has to know them.
  set(CMAKE_REQUIRED_FLAGS -fPIE)
  set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie -Wl,-z,pack-relative-relocs -Wl,--fatal-warnings)
  check_cxx_source_compiles("#include <features.h>
    #if !__GLIBC_PREREQ(2, 36)
    #error too old
    #endif
    int main() {}" MIMOBOX_HAVE_RELR)
  if(MIMOBOX_HAVE_RELR)
    target_link_options(${target} PRIVATE -Wl,-z,pack-relative-relocs)
  endif()
  # What a start runs lies side by side: a page that is not mapped yet costs a fault, which maps its
  # neighbours too.
  set(first ${PROJECT_SOURCE_DIR}/cmake/first_functions.ld)
  set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie -Wl,-T,${first} -Wl,--fatal-warnings)
  check_cxx_source_compiles("int main() {}" MIMOBOX_HAVE_INSERTED_SECTIONS)
  if(MIMOBOX_HAVE_INSERTED_SECTIONS)
    target_link_options(${target} PRIVATE -Wl,-T,${first})
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${first})
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    target_sources(${target} PRIVATE
      ${PROJECT_SOURCE_DIR}/src/cli/entry/process_entry.cc
      ${PROJECT_SOURCE_DIR}/src/cli/entry/libcrypto_start.cc)
    target_link_options(${target} PRIVATE
      -Wl,-e,mimobox_process_entry -Wl,--wrap=OPENSSL_cpuid_setup)
  endif()
endfunction()
