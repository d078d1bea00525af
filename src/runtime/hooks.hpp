// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"
#include "oci/runtime_spec.hpp"
#include "runtime/birth.hpp"

namespace skiff::runtime {

/// How a hook's process is made, with `in` as its standard input and `out` for what it says.
using HookStarter = std::function<Result<kernel::Child>(const oci::Hook& hook, kernel::FdView in, kernel::FdView out)>;

/// A process of the host's; with `inside`, in the namespaces `namespaces` (CLONE_NEW…) of that process. It dies with us.
struct HookPlace { kernel::FdView inside = {}; uint64_t namespaces = 0; };
HookStarter on_the_host(HookPlace place = {});

/// Runs hooks in order, each with `state` (the state document) on its standard input, only the environment that it
/// names, and its time limit (runtime-spec config.md, "POSIX-platform Hooks"). The first that fails, or is too slow (and
/// is then killed), is our error, with what it wrote. `teller` (or nobody) is told of each one that has ended well.
Result<> run_hooks(std::string_view name, const std::vector<oci::Hook>& hooks, const std::string& state, const Teller* teller, const HookStarter& start = on_the_host());

/// poststop hooks, when the container is gone: one that fails is a warning, and the others run.
void run_poststop_hooks(const std::vector<oci::Hook>& hooks, const std::string& state, const Warner& warner);

/// Whether anything is to be run between the namespaces' birth and pivot_root.
inline bool has_creation_hooks(const oci::Hooks& hooks) {
    return !hooks.prestart.empty() || !hooks.create_runtime.empty() || !hooks.create_container.empty();
}

}  // namespace skiff::runtime
