// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/format.hpp"
#include "base/result.hpp"
#include "cgroup/resources.hpp"

/// What both versions' plans ask of a document's values.
namespace skiff::cgroup {

inline constexpr uint64_t k_least_shares = 2, k_most_shares = 262'144;             // the kernel clamps silently to these
inline constexpr uint64_t k_least_cpu_time = 1'000, k_longest_period = 1'000'000;  // microseconds
inline constexpr uint16_t k_least_weight = 10, k_most_weight = 1'000;

std::string number(auto value) { return format("{}", value); }

/// 0 means "not set" here.
template <class T>
std::optional<T> unless_zero(const std::optional<T>& value) { return value && *value != 0 ? value : std::nullopt; }

/// Whether `page_size` is the kernel's form, "64KB", "2MB", "1GB": it becomes part of a file's name.
bool is_page_size(std::string_view page_size);

Result<> check_weight(uint16_t weight, const std::string& why);
Result<> check_shares(uint64_t shares);
/// Period and quota in microseconds, where they are given.
Result<> check_cpu_time(const std::optional<uint64_t>& period, const std::optional<int64_t>& quota);
Result<> check_idle(int64_t idle);

/// plan_limits where version 2 is all there is.
Result<std::vector<Write>> plan_v2_limits(const oci::Resources& resources, const Current& now);

}  // namespace skiff::cgroup
