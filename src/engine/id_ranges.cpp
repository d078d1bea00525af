// SPDX-License-Identifier: Apache-2.0
#include "engine/id_ranges.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::engine {

std::vector<SubordinateIds> parse_subordinate_ids(std::string_view text, std::string_view user, uint32_t uid) {
    std::vector<SubordinateIds> found;
    for (const auto line : split(text, '\n')) {
        const auto fields = split(trim(line), ':');
        if (fields.size() != 3 || fields[0].empty()) continue;
        const auto number = parse_uint(fields[0]);
        if (fields[0] != user && !(number && *number == uid)) continue;
        const auto first = parse_uint(fields[1]), count = parse_uint(fields[2]);
        if (!first || !count || *count == 0 || *first > UINT32_MAX || *count > UINT32_MAX - *first) continue;
        found.push_back({static_cast<uint32_t>(*first), static_cast<uint32_t>(*count)});
    }
    return found;
}

namespace {

constexpr size_t k_most_ranges = 340;  // in one map, user_namespaces(7)

bool overlap(const kernel::IdRange& mapped, const SubordinateIds& range) {
    return range.first < uint64_t{mapped.outside} + mapped.count && mapped.outside < uint64_t{range.first} + range.count;
}

}  // namespace

kernel::IdMap plan_id_map(uint32_t own, const std::vector<SubordinateIds>& subordinate) {
    kernel::IdMap map = {{0, own, 1}};
    uint32_t next = 1;
    for (const auto& range : subordinate) {
        if (map.size() == k_most_ranges || range.count > UINT32_MAX - 1 - next) break;
        if (std::any_of(map.begin(), map.end(), [&](const auto& mapped) { return overlap(mapped, range); })) continue;
        map.push_back({next, range.first, range.count});
        next += range.count;
    }
    return map;
}

std::string_view name_in_passwd(std::string_view passwd, uint32_t uid) {
    for (const auto line : split(passwd, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() < 3) continue;
        const auto number = parse_uint(fields[2]);
        if (number && *number == uid) return fields[0];
    }
    return {};
}

}  // namespace skiff::engine
