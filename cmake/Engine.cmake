# Defines mimobox::engine: the static library of engine/ with Wasmtime's and our headers. It comes from
# WASMTIME_ROOT or from the per-user cache that tools/build_engine.sh fills (some minutes, once).
set(engine_root "${WASMTIME_ROOT}")
if(NOT engine_root)
  file(GLOB_RECURSE engine_inputs CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/engine/src/* ${PROJECT_SOURCE_DIR}/engine/include/*)
  list(APPEND engine_inputs
    ${PROJECT_SOURCE_DIR}/engine/Cargo.toml ${PROJECT_SOURCE_DIR}/engine/Cargo.lock
    ${PROJECT_SOURCE_DIR}/tools/build_engine.sh ${PROJECT_SOURCE_DIR}/tools/third_party_notices.py)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${engine_inputs})
  # Progress goes to standard error, which is not captured; the folder comes on standard output.
  execute_process(
    COMMAND ${PROJECT_SOURCE_DIR}/tools/build_engine.sh
    OUTPUT_VARIABLE engine_root OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE engine_status)
  if(NOT engine_status EQUAL 0)
    message(FATAL_ERROR "the engine was not built (see above); `make setup` installs what it needs, "
                        "-DWASMTIME_ROOT=DIR takes a prebuilt one, -DMIMOBOX_ENGINE=OFF does without")
  endif()
endif()

foreach(file lib/libmimobox_engine.a include/wasmtime.h include/wasmtime/conf.h include/mimobox_engine.h
             share/third-party.txt)
  if(NOT EXISTS "${engine_root}/${file}")
    message(FATAL_ERROR "no ${file} in ${engine_root}")
  endif()
endforeach()
message(STATUS "Engine: ${engine_root}")

set(MIMOBOX_THIRD_PARTY_NOTICES ${engine_root}/share/third-party.txt)

# The guests' bulk memory operations go through functions of ours, which can stop half-way
# (src/engine/bulk_memory.cc).
include(MergeArchives)
set(engine_library ${PROJECT_BINARY_DIR}/engine/libmimobox_engine.a)
mimobox_rename_symbols(INPUT "${engine_root}/lib/libmimobox_engine.a" OUTPUT ${engine_library}
  RENAME memset=mimobox_engine_memset memmove=mimobox_engine_memmove)

# A name for exactly this archive, for what is kept about it.
file(SHA256 ${engine_root}/lib/libmimobox_engine.a MIMOBOX_ENGINE_BUILD)
string(SUBSTRING ${MIMOBOX_ENGINE_BUILD} 0 16 MIMOBOX_ENGINE_BUILD)

add_library(mimobox_engine STATIC IMPORTED GLOBAL)
add_library(mimobox::engine ALIAS mimobox_engine)
set_target_properties(mimobox_engine PROPERTIES
  IMPORTED_LOCATION "${engine_library}"
  INTERFACE_INCLUDE_DIRECTORIES "${engine_root}/include")
target_link_libraries(mimobox_engine INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)
