// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/house.hpp"
#include "engine/spec_builder.hpp"

/// What is found out about the host and other containers before a spec is built.
namespace skiff::engine {

/// Kernel, limits and devices: everything of SpecFacts that does not depend on how other containers fare.
Result<SpecFacts> probe_facts(const CreateRequest& request);

/// What of the host decides about limits.
Result<LimitFacts> probe_limit_facts();

/// What of a container's mounts depends on the user namespace that we are in.
Result<> probe_mount_sources(MountSources& sources);

/// Where the namespaces are that a container shares with others. Errors: not_found (no such container), conflict (it
/// does not run, or its IPC namespace is not shareable).
Result<JoinedPaths> find_joined(Engine::House& house, const SharingModes& modes);

/// The device nodes that --device names (a directory means all in it), and all of the host for `privileged`.
Result<std::vector<GrantedDevice>> find_devices(const CreateRequest& request);

/// skiff-runtime and skiff-transfer: beside our own program, or what SKIFF_RUNTIME and SKIFF_TRANSFER name.
Result<std::string> runtime_program();
Result<std::string> transfer_program();
/// Our own program, for the monitor to call back.
Result<std::string> own_program();

}  // namespace skiff::engine
