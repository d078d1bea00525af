// SPDX-License-Identifier: Apache-2.0
#include "kernel/bpf_program.hpp"

#include <linux/bpf.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace skiff::kernel {
namespace {

constexpr const char* k_licence = "Apache-2.0";
constexpr uint32_t k_most_programs = 64;  // the kernel takes no more for one group

long bpf(int command, bpf_attr& attributes) { return syscall(SYS_bpf, command, &attributes, sizeof attributes); }

bpf_attr blank() {
    bpf_attr attributes;
    std::memset(&attributes, 0, sizeof attributes);
    return attributes;
}

/// Before Linux 5.11 programs counted against RLIMIT_MEMLOCK, and root's is small. Raised for one call: what is born
/// later must not inherit it.
class LockedMemory {
public:
    LockedMemory() {
        const rlimit most{RLIM_INFINITY, RLIM_INFINITY};
        is_raised_ = getrlimit(RLIMIT_MEMLOCK, &before_) == 0 && setrlimit(RLIMIT_MEMLOCK, &most) == 0;
    }
    LockedMemory(const LockedMemory&) = delete;
    LockedMemory& operator=(const LockedMemory&) = delete;
    ~LockedMemory() { if (is_raised_) setrlimit(RLIMIT_MEMLOCK, &before_); }

private:
    rlimit before_{};
    bool is_raised_ = false;
};

}  // namespace

Result<Fd> load_device_program(const std::vector<uint64_t>& instructions) {
    bpf_attr attributes = blank();
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = reinterpret_cast<uint64_t>(instructions.data());
    attributes.insn_cnt = static_cast<uint32_t>(instructions.size());
    attributes.license = reinterpret_cast<uint64_t>(k_licence);
    long number = bpf(BPF_PROG_LOAD, attributes);
    if (number < 0 && errno == EPERM) {
        const LockedMemory room;
        number = bpf(BPF_PROG_LOAD, attributes);
    }
    if (number >= 0) return Fd::adopt(static_cast<int>(number));
    const int failure = errno;
    Error error = Error::system(failure, "load a device program of {} instructions", instructions.size());
    if (failure == EPERM) return std::move(error).hint("it needs CAP_BPF, and a kernel that is not locked down");
    if (failure == EINVAL || failure == ENOSYS) return std::move(error).as(Kind::unsupported).hint("does this kernel have CONFIG_CGROUP_BPF?");
    return error;
}

Result<std::vector<Fd>> device_programs_of(FdView group) {
    std::array<uint32_t, k_most_programs> ids{};
    bpf_attr attributes = blank();
    attributes.query.target_fd = static_cast<uint32_t>(group.number());
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    attributes.query.prog_ids = reinterpret_cast<uint64_t>(ids.data());
    attributes.query.prog_cnt = ids.size();
    if (bpf(BPF_PROG_QUERY, attributes) != 0) return Error::system(errno, "ask for the device programs of a cgroup");
    std::vector<Fd> programs;
    for (uint32_t i = 0; i < attributes.query.prog_cnt && i < ids.size(); ++i) {
        bpf_attr by_id = blank();
        by_id.prog_id = ids[i];
        const long number = bpf(BPF_PROG_GET_FD_BY_ID, by_id);
        if (number < 0 && errno == ENOENT) continue;  // detached meanwhile
        if (number < 0) return Error::system(errno, "open the device program {}", ids[i]);
        programs.push_back(Fd::adopt(static_cast<int>(number)));
    }
    return programs;
}

Result<> attach_device_program(FdView group, FdView program, FdView replaced) {
    bpf_attr attributes = blank();
    attributes.target_fd = static_cast<uint32_t>(group.number());
    attributes.attach_bpf_fd = static_cast<uint32_t>(program.number());
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_ALLOW_MULTI | (replaced ? BPF_F_REPLACE : 0);  // a container may attach more of its own below
    if (replaced) attributes.replace_bpf_fd = static_cast<uint32_t>(replaced.number());
    if (bpf(BPF_PROG_ATTACH, attributes) != 0) return Error::system(errno, "attach a device program to a cgroup");
    return {};
}

Result<> detach_device_program(FdView group, FdView program) {
    bpf_attr attributes = blank();
    attributes.target_fd = static_cast<uint32_t>(group.number());
    attributes.attach_bpf_fd = static_cast<uint32_t>(program.number());
    attributes.attach_type = BPF_CGROUP_DEVICE;
    if (bpf(BPF_PROG_DETACH, attributes) != 0) return Error::system(errno, "detach a device program from a cgroup");
    return {};
}

}  // namespace skiff::kernel
