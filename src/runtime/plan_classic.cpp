// SPDX-License-Identifier: Apache-2.0
// Plans for mount(2) alone (child/mounting_classic.cpp): what the newer calls take piece by piece is put into words.
#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;

/// The words that mount(2) takes as flags of the filesystem (mount(8) knows them as options).
struct FlagWord { std::string_view word; uint64_t set, clear; };
constexpr uint64_t k_synchronous = 16, k_mandatory = 64, k_dirsync = 128, k_iversion = 1 << 23, k_lazytime = 1 << 25;
constexpr std::array k_flag_words = {
    FlagWord{"sync", k_synchronous, 0}, FlagWord{"dirsync", k_dirsync, 0},  FlagWord{"iversion", k_iversion, 0}, FlagWord{"mand", k_mandatory, 0},
    FlagWord{"nomand", 0, k_mandatory}, FlagWord{"lazytime", k_lazytime, 0}, FlagWord{"nolazytime", 0, k_lazytime},
};

/// Whether one of them is or lies below the other.
bool are_related(std::string_view a, std::string_view b) {
    const auto is_below = [](std::string_view path, std::string_view top) { return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/'); };
    return is_below(a, b) || is_below(b, a);
}

}  // namespace

void plan_way_of_mounting(BirthPlan& plan, const HostFacts& host) {
    if (host.mounts.by_descriptor) return;
    plan.procfs_slot = plan.needs.size();
    plan.needs.push_back({.kind = Need::Kind::procfs});
}

void give_options(BirthPlan& plan, child::Step& step, const std::vector<std::pair<std::string, std::optional<std::string>>>& options) {
    if (plan.mounts_by_descriptor()) {
        step.list = plan.steps.keep_pairs(options);
        return;
    }
    std::vector<std::string> words;
    for (const auto& [key, value] : options) {
        const auto flag = std::find_if(k_flag_words.begin(), k_flag_words.end(), [&](const FlagWord& entry) { return !value && entry.word == key; });
        if (flag != k_flag_words.end()) step.extra = (step.extra & ~flag->clear) | flag->set;
        else words.push_back(value ? key + "=" + *value : key);
    }
    step.text = plan.steps.keep(join(words, ","));
}

Result<> plan_single_mounts(BirthPlan& plan, const oci::RuntimeSpec& spec) {
    const auto& sealed = spec.linux_.readonly_paths;
    std::vector<std::string_view> places;
    for (size_t i = 0; i < plan.steps.size(); ++i) {
        const child::Step& step = plan.steps[i];
        if (step.op == Op::mount_tree || step.op == Op::mount_filesystem) places.emplace_back(step.target);
        if (step.op != Op::mount_tree || !(step.number & child::k_source_recursive)) continue;
        for (const std::string& path : sealed)
            if (are_related(step.target, path)) plan.needs[static_cast<size_t>(step.slot)].must_be_single = format("linux.readonlyPaths has {}", path);
    }
    for (const std::string& path : sealed)
        for (const std::string_view place : places)
            if (place != path && place.starts_with(path + "/"))
                return Error::unsupported("linux.readonlyPaths has {}, and {} is mounted in it: only mount_setattr (Linux 5.12) reaches that, which this kernel lacks or a filter forbids", path, place);
    return {};
}

}  // namespace skiff::runtime
