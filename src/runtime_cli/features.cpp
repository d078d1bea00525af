// SPDX-License-Identifier: Apache-2.0
// features: what this runtime can do, for engines that ask before they call (runtime-spec features.md).
#include "oci/features.hpp"

#include <cstdio>

#include "kernel/capability.hpp"
#include "kernel/lsm.hpp"
#include "runtime/mount_options.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

Result<int> features(const Globals&, const Arguments&) {
    using oci::NamespaceKind;
    using oci::SeccompAction;
    using oci::SeccompOperator;
    oci::RuntimeFeatures known;
    known.mount_options = runtime::known_mount_options();
    known.namespaces = {NamespaceKind::mount, NamespaceKind::uts, NamespaceKind::ipc, NamespaceKind::pid,
                        NamespaceKind::network, NamespaceKind::user, NamespaceKind::cgroup, NamespaceKind::time};
    known.capabilities = kernel::capability_names(kernel::capabilities_up_to(TRY(kernel::last_capability())));
    known.cgroup_v1 = true;
    known.cgroup_v2 = true;
    known.cgroup_systemd = true;
    known.cgroup_rdma = true;
    known.seccomp_actions = {SeccompAction::kill_thread, SeccompAction::kill_process, SeccompAction::trap, SeccompAction::errno_,
                             SeccompAction::trace, SeccompAction::allow, SeccompAction::log, SeccompAction::notify};
    known.seccomp_operators = {SeccompOperator::ne, SeccompOperator::lt, SeccompOperator::le, SeccompOperator::eq,
                               SeccompOperator::ge, SeccompOperator::gt, SeccompOperator::masked_eq};
    known.seccomp_architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32"};
    known.seccomp_known_flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
                                   "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
    known.seccomp_supported_flags = known.seccomp_known_flags;
    const kernel::ActiveLsms lsms = TRY(kernel::probe_lsms());
    known.apparmor = lsms.apparmor;
    known.selinux = lsms.selinux;
    known.annotations["io.skiff.version"] = SKIFF_VERSION;
    std::printf("%s\n", oci::features_document(known).c_str());
    return 0;
}

}  // namespace

const Verb k_features = {.name = "features", .operands = "", .summary = "Print what this runtime supports, as JSON.", .options = {}, .carry_out = features};

}  // namespace skiff::runtime_cli
