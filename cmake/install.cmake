# SPDX-License-Identifier: Apache-2.0
# The programs, and what skiff writes of itself: manual pages and the completion for bash.
include(GNUInstallDirs)
foreach(program skiff skiff-runtime skiff-transfer skiff-systemd)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    endif()
endforeach()

set(completions "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(CODE "
    set(top \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
    file(MAKE_DIRECTORY \"\${top}/${CMAKE_INSTALL_MANDIR}/man1\" \"\${top}/${completions}\")
    message(STATUS \"Installing: \${top}/${CMAKE_INSTALL_MANDIR}/man1/skiff*.1\")
    execute_process(COMMAND \"$<TARGET_FILE:skiff>\" manual --into \"\${top}/${CMAKE_INSTALL_MANDIR}/man1\" COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${top}/${completions}/skiff\")
    execute_process(COMMAND \"$<TARGET_FILE:skiff>\" completion bash OUTPUT_FILE \"\${top}/${completions}/skiff\" COMMAND_ERROR_IS_FATAL ANY)")

# What starts containers after a boot, for root and for users: skiff stands where --prefix says, which is known only here.
install(CODE "
    set(bin \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    set(units \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd\")
    foreach(whose system user)
        set(wanted_by default.target)
        if(whose STREQUAL system)
            set(wanted_by multi-user.target)
        endif()
        message(STATUS \"Installing: \${units}/\${whose}/skiff-restart.service\")
        configure_file(\"${CMAKE_CURRENT_SOURCE_DIR}/cmake/skiff-restart.service.in\" \"\${units}/\${whose}/skiff-restart.service\" @ONLY)
    endforeach()")
