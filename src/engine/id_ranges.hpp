// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernel/user_namespace.hpp"

namespace skiff::engine {

/// Ids that the host has set aside for a user: a line of /etc/subuid or /etc/subgid (subuid(5)).
struct SubordinateIds { uint32_t first = 0, count = 0; };

/// The lines that name the user, or his number. Others, and what is no such line, are passed over.
std::vector<SubordinateIds> parse_subordinate_ids(std::string_view text, std::string_view user, uint32_t uid);

/// 0 inside is the user himself; what was set aside for him follows from 1 on, range after range, as many as a map may
/// have. A range that shares ids with one before it is passed over: the kernel would refuse the whole map.
kernel::IdMap plan_id_map(uint32_t own, const std::vector<SubordinateIds>& subordinate);

/// The name of `uid` in the text of /etc/passwd; empty where it has none.
std::string_view name_in_passwd(std::string_view passwd, uint32_t uid);

}  // namespace skiff::engine
