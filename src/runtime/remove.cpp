// SPDX-License-Identifier: Apache-2.0
// delete: what a container held outside itself is given back. What a crash left is removed the same way.
#include <signal.h>

#include "cgroup/group.hpp"
#include "runtime/hooks.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::runtime {
namespace {

constexpr int k_patience_ms = 10'000;

Result<> end_it(const ContainerId& id, const Record& record, Status status) {
    if (!record.init || status == Status::stopped) return {};
    auto init = kernel::open_process(*record.init);
    if (!init && init.error().is(Kind::not_found)) return {};
    if (!init) return std::move(init).error();
    (void)kernel::send_signal(*init, SIGKILL);  // it may be ending already
    if (!record.cgroup.empty() && (status == Status::paused || status == Status::created)) {
        const cgroup::Hierarchies hierarchies = TRY(cgroup::probe_hierarchies());
        const auto group = TRY(cgroup::open_group(hierarchies, record.cgroup));
        if (TRY(group->is_frozen())) TRY(group->thaw());
    }
    if (!TRY(kernel::wait_until_ended(*init, k_patience_ms)))
        return Error::conflict("the first process of container {} ({}) did not end within {} seconds of SIGKILL", id.string(), record.init->pid, k_patience_ms / 1000);
    return {};
}

Result<> remove_group(const Record& record) {
    if (record.cgroup.empty() || record.boot_id != TRY(kernel::boot_id())) return {};
    const cgroup::Hierarchies hierarchies = TRY(cgroup::probe_hierarchies());
    const auto group = TRY(cgroup::open_group(hierarchies, record.cgroup));
    TRY(group->kill_everything(k_patience_ms));  // whoever outlived the first process: exec'ed ones, shared PID namespaces
    return group->remove(k_patience_ms);
}

}  // namespace

Result<> remove(const ContainerId& id, const StateDir& states, bool force, std::vector<std::string>* warnings) {
    auto loaded = states.load(id);
    if (!loaded) {
        if (force && loaded.error().is(Kind::not_found)) return {};
        if (!force || !loaded.error().is(Kind::invalid)) return std::move(loaded).error();
        return states.forget(id);  // a record that nobody can read any more
    }
    const Record& record = *loaded;
    const Status status = TRY(look_up_status(id, record, states));
    if (status == Status::creating) return Error::conflict("cannot delete container {}: process {} is creating it", id.string(), record.creator.pid);
    if (status != Status::stopped && !force)
        return Error::conflict("cannot delete container {}: it is {}", id.string(), name_of(status)).hint("stop it first, or use --force");
    TRY(end_it(id, record, status));
    TRY_DOING(remove_group(record), "delete container {}", id.string());

    // A poststop hook that fails is only a warning, and the others run (runtime-spec config.md).
    if (auto bundle = Bundle::load(record.bundle); bundle && !bundle->spec.hooks.poststop.empty()) {
        const std::string state = state_document(record, Status::stopped, bundle->spec.oci_version);
        for (const oci::Hook& hook : bundle->spec.hooks.poststop)
            if (auto ran = run_hooks("poststop", {hook}, state, nullptr); !ran && warnings) warnings->push_back(ran.error().text());
    }
    return states.forget(id);
}

}  // namespace skiff::runtime
