// SPDX-License-Identifier: Apache-2.0
// --user and USER against the container's own passwd and group. Both the text and the files may be hostile: numbers
// are strict (CVE-2024-40635: a huge uid became 0), and a numeric text is never a name (CVE-2016-3697).
#include "engine/user_lookup.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

constexpr uint64_t k_highest_id = 0x7fffffff;

bool looks_numeric(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9'); });
}

Result<uint32_t> parse_id(std::string_view text, std::string_view what) {
    const auto number = parse_uint(text);
    if (!number || *number > k_highest_id)
        return Error::invalid("{} {}: a number from 0 to {} is needed", what, quoted(text), k_highest_id);
    return static_cast<uint32_t>(*number);
}

std::optional<uint32_t> id_of_field(std::string_view text) {
    if (!looks_numeric(text)) return std::nullopt;
    const auto number = parse_uint(text);
    if (!number || *number > k_highest_id) return std::nullopt;
    return static_cast<uint32_t>(*number);
}

struct PasswdEntry { std::string name, home; uint32_t uid, gid; };
struct GroupEntry { std::string name; uint32_t gid; std::vector<std::string_view> members; };

/// The first line that `wanted` likes.
template <class Wanted>
std::optional<PasswdEntry> find_in_passwd(std::string_view text, Wanted&& wanted) {
    for (const auto line : split(text, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() < 6 || fields[0].empty()) continue;
        const auto uid = id_of_field(fields[2]), gid = id_of_field(fields[3]);
        if (!uid || !gid) continue;
        PasswdEntry entry{std::string(fields[0]), std::string(fields[5]), *uid, *gid};
        if (wanted(entry)) return entry;
    }
    return std::nullopt;
}

std::vector<GroupEntry> parse_groups(std::string_view text) {
    std::vector<GroupEntry> entries;
    for (const auto line : split(text, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() < 3 || fields[0].empty()) continue;
        const auto gid = id_of_field(fields[2]);
        if (!gid) continue;
        entries.push_back({std::string(fields[0]), *gid, fields.size() > 3 ? split(fields[3], ',') : std::vector<std::string_view>{}});
    }
    return entries;
}

Result<uint32_t> resolve_group(std::string_view group, const std::vector<GroupEntry>& entries) {
    if (looks_numeric(group)) return parse_id(group, "group");
    for (const auto& entry : entries)
        if (entry.name == group) return entry.gid;
    return Error::invalid("unable to find group {}: no matching entry in group file", group.empty() ? "\"\"" : quoted(group));
}

void add_once(std::vector<uint32_t>& gids, uint32_t gid) {
    if (std::find(gids.begin(), gids.end(), gid) == gids.end()) gids.push_back(gid);
}

}  // namespace

Result<ResolvedUser> resolve_user(std::string_view text, const std::vector<std::string>& extra_groups, const FileInside& file) {
    const auto [user, group] = split_once(text, ':');
    if (user.empty() && group) return Error::invalid("user {}: a name or number is needed before the colon", quoted(text));
    if (group && group->empty()) return Error::invalid("user {}: a group is needed behind the colon", quoted(text));

    const std::string passwd = TRY(file("/etc/passwd")).value_or("");
    ResolvedUser resolved;
    std::optional<PasswdEntry> entry;
    if (user.empty() || looks_numeric(user)) {
        if (!user.empty()) resolved.uid = TRY(parse_id(user, "user"));
        entry = find_in_passwd(passwd, [&](const PasswdEntry& e) { return e.uid == resolved.uid; });
    } else {
        entry = find_in_passwd(passwd, [&](const PasswdEntry& e) { return e.name == user; });
        if (!entry) return Error::invalid("unable to find user {}: no matching entry in passwd file", quoted(user));
        resolved.uid = entry->uid;
    }
    if (entry) {
        resolved.gid = entry->gid;
        // A home that could break out of a line or of an environment entry is no home.
        if (entry->home.starts_with('/')) resolved.home = entry->home;
    }

    // The group file matters where a group is named, or where the user may be a member of some.
    std::vector<GroupEntry> groups;
    std::string group_text;
    const bool needs_names = (group && !looks_numeric(*group)) ||
                             std::any_of(extra_groups.begin(), extra_groups.end(), [](const auto& g) { return !looks_numeric(g); });
    if (needs_names || (!group && entry)) {
        group_text = TRY(file("/etc/group")).value_or("");
        groups = parse_groups(group_text);
    }
    if (group) {
        resolved.gid = TRY(resolve_group(*group, groups));
    } else if (entry) {
        for (const auto& candidate : groups)
            if (std::find(candidate.members.begin(), candidate.members.end(), entry->name) != candidate.members.end())
                add_once(resolved.additional_gids, candidate.gid);
    }
    for (const auto& extra : extra_groups) add_once(resolved.additional_gids, TRY(resolve_group(extra, groups)));

    // The primary group belongs to the set as well: a process without it would gain what its group is denied
    // (CVE-2022-36109, "negative" group permissions).
    if (std::find(resolved.additional_gids.begin(), resolved.additional_gids.end(), resolved.gid) == resolved.additional_gids.end())
        resolved.additional_gids.insert(resolved.additional_gids.begin(), resolved.gid);
    return resolved;
}

}  // namespace skiff::engine
