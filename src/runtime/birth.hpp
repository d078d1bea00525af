// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "kernel/fd.hpp"
#include "runtime/lifecycle.hpp"

/// What create and exec share on the parent's side.
namespace skiff::runtime {

/// Tells a listener, if there is one, what the runtime itself did.
class Teller {
public:
    explicit Teller(const Listener& listener) : listener_(listener) {}
    /// Somebody listens: words are worth making.
    bool is_heard() const { return static_cast<bool>(listener_); }
    /// `begun_ns`: boottime_ns() when it began.
    void tell(Chapter chapter, std::string what, std::string why, int64_t begun_ns) const {
        if (listener_)
            listener_({.chapter = chapter, .by_child = false, .what = std::move(what), .why = std::move(why), .microseconds = (boottime_ns() - begun_ns) / 1000});
    }

private:
    const Listener& listener_;
};

/// The pty's master to whoever listens at a console socket, in one message as runc sends it.
Result<> send_terminal(kernel::FdView socket, kernel::FdView master);

/// /proc/PID/oom_score_adj; what may not be lowered here stays, with a warning. Returns whether it was set.
Result<bool> adjust_oom_score(pid_t pid, std::optional<int> score, std::vector<std::string>& warnings);

/// Tells the warnings, if anybody listens.
void warn_of(const std::vector<std::string>& warnings, const Warner& warner);

/// startContainer hooks: inside, before the user's program.
Result<> run_start_hooks(const oci::RuntimeSpec& spec, const Record& record, const Teller& teller);

/// Writes a pid for whoever asked, at once.
Result<> write_pid_file(const std::string& path, pid_t pid);

}  // namespace skiff::runtime
