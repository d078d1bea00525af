# SPDX-License-Identifier: Apache-2.0
# Unit tests stand beside the code as x_test.cpp: one program a folder, unit_FOLDER.
find_package(GTest REQUIRED)
include(GoogleTest)

# Judges of our own code; no program links them.
set(TEST_LIBRARIES_kernel seccomp)
set(TEST_LIBRARIES_runtime seccomp)

foreach(folder IN LISTS SKIFF_FOLDERS)
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/*_test.cpp")
    if(NOT tests)
        continue()
    endif()
    add_executable(unit_${folder} ${tests})
    target_link_libraries(unit_${folder} PRIVATE skiff_${folder} ${TEST_LIBRARIES_${folder}} GTest::gmock GTest::gtest_main)
    set_target_properties(unit_${folder} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME unit.${folder} COMMAND unit_${folder} --gtest_brief=1)
    set_tests_properties(unit.${folder} PROPERTIES TIMEOUT 120 LABELS unit)
endforeach()

# Importing an image needs the jailed program beside the engine.
if(TARGET unit_image AND TARGET skiff-transfer)
    add_dependencies(unit_image skiff-transfer)
    target_compile_definitions(unit_image PRIVATE SKIFF_TRANSFER="$<TARGET_FILE:skiff-transfer>")
endif()

file(GLOB test_folders CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/*/CMakeLists.txt")
foreach(list IN LISTS test_folders)
    get_filename_component(folder "${list}" DIRECTORY)
    add_subdirectory("${folder}")
endforeach()
