# Archives, changed: many merged into one that shows its users our public API only, and symbols of
# one renamed. Run as a script (docs/packaging.md says how it works and why):
#
#   cmake -DACTION=merge -DOUTPUT=FILE.a -DOWN=A.a;B.a [-DFOREIGN=C.a;D.a] <tools> -P MergeArchives.cmake
#   cmake -DACTION=rename -DOUTPUT=FILE.a -DINPUT=A.a -DRENAME=OLD=NEW;... <tools> -P MergeArchives.cmake
#
# <tools>: -DLD= -DAR= -DOBJCOPY= -DREADELF= of GNU binutils >= 2.29; each has its usual name as default.
#
# Included, it offers mimobox_collect_archives(), mimobox_merge_archives(), mimobox_rename_symbols().
set(_mimobox_merge_script ${CMAKE_CURRENT_LIST_FILE})

# mimobox_collect_archives(<target> <own> <foreign> <system>)
#
# Sorts all that <target>, a static library, links: archives of this build and of others, as file names
# (generator expressions), and libraries of the system, by which the merged one must be followed.
function(mimobox_collect_archives root own_out foreign_out system_out)
  set(own)
  set(foreign)
  set(system)
  set(seen)
  set(open ${root})
  while(open)
    list(POP_FRONT open item)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
    if(item IN_LIST seen OR item MATCHES "^::@")  # CMake's own mark of a folder
      continue()
    endif()
    list(APPEND seen ${item})
    if(item STREQUAL "Threads::Threads" OR item MATCHES "^(-l)?(m|dl|pthread)$")
      string(REGEX REPLACE "^-l" "" item ${item})
      list(APPEND system ${item})
      continue()
    elseif(NOT TARGET ${item})
      if(NOT item MATCHES "^/.*\\.a$")
        message(FATAL_ERROR "the library links ${item}: say in mimobox_collect_archives how it is packaged")
      endif()
      list(APPEND foreign ${item})
      continue()
    endif()

    get_target_property(type ${item} TYPE)
    get_target_property(imported ${item} IMPORTED)
    get_target_property(links ${item} INTERFACE_LINK_LIBRARIES)
    if(links)
      list(APPEND open ${links})
    endif()
    if(imported AND NOT type STREQUAL "INTERFACE_LIBRARY")
      get_target_property(location ${item} LOCATION)
      if(NOT location MATCHES "\\.a$")
        message(FATAL_ERROR "the library links ${item}, which is not static: ${location}")
      endif()
      list(APPEND foreign ${location})
    elseif(type STREQUAL "STATIC_LIBRARY")
      list(APPEND own $<TARGET_FILE:${item}>)
      get_target_property(links ${item} LINK_LIBRARIES)
      if(links)
        list(APPEND open ${links})
      endif()
    elseif(NOT type STREQUAL "INTERFACE_LIBRARY")
      message(FATAL_ERROR "the library links ${item}, a ${type}: only static libraries can be merged")
    endif()
  endwhile()
  list(REMOVE_DUPLICATES own)
  list(REMOVE_DUPLICATES foreign)
  list(REMOVE_DUPLICATES system)
  set(${own_out} ${own} PARENT_SCOPE)
  set(${foreign_out} ${foreign} PARENT_SCOPE)
  set(${system_out} ${system} PARENT_SCOPE)
endfunction()

# mimobox_merge_archives(<name> OUTPUT <file> OWN <archives> FOREIGN <archives>): a target of `all`.
function(mimobox_merge_archives name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "OWN;FOREIGN")
  add_custom_command(
    OUTPUT ${arg_OUTPUT}
    COMMAND ${CMAKE_COMMAND} -DACTION=merge "-DOUTPUT=${arg_OUTPUT}" "-DOWN=${arg_OWN}"
            "-DFOREIGN=${arg_FOREIGN}" ${_mimobox_merge_tools} -P ${_mimobox_merge_script}
    DEPENDS ${arg_OWN} ${arg_FOREIGN} ${_mimobox_merge_script}
    COMMENT "Merging ${name}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${arg_OUTPUT})
endfunction()

# mimobox_rename_symbols(INPUT <archive> OUTPUT <archive> RENAME <old=new>...): at once, while configuring.
function(mimobox_rename_symbols)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "INPUT;OUTPUT" "RENAME")
  file(SHA256 ${_mimobox_merge_script} made_from)
  string(APPEND made_from " ${arg_INPUT} ${arg_RENAME}")
  file(TIMESTAMP ${arg_INPUT} time "%s")
  string(APPEND made_from " ${time}")
  if(EXISTS ${arg_OUTPUT} AND EXISTS ${arg_OUTPUT}.from)
    file(READ ${arg_OUTPUT}.from before)
    if(before STREQUAL made_from)
      return()
    endif()
  endif()
  execute_process(
    COMMAND ${CMAKE_COMMAND} -DACTION=rename "-DINPUT=${arg_INPUT}" "-DOUTPUT=${arg_OUTPUT}"
            "-DRENAME=${arg_RENAME}" ${_mimobox_merge_tools} -P ${_mimobox_merge_script}
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "symbols of ${arg_INPUT} could not be renamed (see above)")
  endif()
  file(WRITE ${arg_OUTPUT}.from "${made_from}")
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  # Those of GNU, whatever compiles and links the programs.
  set(_mimobox_merge_tools)
  foreach(tool IN ITEMS ld ar objcopy readelf)
    string(TOUPPER ${tool} variable)
    find_program(MIMOBOX_${variable} NAMES ${tool}.bfd ${tool} DOC "GNU ${tool}, for the library that is installed")
    mark_as_advanced(MIMOBOX_${variable})
    set(program ${MIMOBOX_${variable}})
    if(CMAKE_CROSSCOMPILING)
      string(REPLACE CMAKE_LD CMAKE_LINKER program CMAKE_${variable})
      set(program ${${program}})
    endif()
    list(APPEND _mimobox_merge_tools -D${variable}=${program})
  endforeach()
  return()
endif()

# ---- the script ----
cmake_minimum_required(VERSION 3.25)
set(ENV{LC_ALL} C)
foreach(tool ld ar objcopy readelf)
  string(TOUPPER ${tool} variable)
  if(NOT ${variable})
    set(${variable} ${tool})
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status ERROR_VARIABLE why OUTPUT_VARIABLE why)
  if(NOT status EQUAL 0)
    list(GET ARGN 0 tool)
    message(FATAL_ERROR "${tool} failed (${status}):\n${why}")
  endif()
endfunction()

# The symbols of <file> that others see; with UNDEFINED those that it asks for; with FORGOTTEN undefined ones that
# are local, as ld leaves them of dead code. By readelf, since nm and ar load plug-ins of LLVM that abort on
# objects they do not know.
function(global_symbols file out)
  cmake_parse_arguments(PARSE_ARGV 2 arg "UNDEFINED;FORGOTTEN" "" "")
  execute_process(COMMAND ${READELF} -sW ${file} OUTPUT_VARIABLE table RESULT_VARIABLE status
                  ERROR_VARIABLE why)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${READELF} -sW ${file} failed (${status}):\n${why}")
  endif()
  set(binding "(GLOBAL|WEAK|UNIQUE)")
  set(index "([0-9]+|ABS|COM)")
  if(arg_UNDEFINED OR arg_FORGOTTEN)
    set(index "UND")
  endif()
  if(arg_FORGOTTEN)
    set(binding "LOCAL")
  endif()
  string(REGEX MATCHALL " ${binding} +[A-Z]+ +(\\[[^]\n]*\\] +)?${index} +[^ \n]+" lines "${table}")
  list(TRANSFORM lines REPLACE "^.* " "")
  list(REMOVE_DUPLICATES lines)
  set(${out} ${lines} PARENT_SCOPE)
endfunction()

# Whether a mangled name is mimobox::Type..., mimobox::function(...) or mimobox::operator: types begin with a
# capital, and what begins otherwise and has something inside is a namespace of ours (mimobox::wasi::...).
function(is_public symbol out)
  set(${out} FALSE PARENT_SCOPE)
  if(symbol MATCHES "^_ZN7mimobox[a-z][a-zA-Z]E")
    set(${out} TRUE PARENT_SCOPE)
  elseif(symbol MATCHES "^_Z(T[VIST]|GV|T[hv][n0-9_]+)?N[rVK]*[RO]?7mimobox([0-9]+)(.*)$")
    set(length ${CMAKE_MATCH_2})
    string(SUBSTRING "${CMAKE_MATCH_3}" 0 ${length} name)
    string(SUBSTRING "${CMAKE_MATCH_3}" ${length} 1 next)
    if(name MATCHES "^[A-Z]" OR next MATCHES "^[EBI]$")
      set(${out} TRUE PARENT_SCOPE)
    endif()
  endif()
endfunction()

# `objcopy` options that rename, from OLD=NEW;...
set(renaming)
foreach(pair IN LISTS RENAME)
  if(NOT pair MATCHES "^[A-Za-z_0-9]+=[A-Za-z_0-9]+$")
    message(FATAL_ERROR "not OLD=NEW: ${pair}")
  endif()
  list(APPEND renaming --redefine-sym ${pair})
endforeach()

if(NOT OUTPUT)
  message(FATAL_ERROR "no OUTPUT given")
endif()
set(work ${OUTPUT}.work)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

if(ACTION STREQUAL "rename")
  if(NOT renaming)
    message(FATAL_ERROR "no RENAME given")
  endif()
  run(${OBJCOPY} ${renaming} ${INPUT} ${work}/renamed.a)
  global_symbols(${work}/renamed.a asked UNDEFINED)
  global_symbols(${work}/renamed.a defined)
  foreach(pair IN LISTS RENAME)
    string(REGEX REPLACE "=.*" "" old ${pair})
    if(old IN_LIST asked OR old IN_LIST defined)
      message(FATAL_ERROR "${old} is still in ${INPUT} after renaming")
    endif()
  endforeach()
  file(RENAME ${work}/renamed.a ${OUTPUT})

elseif(ACTION STREQUAL "merge")
  # 1. Others' archives without debug information, and without the LLVM bitcode in Rust's own objects: put
  #    together it is broken, and tools that load LLVM's plug-in die of it.
  set(foreign)
  foreach(archive IN LISTS FOREIGN)
    list(LENGTH foreign number)
    run(${OBJCOPY} --strip-debug -R .llvmbc -R .llvmcmd ${archive} ${work}/${number}.a)
    list(APPEND foreign ${work}/${number}.a)
  endforeach()

  # 2. What stays visible.
  set(public)
  foreach(archive IN LISTS OWN)
    global_symbols(${archive} symbols)
    foreach(symbol IN LISTS symbols)
      is_public(${symbol} shown)
      if(shown)
        list(APPEND public ${symbol})
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES public)
  if(NOT public)
    message(FATAL_ERROR "no public symbol in ${OWN} (objects of link-time optimization cannot be merged)")
  endif()
  list(JOIN public "\n" lines)
  file(WRITE ${work}/public "${lines}\n")
  list(TRANSFORM public PREPEND "--undefined=" OUTPUT_VARIABLE roots)
  list(JOIN roots "\n" lines)
  file(WRITE ${work}/roots "${lines}\n")

  # 3. One object: all of ours, of others' what is asked for, and of both only what can be reached. Groups are
  #    resolved, since a local symbol in a group that loses against a user's would be gone; sections stay
  #    apart, so that a user's --gc-sections has something to choose from.
  run(${LD} -r -d --force-group-allocation --gc-sections @${work}/roots -o ${work}/merged.o
      --whole-archive ${OWN} --no-whole-archive --start-group ${foreign} --end-group)

  # 4. Everything else becomes local, and what only dead code asked for goes: objcopy would make it global.
  global_symbols(${work}/merged.o forgotten FORGOTTEN)
  list(JOIN forgotten "\n" lines)
  file(WRITE ${work}/forgotten "${lines}\n")
  run(${OBJCOPY} --keep-global-symbols=${work}/public --strip-symbols=${work}/forgotten
      ${work}/merged.o ${work}/mimobox.o)
  global_symbols(${work}/mimobox.o visible)
  list(REMOVE_ITEM visible ${public})
  if(visible)
    list(JOIN visible " " visible)
    message(FATAL_ERROR "still visible in ${OUTPUT}: ${visible}\n"
                        "(a unique symbol cannot be made local: compile with -fno-gnu-unique)")
  endif()
  run(${AR} qcsD ${work}/merged.a ${work}/mimobox.o)
  file(RENAME ${work}/merged.a ${OUTPUT})

else()
  message(FATAL_ERROR "ACTION is merge or rename, not '${ACTION}'")
endif()
file(REMOVE_RECURSE ${work})
