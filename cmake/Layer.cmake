# mimobox_add_layer(<target> [DEPENDS <targets of layers below>...] [LIBRARIES <others>...])
#
# A folder of src/ as a static library: every .cc in it but main.cc.
function(mimobox_add_layer target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBRARIES")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE mimobox_flags PUBLIC ${arg_DEPENDS} ${arg_LIBRARIES})
endfunction()
