// SPDX-License-Identifier: Apache-2.0
// The words of scheduling in config.json and the kernel's numbers for them. Its headers lack some of them on older
// distributions, so the numbers stand here; they are the system call interface and never change.
#include <algorithm>
#include <span>

#include "base/text.hpp"
#include "oci/scheduling_spec.hpp"

namespace skiff::oci {
namespace {

struct KernelWord { std::string_view text; uint64_t number; };

constexpr KernelWord k_memory_modes[] = {{"MPOL_DEFAULT", 0}, {"MPOL_PREFERRED", 1}, {"MPOL_BIND", 2}, {"MPOL_INTERLEAVE", 3},
                                         {"MPOL_LOCAL", 4}, {"MPOL_PREFERRED_MANY", 5}, {"MPOL_WEIGHTED_INTERLEAVE", 6}};
constexpr KernelWord k_memory_flags[] = {{"MPOL_F_STATIC_NODES", 1U << 15}, {"MPOL_F_RELATIVE_NODES", 1U << 14}, {"MPOL_F_NUMA_BALANCING", 1U << 13}};
constexpr KernelWord k_policies[] = {{"SCHED_OTHER", 0}, {"SCHED_FIFO", 1}, {"SCHED_RR", 2}, {"SCHED_BATCH", 3}, {"SCHED_IDLE", 5}, {"SCHED_DEADLINE", 6}};
constexpr KernelWord k_scheduler_flags[] = {{"SCHED_FLAG_RESET_ON_FORK", 1}, {"SCHED_FLAG_RECLAIM", 2}, {"SCHED_FLAG_DL_OVERRUN", 4},
                                            {"SCHED_FLAG_KEEP_POLICY", 8}, {"SCHED_FLAG_KEEP_PARAMS", 16}, {"SCHED_FLAG_UTIL_CLAMP_MIN", 32},
                                            {"SCHED_FLAG_UTIL_CLAMP_MAX", 64}};
constexpr KernelWord k_io_classes[] = {{"IOPRIO_CLASS_RT", 1}, {"IOPRIO_CLASS_BE", 2}, {"IOPRIO_CLASS_IDLE", 3}};
constexpr KernelWord k_domains[] = {{"LINUX", 0}, {"LINUX32", 8}};

std::vector<std::string> texts_of(std::span<const KernelWord> words) {
    std::vector<std::string> texts;
    for (const KernelWord& word : words) texts.emplace_back(word.text);
    std::ranges::sort(texts);
    return texts;
}

Result<uint64_t> number_for(std::span<const KernelWord> words, std::string_view text) {
    for (const KernelWord& word : words)
        if (word.text == text) return word.number;
    return Error::invalid("{} is none of {}", quoted(text), join(texts_of(words), ", "));
}

constexpr uint64_t k_largest_in_list = 8191;  // CONFIG_NR_CPUS and MAX_NUMNODES are never larger

}  // namespace

std::vector<std::string> memory_policy_modes() { return texts_of(k_memory_modes); }
std::vector<std::string> memory_policy_flags() { return texts_of(k_memory_flags); }
Result<uint32_t> memory_policy_mode(std::string_view word) { return static_cast<uint32_t>(TRY(number_for(k_memory_modes, word))); }
Result<uint32_t> memory_policy_flag(std::string_view word) { return static_cast<uint32_t>(TRY(number_for(k_memory_flags, word))); }
Result<uint64_t> scheduler_flag(std::string_view word) { return number_for(k_scheduler_flags, word); }
Result<uint32_t> io_class(std::string_view word) { return static_cast<uint32_t>(TRY(number_for(k_io_classes, word))); }
Result<uint64_t> personality_domain(std::string_view word) { return number_for(k_domains, word); }

Result<uint32_t> scheduler_policy(std::string_view word) {
    // The specification names it; the kernel only keeps the number free.
    if (word == "SCHED_ISO") return Error::unsupported("SCHED_ISO is not implemented by Linux");
    return static_cast<uint32_t>(TRY(number_for(k_policies, word)));
}

Result<std::string> mask_of_list(std::string_view list) {
    std::string mask;
    for (const std::string_view part : split(list, ',')) {
        const Halves halves = split_once(part, '-');
        const auto first = parse_uint(halves.before), last = halves.after ? parse_uint(*halves.after) : first;
        if (!first || !last || *first > *last || *last > k_largest_in_list)
            return Error::invalid("{} is not a list such as 0-3,7 of numbers up to {}", quoted(list), k_largest_in_list);
        if (mask.size() <= *last / 8) mask.resize(*last / 8 + 1, '\0');
        for (uint64_t number = *first; number <= *last; ++number) mask[number / 8] = static_cast<char>(mask[number / 8] | 1 << number % 8);
    }
    if (mask.empty()) return Error::invalid("a list such as 0-3,7 is needed, not nothing");
    return mask;
}

}  // namespace skiff::oci
