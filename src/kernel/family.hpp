// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

/// Processes that stay together: forked copies of this one, orphans that come to it, and what becomes of them.
namespace skiff::kernel {

/// fork(2): a copy of this process runs `body` and ends with what that returns, without running any destructor of its
/// caller. For single-threaded programs.
Result<Child> fork_child(const std::function<int()>& body);

/// Orphans below this process come to it instead of to init (PR_SET_CHILD_SUBREAPER). Not inherited.
Result<> adopt_orphans();

/// A child of this process that has ended and still waits to be reaped (WNOWAIT); empty: none has.
struct EndedChild { pid_t pid = 0; Ending ending; };
Result<std::optional<EndedChild>> peek_at_ended_child();
/// Reaps it.
void reap(pid_t pid);

/// How somebody else's child ended, once its parent has reaped it (PIDFD_GET_INFO, Linux 6.15): poll(2) tells POLLHUP
/// then. Empty: it has not been reaped yet. Error (unsupported): this kernel does not keep it. `pidfd` must have been
/// opened before it was reaped.
Result<std::optional<Ending>> ending_of_stranger(FdView pidfd);

/// The same of somebody else's child that has ended and was not reaped, from /proc/PID/stat: on any kernel, and where its
/// parent never reaps. Empty: it lives, was reaped, or we may not know.
std::optional<Ending> ending_of_zombie(FdView pidfd);

/// What a program of ours needs of signals, whoever started it; for the beginning of main. With SIGCHLD ignored, as
/// careless parents leave it, the kernel reaps children behind our back: it is heard again. A file that would outgrow
/// RLIMIT_FSIZE is an error of write(2) (EFBIG), not our death by SIGXFSZ. What we start inherits neither.
void take_usual_signals();

/// Ignored signals and handlers back to their defaults, nothing blocked: as a new program of ours expects.
void reset_signals();

/// What `ps` shows: `brief` as the command's name (15 characters), `full` instead of the arguments, as far as the room
/// that the arguments had goes.
void name_this_process(const std::string& brief, const std::string& full);

/// Gives back what this process has mapped of its own program (madvise(2)): the pages stay in the kernel's cache, and
/// those that are needed again come back a few at a time. For processes that mostly wait.
void release_program_pages();

}  // namespace skiff::kernel
