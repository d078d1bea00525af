// SPDX-License-Identifier: Apache-2.0
// delete: what a container held outside itself is given back. What a crash left is removed the same way.
#include <signal.h>

#include "cgroup/group.hpp"
#include "runtime/hooks.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/systemd_scope.hpp"

namespace skiff::runtime {
namespace {

constexpr int k_patience_ms = 10'000, k_look_again_ms = 500;

/// What is frozen cannot die.
Result<> thaw(const Record& record) {
    if (record.cgroup.empty()) return {};
    const cgroup::Hierarchies hierarchies = TRY(cgroup::probe_hierarchies());
    const auto group = TRY(cgroup::open_group(hierarchies, record.cgroup));
    return TRY(group->is_frozen()) ? group->thaw() : Result<>();
}

Result<> end_it(const ContainerId& id, const Record& record, Status status) {
    if (!record.init || status == Status::stopped) return {};
    auto init = kernel::open_process(*record.init);
    if (!init && init.error().is(Kind::not_found)) return {};
    if (!init) return std::move(init).error();
    (void)kernel::send_signal(*init, SIGKILL);  // it may be ending already
    if (status == Status::paused || status == Status::created) TRY(thaw(record));
    for (int waited_ms = 0; waited_ms < k_patience_ms; waited_ms += k_look_again_ms) {
        if (TRY(kernel::wait_until_ended(*init, k_look_again_ms))) return {};
        TRY(thaw(record));  // somebody may have paused it after we looked
    }
    return Error::conflict("the first process of container {} ({}) did not end within {} seconds of SIGKILL", id.string(), record.init->pid, k_patience_ms / 1000);
}

Result<> remove_group(const Record& record) {
    if (record.cgroup.empty() || record.boot_id != TRY(kernel::boot_id())) return {};
    const cgroup::Hierarchies hierarchies = TRY(cgroup::probe_hierarchies());
    const auto group = TRY(cgroup::open_group(hierarchies, record.cgroup));
    TRY(group->kill_everything(k_patience_ms));  // whoever outlived the first process: exec'ed ones, shared PID namespaces
    if (!record.unit.empty()) TRY(stop_scope(record.unit));  // and systemd forgets it, as well as its group
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

    if (auto bundle = load_kept_bundle(record, states); bundle && !bundle->spec.hooks.poststop.empty())
        run_poststop_hooks(bundle->spec.hooks.poststop, state_document(record, Status::stopped, bundle->spec.oci_version),
                           [&](const std::string& sentence) { if (warnings) warnings->push_back(sentence); });
    return states.forget(id);
}

}  // namespace skiff::runtime
