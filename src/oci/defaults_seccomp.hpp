// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/kernel_version.hpp"
#include "base/result.hpp"
#include "oci/runtime_spec.hpp"

/// Docker's system call policies: the default one, and the format of its profile files.
namespace skiff::oci {

/// moby's default profile (as of 2026) for a container with these capabilities in its bounding set ("CAP_SYS_ADMIN"):
/// an allow-list for the three x86 ABIs, everything else EPERM. Without CAP_SYS_ADMIN no new namespaces (clone by its
/// flags, clone3 as if it did not exist, unshare and setns not at all), no mounts, no bpf; sockets of every family but
/// AF_ALG (CVE-2026-31431) and AF_VSOCK (it reaches the hypervisor past network namespaces) and those to come.
Seccomp default_seccomp(const std::vector<std::string>& capabilities);

/// A profile as `--security-opt seccomp=FILE` takes it: linux.seccomp with archMap, and rules that hold only with or
/// without capabilities, on some machines or from some kernel on (includes, excludes). Podman's "errno" and
/// "defaultErrno" by name are understood too.
/// Error (invalid): not such a profile, named by the field; a field that we do not know, because passing over it could
/// open what it was to close; no defaultAction (Docker would run without any filter).
Result<Seccomp> read_seccomp_profile(std::string_view json, const std::vector<std::string>& capabilities, KernelVersion kernel = running_kernel());

}  // namespace skiff::oci
