// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/systemd_unit.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

/// Scopes of systemd's, by the program skiff-systemd: this one stays static, and starts it for --systemd-cgroup alone.
namespace skiff::runtime {

/// A scope that was just made, held by a process in it: systemd removes an empty one. Dropping it lets systemd do that.
class SystemdScope {
public:
    /// Error (conflict): systemd refuses; (not_found): no skiff-systemd beside this program nor in PATH.
    static Result<SystemdScope> start(const cgroup::SystemdUnit& unit, const std::vector<cgroup::UnitProperty>& properties);
    /// The container is in it: its holder is gone when this returns.
    void let_go();

private:
    SystemdScope(kernel::Child holder, kernel::Fd leash) : holder_(std::move(holder)), leash_(std::move(leash)) {}
    kernel::Child holder_;
    kernel::Fd leash_;  ///< it stays until this is closed
};

/// Changes properties of a scope that is there.
Result<> set_scope(const std::string& unit, const std::vector<cgroup::UnitProperty>& properties);
/// Removes it, with whoever is in it; absent is success.
Result<> stop_scope(const std::string& unit);

}  // namespace skiff::runtime
