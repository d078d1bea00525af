// SPDX-License-Identifier: Apache-2.0
// The kernel answers with a number; which of its rules that number stands for depends on the file.
#include "cgroup/refusal.hpp"

#include <cerrno>
#include <iterator>

#include "base/text.hpp"
#include "cgroup/explanation.hpp"

namespace skiff::cgroup {
namespace {

struct Meaning {
    std::string_view file;  ///< how the file's name begins
    int number;
    Kind kind;
    const char* sentence;
};

constexpr Meaning k_meanings[] = {
    {"memory.limit_in_bytes", EBUSY, Kind::conflict, "more than that is in use and cannot be reclaimed"},
    {"memory.limit_in_bytes", EINVAL, Kind::invalid, "not a size, or above the limit of memory and swap together"},
    {"memory.memsw.limit_in_bytes", EBUSY, Kind::conflict, "more than that is in use and cannot be reclaimed"},
    {"memory.memsw.limit_in_bytes", EINVAL, Kind::invalid, "not a size, or below the memory limit"},
    {"memory.memsw.limit_in_bytes", ENOENT, Kind::unsupported, "this kernel does not count swap; boot it with swapaccount=1"},
    {"memory.use_hierarchy", EINVAL, Kind::unsupported, "this kernel always counts sub-groups"},
    {"cpu.cfs_quota_us", EINVAL, Kind::invalid, "a parent group has a smaller quota, or the burst is larger"},
    {"cpu.cfs_period_us", EINVAL, Kind::invalid, "a parent group allows a smaller share of the CPU"},
    {"cpu.cfs_burst_us", EINVAL, Kind::invalid, "a burst may not be larger than the quota"},
    {"cpu.shares", EINVAL, Kind::conflict, "an idle group has no shares"},
    {"cpu.rt_", EINVAL, Kind::invalid, "the parent group has no realtime that it could give"},
    {"cpu.rt_", ENOENT, Kind::unsupported, "this kernel divides no realtime between groups (CONFIG_RT_GROUP_SCHED)"},
    {"cpuset.", EACCES, Kind::invalid, "the parent group does not have all of these"},
    {"cpuset.", EINVAL, Kind::invalid, "not a list like 0-2,4, or none of these is there"},
    {"cpuset.", ERANGE, Kind::invalid, "a number in it is beyond what this machine can have"},
    {"cpuset.", EBUSY, Kind::conflict, "a sub-group or a deadline task needs more than these"},
    {"blkio.throttle.", ENODEV, Kind::not_found, "there is no such block device"},
    {"blkio.throttle.", EINVAL, Kind::invalid, "not a rate that the kernel takes"},
    {"blkio.", ENODEV, Kind::not_found, "there is no such block device"},
    {"blkio.", EOPNOTSUPP, Kind::unsupported, "the device's I/O scheduler knows no weights"},
    {"hugetlb.", ENOENT, Kind::unsupported, "this machine has no huge pages of that size"},
    {"devices.allow", EPERM, Kind::forbidden, "the parent group may not use that device"},
    {"devices.deny", EPERM, Kind::forbidden, "changing device rules needs CAP_SYS_ADMIN"},
    {"devices.", EINVAL, Kind::conflict, "the group has sub-groups that depend on its devices, or the rule is malformed"},
    {"rdma.max", ENODEV, Kind::not_found, "there is no such RDMA device"},
    {"cpu.max", EINVAL, Kind::invalid, "it takes \"QUOTA PERIOD\" in microseconds, both at least 1000, or max"},
    {"cpu.weight", ERANGE, Kind::invalid, "weights are 1 to 10000"},
    {"io.", ENODEV, Kind::not_found, "there is no such block device"},
    {"cgroup.procs", ESRCH, Kind::not_found, "there is no such process"},
    {"cgroup.procs", EINVAL, Kind::invalid, "threads of the kernel itself stay where they are"},
    {"cgroup.procs", ENOSPC, Kind::conflict, "a cpuset without processors or memory nodes takes no process"},
    {"cgroup.procs", EBUSY, Kind::conflict, "the group hands controllers on: processes can only be in its sub-groups"},
    {"cgroup.procs", EOPNOTSUPP, Kind::conflict, "the group is threaded: processes can only be in the domain above it"},
    {"cgroup.procs", EACCES, Kind::forbidden, "whoever moves a process needs the right to write to the group that it leaves, too"},
    {"tasks", ESRCH, Kind::not_found, "there is no such thread"},
    {"tasks", EINVAL, Kind::invalid, "threads of the kernel itself stay where they are"},
    {"tasks", ENOSPC, Kind::conflict, "a cpuset without processors or memory nodes takes no thread"},
    {"cgroup.threads", ESRCH, Kind::not_found, "there is no such thread"},
    {"cgroup.threads", EOPNOTSUPP, Kind::conflict, "the group does not belong to the threaded tree in which the thread's process is"},
    {"cgroup.subtree_control", EBUSY, Kind::conflict, "processes are in the group itself (move them to a sub-group), or a sub-group still uses it"},
    {"cgroup.subtree_control", ENOENT, Kind::not_found, "the group above does not hand that controller down"},
    {"cgroup.subtree_control", EINVAL, Kind::invalid, "no such controller"},
    {"release_agent", EPERM, Kind::forbidden, "only in the host's first cgroup and user namespace"},
    {"net_prio.ifpriomap", ENODEV, Kind::not_found, "there is no such network interface"},
};

}  // namespace

Error refusal_of(const Write& write, const std::string& path, int number) {
    const std::string what = format("{}: set {} of {} to {}", write.why, write.file, path, quoted(write.value));
    for (const Meaning& meaning : k_meanings)
        if (meaning.number == number && std::string_view(write.file).starts_with(meaning.file))
            return Error::system(number, "{}", what).as(meaning.kind).hint("{}", meaning.sentence);
    if (number == EINVAL || number == ERANGE) {
        const auto v1 = explain_file(write.file, false), v2 = explain_file(write.file, true);
        if (v1 || v2) return Error::system(number, "{}", what).as(Kind::invalid).hint("{}", v1 ? v1->says : v2->says);
    }
    if (number == ENOENT) return Error::unsupported("{}: this kernel has no such setting", what);
    return Error::system(number, "{}", what);
}

}  // namespace skiff::cgroup
