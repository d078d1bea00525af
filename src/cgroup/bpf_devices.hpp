// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "oci/runtime_spec.hpp"

namespace skiff::cgroup {

/// Checked device rules (devices.hpp) as a program of BPF_PROG_TYPE_CGROUP_DEVICE, a struct bpf_insn each. It answers 1
/// where every access that is asked for (r, w, m) is allowed by the last rule that speaks of it, and 0 otherwise, also
/// where none does. Pure.
std::vector<uint64_t> assemble_device_program(const std::vector<oci::DeviceRule>& rules);

}  // namespace skiff::cgroup
