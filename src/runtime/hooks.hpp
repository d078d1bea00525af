// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "oci/runtime_spec.hpp"
#include "runtime/birth.hpp"

namespace skiff::runtime {

/// Runs hooks in order, each with `state` (the state document) on its standard input, only the environment that it
/// names, and its time limit (runtime-spec config.md, "POSIX-platform Hooks"). With `inside`, each joins the namespaces
/// `namespaces` (CLONE_NEW…) of that process first. The first that fails, or is too slow (and is then killed), is our error,
/// with what it wrote.
struct HookPlace { kernel::FdView inside; uint64_t namespaces = 0; };
/// `teller` (or nobody) is told of each one that has ended well.
Result<> run_hooks(std::string_view name, const std::vector<oci::Hook>& hooks, const std::string& state, const Teller* teller, HookPlace place = {});

/// Whether anything is to be run between the namespaces' birth and pivot_root.
inline bool has_creation_hooks(const oci::Hooks& hooks) {
    return !hooks.prestart.empty() || !hooks.create_runtime.empty() || !hooks.create_container.empty();
}

}  // namespace skiff::runtime
