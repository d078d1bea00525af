// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/session.hpp"
#include "engine/kept_namespaces.hpp"
#include "engine/namespace_view.hpp"

/// What the words behind `skiff ns …` mean.
namespace skiff::cli {

engine::KeptNamespaces kept_namespaces(const Session& session);

/// A process id, or the first process of a running container. Errors: not_found; conflict: the container does not run.
Result<pid_t> process_meant_by(Session& session, const std::string& word);

/// For each word the namespaces of a kept name (those that are there), of a process or of a container.
Result<std::vector<engine::NamespaceSet>> namespaces_meant_by(Session& session, const std::vector<std::string>& words);

/// A process' short name, printable whatever the process has made of it.
std::string command_of(pid_t pid);

}  // namespace skiff::cli
