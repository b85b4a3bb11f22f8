# mimobox_embed_files(<output.cc> NAMESPACE <a::b> FILES <files>)
#
# A source file with a function `std::span<const std::byte> <name>()` for each file, whose <name> is the file's
# without folders and extension. Made by this file, run as a script.
if(CMAKE_SCRIPT_MODE_FILE)
  set(code "// Made by cmake/EmbedFiles.cmake.\n#include <cstddef>\n#include <span>\n\n")
  string(APPEND code "namespace ${NAMESPACE} {\n")
  foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
    string(APPEND code "std::span<const std::byte> ${name}();\n"
           "std::span<const std::byte> ${name}() {\n"
           "  static constexpr unsigned char kBytes[] = {\n${bytes}};\n"
           "  return std::as_bytes(std::span(kBytes));\n}\n")
  endforeach()
  string(APPEND code "}  // namespace ${NAMESPACE}\n")
  file(WRITE ${OUTPUT} "${code}")
  return()
endif()
set(_mimobox_embed_script ${CMAKE_CURRENT_LIST_FILE})

function(mimobox_embed_files output)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAMESPACE" "FILES")
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${arg_NAMESPACE} "-DFILES=${arg_FILES}"
            -P ${_mimobox_embed_script}
    DEPENDS ${arg_FILES} ${_mimobox_embed_script} VERBATIM)
endfunction()
