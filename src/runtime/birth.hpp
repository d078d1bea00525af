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

/// Nothing but what the document allows and the devices that every container may use (config-linux.md): the first of
/// the default rules denies everything, the others come after the document's own.
std::vector<oci::DeviceRule> device_rules(const std::vector<oci::DeviceRule>& own);

/// A pidfd of the first process (of the executed one) to whoever listens at a pidfd socket.
Result<> send_pidfd(kernel::FdView socket, kernel::FdView pidfd);

/// /proc/PID/oom_score_adj; what may not be lowered here stays, with a warning. Returns whether it was set.
Result<bool> adjust_oom_score(pid_t pid, std::optional<int> score, std::vector<std::string>& warnings);

/// Tells the warnings, if anybody listens.
void warn_of(const std::vector<std::string>& warnings, const Warner& warner);

/// startContainer hooks: inside, before the user's program, each as confined as that will be.
Result<> run_start_hooks(const ContainerId& id, const oci::RuntimeSpec& spec, const Record& record, const Teller& teller);

/// Such a hook's process: born as an exec is, as the user and with the limits, capabilities and filter of the container's
/// program, since what it executes is a file of the container's.
Result<kernel::Child> bear_start_hook(const ContainerId& id, const oci::RuntimeSpec& spec, const Record& record, const oci::Hook& hook, kernel::FdView in, kernel::FdView out);

/// Writes a pid for whoever asked, at once.
Result<> write_pid_file(const std::string& path, pid_t pid);

}  // namespace skiff::runtime
