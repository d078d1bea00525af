// SPDX-License-Identifier: Apache-2.0
// Namespaces first, for they need power; then limits, Landlock, then the power goes, last the filter, which also takes
// the calls away that built all this.
#include "transfer/jail.hpp"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "kernel/capability.hpp"
#include "kernel/file.hpp"
#include "kernel/landlock.hpp"
#include "kernel/mount_jail.hpp"
#include "kernel/rlimit.hpp"
#include "kernel/seccomp.hpp"
#include "pack/entry_limits.hpp"

namespace skiff::transfer {
namespace {

using kernel::CapabilityMask;
using Names = std::vector<std::string>;

/// Sanitizers reserve terabytes of addresses, and make calls of their own: of the two programs only the shipped one is
/// limited in memory and calls.
#ifdef SKIFF_SANITIZED
constexpr bool k_is_sanitized = true;
#else
constexpr bool k_is_sanitized = false;
#endif

constexpr CapabilityMask bit(int capability) { return CapabilityMask{1} << capability; }

Result<> leave_the_network() {
    if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) return Error::system(errno, "get namespaces without a network");
    return {};
}

Result<> limit_resources(uint64_t file_size, uint64_t descriptors) {
    constexpr uint64_t k_memory = k_is_sanitized ? kernel::k_unlimited : 512 << 20;
    for (const auto& [resource, most] : std::initializer_list<std::pair<int, uint64_t>>{
             {RLIMIT_AS, k_memory}, {RLIMIT_FSIZE, file_size}, {RLIMIT_NOFILE, descriptors}, {RLIMIT_CORE, 0}, {RLIMIT_MEMLOCK, 0}, {RLIMIT_MSGQUEUE, 0}}) {
        const auto now = TRY(kernel::get_rlimit(0, resource));
        const uint64_t allowed = std::min(most, now.hard);  // may be lower already, and is never raised
        TRY(kernel::set_rlimit(0, {resource, allowed, allowed}));
    }
    return {};
}

Result<> keep_only(CapabilityMask kept) {
    kernel::CapabilitySets sets;
    sets.bounding = sets.effective = sets.permitted = kept & TRY(kernel::permitted_capabilities());
    TRY(kernel::apply_capabilities(sets));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Error::system(errno, "forbid new privileges");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Error::system(errno, "forbid being traced");
    return {};
}

/// The second lock on the same door: files by Landlock too, as far as this kernel's goes. One without it has the rest.
Result<> lock_files(const kernel::LandlockPolicy& policy) {
    const auto reach = kernel::restrict_self(policy);
    if (!reach && !reach.error().is(Kind::unsupported)) return reach.error();
    return {};
}

/// Any other call fails with EPERM; a call through another ABI ends the process.
Result<> allow_only(const Names& always) {
    if (k_is_sanitized) return {};
    static const Names k_mapping = {"mmap", "mprotect"};
    kernel::SeccompPolicy policy;
    policy.otherwise = kernel::seccomp_errno(EPERM);
    policy.rules.push_back({.names = always});
    policy.rules.push_back({.names = k_mapping, .conditions = {{.argument = 2, .op = kernel::SeccompCondition::Operator::masked_eq, .value = PROT_EXEC, .value_two = 0}}});
    const auto filter = TRY(kernel::compile_seccomp(policy));
    return kernel::load_seccomp(filter.program);
}

const Names& calls_of_every_stage() {
    static const Names k_calls = {
        "read", "write", "close", "fstat", "lseek", "brk", "munmap", "mremap", "madvise", "futex", "getrandom", "clock_gettime",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "restart_syscall", "exit", "exit_group",
    };
    return k_calls;
}

/// From inside the directory, which is "/" already.
Result<> keep_reading_only(TreeKind kind) {
    TRY(limit_resources(kernel::k_unlimited, pack::EntryLimits{}.path_depth + 64));
    {
        const auto top = TRY(kernel::open_directory("/"));
        kernel::LandlockPolicy only_here;
        only_here.files.push_back({top, kernel::k_landlock_read});
        TRY(lock_files(only_here));
    }
    CapabilityMask kept = bit(CAP_DAC_READ_SEARCH);
    if (kind == TreeKind::layer) kept |= bit(CAP_SYS_ADMIN);
    TRY(keep_only(kept));

    Names calls = calls_of_every_stage();
    for (const char* call : {"openat", "openat2", "newfstatat", "fcntl", "getdents64", "readlinkat", "flistxattr", "fgetxattr"}) calls.emplace_back(call);
    return allow_only(calls);
}

}  // namespace

Result<> enter_stream_jail(StreamTo to) {
    TRY(leave_the_network());
    TRY(limit_resources(to == StreamTo::file ? kernel::k_unlimited : 0, 16));
    TRY(lock_files({}));
    TRY(keep_only(0));
    return allow_only(calls_of_every_stage());
}

Result<> enter_unpack_jail(kernel::FdView directory, TreeKind kind) {
    TRY(leave_the_network());
    TRY(kernel::confine_to(directory, kernel::probe_mounts()));
    // As many descriptors as directories may stand in one another: kernel::Root holds one for each.
    TRY(limit_resources(pack::EntryLimits{}.file_size, pack::EntryLimits{}.path_depth + 64));
    {
        const auto top = TRY(kernel::open_directory("/"));
        kernel::LandlockPolicy only_here;
        only_here.files.push_back({top, kernel::k_landlock_fill});
        TRY(lock_files(only_here));
    }
    CapabilityMask kept = bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_MKNOD) | bit(CAP_SETFCAP);
    if (kind == TreeKind::layer) kept |= bit(CAP_SYS_ADMIN);
    TRY(keep_only(kept));

    Names calls = calls_of_every_stage();
    for (const char* call : {"openat", "openat2", "newfstatat", "fcntl", "getdents64", "pwrite64", "ftruncate", "mkdirat", "mknodat", "symlinkat",
                             "linkat", "unlinkat", "readlinkat", "fchownat", "fchmod", "fchmodat", "utimensat", "fsetxattr"})
        calls.emplace_back(call);
    return allow_only(calls);
}

Result<> enter_pack_jail(kernel::FdView directory, TreeKind kind) {
    TRY(leave_the_network());
    TRY(kernel::confine_to(directory, kernel::probe_mounts()));
    return keep_reading_only(kind);
}

Result<> enter_overlay_jail(const std::vector<std::string>& layers) {
    TRY(leave_the_network());
    kernel::OverlayLayers overlay;
    overlay.lower = layers;
    TRY(kernel::confine_to_overlay(overlay, kernel::probe_mounts()));
    return keep_reading_only(TreeKind::root_filesystem);
}

}  // namespace skiff::transfer
