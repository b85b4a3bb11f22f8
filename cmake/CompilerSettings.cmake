# Flags of all our targets: warnings, hardening, sanitizers. A target takes them by linking
# mimobox_flags (PRIVATE), so that nothing leaks into a project that embeds us.
add_library(mimobox_flags INTERFACE)
target_compile_features(mimobox_flags INTERFACE cxx_std_23)

target_compile_options(mimobox_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum)
if(MIMOBOX_WERROR)
  target_compile_options(mimobox_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # gcc 12 sees overlapping copies inside std::string where there are none (its PR 105651), and takes the
  # bytes of a std::variant or std::optional that are not in use for uninitialised ones (PR 80635).
  target_compile_options(mimobox_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A unique symbol cannot be made local in the library that is installed (MergeArchives.cmake), and
  # keeps a plug-in that holds it from being unloaded.
  target_compile_options(mimobox_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
endif()

if(MIMOBOX_HARDENED_STL OR CMAKE_BUILD_TYPE STREQUAL "Release" OR MIMOBOX_SANITIZE)
  # Not _GLIBCXX_DEBUG: it changes the layout of containers, and the packaged GoogleTest has none.
  target_compile_definitions(mimobox_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Some distributions predefine _FORTIFY_SOURCE: undefine it before setting it.
  target_compile_options(mimobox_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
    -ffunction-sections -fdata-sections)
  target_link_options(mimobox_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)
endif()

if(MIMOBOX_SANITIZE)
  list(JOIN MIMOBOX_SANITIZE "," sanitizers)
  target_compile_options(mimobox_flags INTERFACE
    -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mimobox_flags INTERFACE -fsanitize=${sanitizers})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # gcc's flow analysis sees the instrumentation and reports what is not in the source.
    target_compile_options(mimobox_flags INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-nonnull)
  endif()
endif()
if(MIMOBOX_FUZZ_ENGINE)
  target_compile_options(mimobox_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
