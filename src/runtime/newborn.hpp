// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/process.hpp"
#include "runtime/child/handshake.hpp"
#include "runtime/plan.hpp"

namespace skiff::runtime {

/// The parent's half of the handshake (child/handshake.hpp draws it). Dropping it ends the child.
class Newborn {
public:
    /// Clones a child that carries out `plan`, whose slots `slots` holds. MUST: this process has one thread.
    /// `plan` and `slots` must outlive the handshake. It is born inside the version 2 cgroup `group`, where that is given.
    static Result<Newborn> bear(const BirthPlan& plan, const std::vector<kernel::Fd>& slots, kernel::FdView group, Listener listener);

    Newborn(Newborn&&) noexcept;
    Newborn& operator=(Newborn&&) noexcept;
    ~Newborn();

    pid_t pid() const;
    kernel::FdView pidfd() const;

    /// Writes the user maps and tells the child.
    Result<> map_users(const BirthPlan& plan);
    /// Waits until the child says `stage`. Its failure report becomes our error.
    Result<> hears(child::Stage stage);
    Result<> says(child::Stage stage);
    /// The handshake is over, or the child failed on its way to execve: the error then. Only for exec.
    Result<> waits_for_execve();

    /// The listener of a filter that notifies, which the child has just loaded; ours until this ends. The child waits for
    /// says(Stage::listener).
    Result<kernel::FdView> hears_listener();

    kernel::Fd take_terminal();
    kernel::Child take_child();

private:
    struct State;
    explicit Newborn(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// What a child reports, as a sentence: "mount proc at /proc: EPERM (operation not permitted)".
Error sentence_for(const child::Message& failure, child::Op op, const std::string& what, const std::string& program);

}  // namespace skiff::runtime
