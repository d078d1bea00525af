// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.hpp"
#include "cgroup/write.hpp"

namespace skiff::cgroup {

/// What it means that the kernel refused `write` to the group at `path` with this errno.
Error refusal_of(const Write& write, const std::string& path, int number);

}  // namespace skiff::cgroup
