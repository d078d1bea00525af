// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The program skiff-systemd, which the runtime starts for the systemd cgroup driver alone:
///
///     skiff-systemd start UNIT PROPERTY…   makes the scope with this process in it, prints "started", and holds the place
///                                          until its standard input ends: by then the container has been born in it
///     skiff-systemd set UNIT PROPERTY…     changes properties
///     skiff-systemd stop UNIT              stops it; absent is success
///
/// A failure is a sentence on standard error and exit code 1.
namespace skiff::systemd {

int run_program(int argc, char** argv);

}  // namespace skiff::systemd
