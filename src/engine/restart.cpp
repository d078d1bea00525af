// SPDX-License-Identifier: Apache-2.0
#include "engine/restart.hpp"

#include <algorithm>
#include <utility>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::engine {
namespace {

using When = RestartPolicy::When;

constexpr int64_t k_first_delay_ns = 100'000'000;
constexpr int64_t k_longest_delay_ns = 60'000'000'000;
/// A life that lasted so long was no crash at its start: the wait begins anew.
constexpr int64_t k_long_life_ns = 10'000'000'000;

constexpr std::pair<When, std::string_view> k_names[] = {
    {When::no, "no"}, {When::on_failure, "on-failure"}, {When::always, "always"}, {When::unless_stopped, "unless-stopped"}};

bool wants_restart(const RestartPolicy& policy, const EndedLife& life, int restarts) {
    if (life.was_stopped) return false;
    switch (policy.when) {
        case When::no: return false;
        case When::on_failure: return life.exit_code != 0 && (policy.most == 0 || restarts < policy.most);
        case When::always:
        case When::unless_stopped: return true;
    }
    return false;
}

}  // namespace

Result<RestartPolicy> parse_restart_policy(std::string_view text) {
    RestartPolicy policy;
    if (text.empty()) return policy;
    const auto [name, count] = split_once(text, ':');
    const auto* found = std::ranges::find(k_names, name, &std::pair<When, std::string_view>::second);
    if (found == std::end(k_names))
        return Error::invalid("invalid restart policy {}: expected no, on-failure, on-failure:NUMBER, always or unless-stopped", quoted(text));
    policy.when = found->first;
    if (!count) return policy;
    if (policy.when != When::on_failure) return Error::invalid("invalid restart policy {}: only on-failure takes a number of restarts", quoted(text));
    const auto most = parse_uint(*count);
    if (!most || *most > INT32_MAX) return Error::invalid("invalid restart policy {}: expected a whole number behind on-failure:, 0 for no limit", quoted(text));
    policy.most = static_cast<int>(*most);
    return policy;
}

std::string_view name_of(When when) { return std::ranges::find(k_names, when, &std::pair<When, std::string_view>::first)->second; }

std::string text_of(const RestartPolicy& policy) {
    const std::string name(name_of(policy.when));
    return policy.most > 0 ? format("{}:{}", name, policy.most) : name;
}

RestartVerdict decide_restart(const RestartPolicy& policy, const EndedLife& life, const RestartHistory& history) {
    if (!wants_restart(policy, life, history.count)) return {.restarts = false, .delay_ns = 0, .count = history.count};
    const bool begins_anew = history.delay_ns == 0 || life.ran_ns >= k_long_life_ns;
    return {.restarts = true, .delay_ns = begins_anew ? k_first_delay_ns : std::min(2 * history.delay_ns, k_longest_delay_ns), .count = history.count + 1};
}

bool restarts_after_boot(const RestartPolicy& policy, bool was_stopped) {
    return policy.when == When::always || (policy.when == When::unless_stopped && !was_stopped);
}

}  // namespace skiff::engine
