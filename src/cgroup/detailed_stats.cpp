// SPDX-License-Identifier: Apache-2.0
// What both versions have in common: finding the group in each tree, lists of numbers, pressure.
#include "cgroup/detailed_stats.hpp"

#include <cerrno>
#include <charconv>

#include "base/text.hpp"
#include "cgroup/detailed_stats_parts.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr uint64_t k_most_processors = 65'535;

Result<std::optional<Pressure>> pressure_in(kernel::FdView directory, const std::string& file) {
    const auto text = kernel::read_whole_file_at(directory, file);
    // Absent before Linux 4.20; EOPNOTSUPP: booted with psi=0, or told not to count this group.
    if (!text && (text.error().is_errno(ENOENT) || text.error().is_errno(EOPNOTSUPP))) return std::optional<Pressure>();
    if (!text) return text.error();
    return std::optional(TRY_DOING(parse_pressure(*text), "{}", file));
}

}  // namespace

Result<std::vector<uint16_t>> parse_number_list(std::string_view text) {
    std::vector<uint16_t> numbers;
    for (const std::string_view part : split(trim(text), ',')) {
        const Halves halves = split_once(part, '-');
        const auto first = parse_uint(halves.before), last = halves.after ? parse_uint(*halves.after) : first;
        if (!first || !last || *first > *last || *last > k_most_processors) return Error::corrupt("{} is no list of numbers such as 0-2,4", quoted(text));
        for (uint64_t number = *first; number <= *last; ++number) numbers.push_back(static_cast<uint16_t>(number));
    }
    return numbers;
}

Result<Pressure> parse_pressure(std::string_view text) {
    Pressure pressure;
    for (const std::string_view line : split(trim(text), '\n')) {
        const auto words = split(line, ' ');
        if (words.front() != "some" && words.front() != "full") return Error::corrupt("{} is no line of a pressure file", quoted(line));
        PressureLine& to = words.front() == "some" ? pressure.some : pressure.full;
        for (const std::string_view word : words) {
            const Halves halves = split_once(word, '=');
            if (!halves.after) continue;
            double* share = halves.before == "avg10" ? &to.avg10 : halves.before == "avg60" ? &to.avg60 : halves.before == "avg300" ? &to.avg300 : nullptr;
            const char* end = halves.after->data() + halves.after->size();
            if (share && std::from_chars(halves.after->data(), end, *share).ptr != end) return Error::corrupt("{} is no line of a pressure file", quoted(line));
            if (halves.before == "total") to.total = parse_uint(*halves.after).value_or(0);
        }
    }
    return pressure;
}

Result<> add_pressure(kernel::FdView directory, DetailedStats& stats) {
    stats.cpu_pressure = TRY(pressure_in(directory, "cpu.pressure"));
    stats.memory_pressure = TRY(pressure_in(directory, "memory.pressure"));
    stats.io_pressure = TRY(pressure_in(directory, "io.pressure"));
    return {};
}

Result<std::vector<std::string>> hugepage_sizes_in(kernel::FdView directory, std::string_view suffix) {
    std::vector<std::string> sizes;
    for (const std::string& name : TRY(kernel::list_directory_at(directory, "."))) {
        const auto parts = split(name, '.');
        if (parts.size() == 3 && parts[0] == "hugetlb" && parts[2] == suffix) sizes.emplace_back(parts[1]);
    }
    return sizes;
}

Result<DetailedStats> read_detailed_stats(const Hierarchies& hierarchies, const std::string& path) {
    const std::string group = TRY(parse_group_path(path));
    DetailedStats stats;
    for (const Hierarchy& tree : hierarchies.trees) {
        auto directory = kernel::open_directory(tree.mount_point + group);
        if (!directory && directory.error().is_errno(ENOENT)) continue;
        const kernel::Fd here = TRY_DOING(std::move(directory), "look at the cgroup {}", group);
        if (tree.is_v2) {
            TRY_DOING(add_v2_details(here, stats), "look at the cgroup {}", group);
            TRY_DOING(add_pressure(here, stats), "look at the cgroup {}", group);
        }
        for (const std::string& controller : tree.controllers) TRY_DOING(add_v1_details(controller, here, stats), "look at the cgroup {}", group);
    }
    return stats;
}

}  // namespace skiff::cgroup
