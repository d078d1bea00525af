// SPDX-License-Identifier: Apache-2.0
// The kernel takes values in its own way: sizes by pages, lists as ranges, numbers within bounds.
#include "cgroup/read_back.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::cgroup {
namespace {

/// "No limit" of version 1 is the largest number of pages in bytes; pages have at most 64 KiB.
constexpr uint64_t k_unlimited_from = (uint64_t{1} << 63) - 65'536;

/// A number as the kernel reads one: 64M, 0x100001, 12.
std::optional<uint64_t> number_of(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) return parse_uint(text.substr(2), 16);
    if (const auto plain = parse_uint(text)) return plain;
    const auto size = parse_size(text);
    return size && *size >= 0 ? std::optional(static_cast<uint64_t>(*size)) : std::nullopt;
}

bool means_no_limit(std::string_view text) {
    const auto number = parse_uint(text);
    return text == "max" || text == "-1" || (number && *number >= k_unlimited_from);
}

/// "0-2,4" → 0 1 2 4; nothing where it is no such list.
std::optional<std::set<uint64_t>> numbers_in(std::string_view list) {
    constexpr uint64_t most = 1 << 16;
    std::set<uint64_t> numbers;
    for (const std::string_view piece : split(list, ',')) {
        const Halves ends = split_once(piece, '-');
        const auto first = parse_uint(ends.before), last = ends.after ? parse_uint(*ends.after) : first;
        if (!first || !last || *last > most) return std::nullopt;
        for (uint64_t number = *first; number <= *last; ++number) numbers.insert(number);
    }
    return numbers;
}

}  // namespace

bool is_read_back(std::string_view file) {
    constexpr std::string_view k_actions[] = {"tasks", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "cgroup.event_control", "cgroup.kill",
                                              "memory.force_empty", "memory.reclaim", "memory.oom_control", "blkio.reset_stats", "devices.allow", "devices.deny"};
    return std::find(std::begin(k_actions), std::end(k_actions), file) == std::end(k_actions) && !file.ends_with(".pressure");
}

std::string note_on(std::string_view file, std::string_view asked, std::string_view kept, uint64_t page_size) {
    asked = trim(asked);
    if (asked == kept || (means_no_limit(asked) && means_no_limit(kept))) return {};
    // Several lines or words: a table by device, of which one line was written.
    if (kept.find_first_of("\n ") != std::string_view::npos) return {};

    const auto wanted = number_of(asked), got = number_of(kept);
    if (file.starts_with("cpuset.") && !asked.empty()) {
        const auto wanted_list = numbers_in(asked), got_list = numbers_in(kept);
        if (wanted_list && wanted_list == got_list) return {};
    }
    if (!wanted || !got) return kept.empty() ? "the kernel shows nothing for it" : "the kernel made that of it";
    if (*wanted == *got) return {};
    if (*wanted > *got && *wanted - *got < page_size && *got % page_size == 0) return format("rounded down to whole pages of {} bytes", page_size);
    if (file == "cpu.shares") return "shares are 2 to 262144";
    return *wanted > *got ? "that is the most here" : "that is the least here";
}

}  // namespace skiff::cgroup
