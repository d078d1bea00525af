// SPDX-License-Identifier: Apache-2.0
// Namespaces: one table of what each is called in config.json, below /proc and in clone's flags.
#include <linux/sched.h>

#include "oci/runtime_spec.hpp"

namespace skiff::oci {
namespace {

struct Names { NamespaceKind kind; std::string_view spec, proc; uint64_t flag; };

constexpr Names k_names[] = {
    {NamespaceKind::mount, "mount", "mnt", CLONE_NEWNS},      {NamespaceKind::uts, "uts", "uts", CLONE_NEWUTS},
    {NamespaceKind::ipc, "ipc", "ipc", CLONE_NEWIPC},         {NamespaceKind::pid, "pid", "pid", CLONE_NEWPID},
    {NamespaceKind::network, "network", "net", CLONE_NEWNET}, {NamespaceKind::user, "user", "user", CLONE_NEWUSER},
    {NamespaceKind::cgroup, "cgroup", "cgroup", CLONE_NEWCGROUP}, {NamespaceKind::time, "time", "time", CLONE_NEWTIME},
};

const Names& names_of(NamespaceKind kind) {
    for (const Names& names : k_names)
        if (names.kind == kind) return names;
    MUST(false, "every kind of namespace has its names");
}

}  // namespace

std::string_view proc_name(NamespaceKind kind) { return names_of(kind).proc; }
std::string_view spec_name(NamespaceKind kind) { return names_of(kind).spec; }
uint64_t clone_flag(NamespaceKind kind) { return names_of(kind).flag; }

const Namespace* RuntimeSpec::find_namespace(NamespaceKind kind) const {
    for (const Namespace& one : linux_.namespaces)
        if (one.kind == kind) return &one;
    return nullptr;
}

}  // namespace skiff::oci
