// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "runtime/bundle.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/arguments.hpp"

/// What create, run and exec have in common.
namespace skiff::runtime_cli {

inline constexpr Option k_bundle{"bundle", 'b', "DIR", "the bundle (default: the current directory)"};
inline constexpr Option k_config{"config", 'f', "FILE", "the configuration, instead of config.json in the bundle"};
inline constexpr Option k_console_socket{"console-socket", 0, "PATH", "a Unix socket that receives the terminal"};
inline constexpr Option k_pidfd_socket{"pidfd-socket", 0, "PATH", "a Unix socket that receives a pidfd of the process"};
inline constexpr Option k_pid_file{"pid-file", 0, "FILE", "write the first process's pid there"};
inline constexpr Option k_no_pivot{"no-pivot", 0, {}, "MS_MOVE and chroot instead of pivot_root (on a ramfs)"};
inline constexpr Option k_no_new_keyring{"no-new-keyring", 0, {}, "stay in the caller's session keyring"};
inline constexpr Option k_preserve_fds{"preserve-fds", 0, "N", "hand descriptors 3 to 2+N to the program"};

Result<runtime::Bundle> load_bundle(const Arguments& arguments);
/// The connections that --console-socket and --pidfd-socket ask for; they must outlive the options.
struct Sockets {
    kernel::Fd console, pidfd;
    static Result<Sockets> connect(const Arguments& arguments);
};
Result<runtime::CreateOptions> birth_options(const Arguments& arguments, const Sockets& sockets);
/// What LISTEN_FDS announces.
int announced_fds();
/// --preserve-fds, and what LISTEN_FDS announces (sd_listen_fds(3)). Error (invalid): not that many are open.
Result<int> preserved_fds(const Arguments& arguments);

}  // namespace skiff::runtime_cli
