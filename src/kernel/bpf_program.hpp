// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Programs for the kernel's BPF machine that decide who may open which device in a version 2 cgroup (bpf(2),
/// BPF_PROG_TYPE_CGROUP_DEVICE). The kernel forgets one with its last descriptor and its last group.
namespace skiff::kernel {

/// `instructions` are struct bpf_insn, eight bytes each. Errors: (forbidden) neither CAP_BPF nor CAP_SYS_ADMIN in the
/// first user namespace; (unsupported) a kernel without CONFIG_CGROUP_BPF.
Result<Fd> load_device_program(const std::vector<uint64_t>& instructions);

/// Every program that was attached to the group itself, in the order of their running.
Result<std::vector<Fd>> device_programs_of(FdView group);

/// From now on `program` decides as well, beside those of the groups above: each of them must allow. In the place of
/// `replaced`, in one step, where that is given.
Result<> attach_device_program(FdView group, FdView program, FdView replaced = {});
Result<> detach_device_program(FdView group, FdView program);

}  // namespace skiff::kernel
