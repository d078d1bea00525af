// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace skiff::engine {

/// Who a container's process is.
struct ResolvedUser {
    uint32_t uid = 0, gid = 0;
    std::vector<uint32_t> additional_gids;
    std::string home = "/";
};

/// Gives the text of a file of the container ("/etc/passwd"), or nothing where it has none.
using FileInside = std::function<Result<std::optional<std::string>>(std::string_view path)>;

/// Docker's --user: "", "name", "uid", "name:group", "uid:gid". Names are looked up in the container's passwd and group
/// (of a malformed line only that line is skipped). A name that is all digits is always a number, whatever passwd
/// calls so. Numbers are decimal, 0 to 2^31-1. `extra_groups` (--group-add) are names or numbers.
/// Error (invalid): out of range, not a number, or "unable to find user alice: no matching entry in passwd file".
Result<ResolvedUser> resolve_user(std::string_view user, const std::vector<std::string>& extra_groups, const FileInside& file);

}  // namespace skiff::engine
