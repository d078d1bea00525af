// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "oci/runtime_spec.hpp"

namespace skiff::oci {

/// What a runtime can do, as facts that its parts know. "Can" means built in, whatever this host's kernel offers.
struct RuntimeFeatures {
    std::vector<std::string> mount_options;             ///< "nosuid", those that are no file system's own
    std::vector<NamespaceKind> namespaces;
    std::vector<std::string> capabilities;              ///< "CAP_CHOWN"
    bool cgroup_v1 = false, cgroup_v2 = false, cgroup_systemd = false, cgroup_rdma = false;
    std::vector<SeccompAction> seccomp_actions;
    std::vector<SeccompOperator> seccomp_operators;
    std::vector<std::string> seccomp_architectures;     ///< "SCMP_ARCH_X86_64"
    std::vector<std::string> seccomp_known_flags;       ///< "SECCOMP_FILTER_FLAG_LOG"
    std::vector<std::string> seccomp_supported_flags;   ///< those of them that this kernel takes
    bool apparmor = false, selinux = false;
    std::map<std::string, std::string> annotations;     ///< "io.skiff.version"
};

/// The document of the verb `features` (runtime-spec features.md), indented by four blanks as runc's, lists sorted.
std::string features_document(const RuntimeFeatures& features);

}  // namespace skiff::oci
