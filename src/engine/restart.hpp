// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Whether and when a container that has ended starts again by itself: Docker's rules, as a pure function.
namespace skiff::engine {

/// --restart
struct RestartPolicy {
    enum class When { no, on_failure, always, unless_stopped };
    When when = When::no;
    int most = 0;                        ///< on-failure:N, how many restarts in a row; 0: any number

    bool is_set() const { return when != When::no; }
    bool operator==(const RestartPolicy&) const = default;
};

/// "no", "on-failure", "on-failure:3", "always", "unless-stopped"; empty means "no", as with Docker.
Result<RestartPolicy> parse_restart_policy(std::string_view text);
std::string text_of(const RestartPolicy& policy);
/// The policy's name alone: "on-failure".
std::string_view name_of(RestartPolicy::When when);

/// Stands for the exit code that nobody learnt: a failure.
inline constexpr int k_unknown_exit_code = 255;

/// The life that has ended.
struct EndedLife {
    int exit_code = 0;                   ///< 128 + the signal; 255 where nobody learnt it; 126, 127 or 128 for a failed start
    int64_t ran_ns = 0;                  ///< of the boot clock
    bool was_stopped = false;            ///< by the user: `stop`, `kill` or `restart`
};

/// What went before: the automatic restarts since somebody started it by hand.
struct RestartHistory {
    int count = 0;
    int64_t delay_ns = 0;                ///< how long the last one was waited for
};

struct RestartVerdict {
    bool restarts = false;
    int64_t delay_ns = 0;                ///< from the end on
    int count = 0;                       ///< with this one
};

/// The wait before a restart: 100 ms, and twice as long after each life that lasted less than 10 s, up to a minute.
RestartVerdict decide_restart(const RestartPolicy& policy, const EndedLife& life, const RestartHistory& history);

/// Whether `start --restartable` starts it after a boot. A container that never ran is not.
bool restarts_after_boot(const RestartPolicy& policy, bool was_stopped);

}  // namespace skiff::engine
