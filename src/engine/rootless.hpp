// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/engine.hpp"
#include "kernel/process.hpp"

/// skiff for a user without privileges: docs/design/0012-rootless.md.
namespace skiff::engine {

/// Where everything lives unless somebody says otherwise: root's places, or the user's own (XDG base directories).
/// Looks at nothing; `root` is empty for a user without HOME.
Paths usual_paths();

/// For a user other than root: this process becomes root of the user's namespace, the one in which his containers run
/// or, when nothing of his does, a new one. For root it does nothing. Returns what the user should hear once: sentences
/// when the directories are made for the first time, else none. MUST: one thread, nothing opened below `paths` yet.
/// Errors: (forbidden) this host lets its users have no user namespaces, or one of the directories is somebody else's.
Result<std::vector<std::string>> become_root_of_user(const Paths& paths);

/// Writes down that `who`, a child of ours, lives in the same namespace and holds it: later commands find it by him.
Result<> note_holder(const Paths& paths, const kernel::ProcessIdentity& who);

}  // namespace skiff::engine
