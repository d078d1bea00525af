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
inline constexpr Option k_console_socket{"console-socket", 0, "PATH", "a Unix socket that receives the terminal"};
inline constexpr Option k_pid_file{"pid-file", 0, "FILE", "write the first process's pid there"};
inline constexpr Option k_no_pivot{"no-pivot", 0, {}, "MS_MOVE and chroot instead of pivot_root (on a ramfs)"};
inline constexpr Option k_no_new_keyring{"no-new-keyring", 0, {}, "stay in the caller's session keyring"};
inline constexpr Option k_preserve_fds{"preserve-fds", 0, "N", "hand descriptors 3 to 2+N to the program"};

Result<runtime::Bundle> load_bundle(const Arguments& arguments);
/// `console` receives the connection that --console-socket asks for, and must outlive the options.
Result<runtime::CreateOptions> birth_options(const Arguments& arguments, kernel::Fd& console);
Result<kernel::Fd> connect_console(const std::string& path);
/// --preserve-fds, and what LISTEN_FDS announces (sd_listen_fds(3)). Error (invalid): not that many are open.
Result<int> preserved_fds(const Arguments& arguments);

}  // namespace skiff::runtime_cli
