// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "cgroup/group.hpp"
#include "runtime/birth.hpp"
#include "runtime/plan.hpp"

namespace skiff::runtime {

/// Where a plan's descriptors come from.
struct Sources {
    const Overlay* overlay = nullptr;            ///< Need::Kind::root; null: a clone of the path
    const kernel::MountFacts* mounts = nullptr;  ///< how to mount it
    cgroup::Group* group = nullptr;              ///< Need::Kind::cgroup_entrance; must outlive what is prepared
    pid_t beside = 0;                            ///< exec: the container's first process
    kernel::FdView state_directory = {};              ///< Need::Kind::start_socket is made here
    const cgroup::Hierarchies* hierarchies = nullptr;  ///< Need::Kind::sub_group
    const Teller* teller = nullptr;              ///< told each descriptor
};
inline constexpr const char* k_start_socket = "start.sock";

/// The descriptors that a plan needs, by slot, each opened once (D2).
struct Prepared {
    std::vector<kernel::Fd> slots;
    cgroup::Entrances entrances;                 ///< what the clone is to be given; the others are in slots
    kernel::Fd root_mount;                       ///< a second descriptor of the overlay, to keep it mounted
};
Result<Prepared> prepare(const BirthPlan& plan, const Sources& sources);

}  // namespace skiff::runtime
