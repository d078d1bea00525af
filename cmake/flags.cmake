# SPDX-License-Identifier: Apache-2.0
# How everything is compiled: warnings are errors, and what hardening the toolchain offers is on.
find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(skiff_flags INTERFACE)
target_include_directories(skiff_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(skiff_flags INTERFACE SKIFF_VERSION="${PROJECT_VERSION}" _GNU_SOURCE BOOST_ALL_NO_LIB)
target_compile_options(skiff_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wformat=2 -Wnon-virtual-dtor -Wundef -Wcast-qual -Werror
    -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -ffunction-sections -fdata-sections)
target_link_options(skiff_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections)
if(CMAKE_BUILD_TYPE MATCHES "Release|RelWithDebInfo")
    target_compile_options(skiff_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
target_compile_definitions(skiff_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees it in std::optional and std::expected where there is nothing to see (GCC bug 80635 and its kin).
    target_compile_options(skiff_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # libstdc++ 12 implements its stable algorithms with what it calls deprecated itself.
    target_compile_options(skiff_flags INTERFACE -Wno-gnu-statement-expression -Wno-gnu-designator -Wno-deprecated-declarations)
endif()
