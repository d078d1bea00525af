// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "runtime/state.hpp"

/// The runtime in the hands of an ordinary user. Everything that a birth needs power for he has in a user namespace of
/// his own, so this process goes into the one that the container is to have, and is root there.
namespace skiff::runtime_cli {

/// Whether we are not the host's root: an ordinary user, or root of a user namespace (podman without root).
bool is_rootless();

/// Where states are kept when nobody says so: $XDG_RUNTIME_DIR/skiff-runtime for `is_rootless`, else /run/skiff-runtime.
std::string default_state_directory(bool is_rootless);

/// For an ordinary user: makes the user namespace that the document asks for (newuidmap(1) writes maps of more than
/// himself) or opens the one that it joins, enters it, and takes it out of `spec`. Nothing for anybody who has power
/// already. Errors: forbidden (the document asks for no user namespace, or for ids that are not his).
Result<> enter_user_namespace_of(oci::RuntimeSpec& spec);
/// For an ordinary user: into the user namespace of a container of his.
Result<> enter_user_namespace_of(const runtime::Record& record);

}  // namespace skiff::runtime_cli
