# SPDX-License-Identifier: Apache-2.0
# Reads src/LAYERS and makes the library skiff_FOLDER for each folder that has sources.

# The outside libraries that a folder's wrappers need (static archives, so that programs can be static-pie).
set(LIBRARIES_base crypto)
set(LIBRARIES_database sqlite3)
set(LIBRARIES_pack isal zstd)

# Compiled without exceptions and RTTI (see tests/fences/child_symbols), and without sanitizers: between clone and execve
# there is no place for their libraries.
set(SKIFF_FENCED_FOLDERS runtime/child)
set(SKIFF_FENCED_OPTIONS -fno-exceptions -fno-rtti)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    list(APPEND SKIFF_FENCED_OPTIONS -fno-sanitize=all)
endif()

file(STRINGS "${CMAKE_SOURCE_DIR}/src/LAYERS" lines REGEX "^[a-z_]+:")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/LAYERS")
set(SKIFF_FOLDERS "")
foreach(line IN LISTS lines)
    string(REGEX MATCH "^([a-z_]+):[ ]*(.*)$" matched "${line}")
    set(folder "${CMAKE_MATCH_1}")
    separate_arguments(below UNIX_COMMAND "${CMAKE_MATCH_2}")
    if(folder STREQUAL "bin")
        continue()
    endif()

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/*.cpp")
    list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cpp$")
    if(NOT sources)
        continue()
    endif()
    list(APPEND SKIFF_FOLDERS ${folder})
    add_library(skiff_${folder} STATIC ${sources})
    target_link_libraries(skiff_${folder} PUBLIC skiff_flags ${LIBRARIES_${folder}})
    foreach(name IN LISTS below)
        if(TARGET skiff_${name})
            target_link_libraries(skiff_${folder} PUBLIC skiff_${name})
        endif()
    endforeach()

    foreach(source IN LISTS sources)
        foreach(fenced IN LISTS SKIFF_FENCED_FOLDERS)
            if(source MATCHES "/src/${fenced}/")
                set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "${SKIFF_FENCED_OPTIONS}")
            endif()
        endforeach()
    endforeach()
endforeach()
