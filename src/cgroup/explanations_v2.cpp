// SPDX-License-Identifier: Apache-2.0
// What the files of version 2 are for: those that every group has, then by controller.
#include "cgroup/explanation.hpp"

namespace skiff::cgroup {
namespace {

constexpr ExplainedFile k_files[] = {
    {"cgroup.type", "domain: holds processes; threaded: holds single threads (writing it makes it so); domain threaded, domain invalid: what follows from that", ""},
    {"cgroup.procs", "Processes in the group; writing a number moves that process here with all its threads", "cgroup.procs"},
    {"cgroup.threads", "Threads in the group; writing a number moves that thread here, within one threaded tree", "tasks"},
    {"cgroup.controllers", "Controllers that the group above hands down and that can be handed on", ""},
    {"cgroup.subtree_control", "Controllers that sub-groups have; \"+memory -pids\" adds and takes. Only while no process is in the group itself", ""},
    {"cgroup.events", "populated: whether a process is in it or below; frozen: whether all of them have stopped", "notify_on_release, freezer.state"},
    {"cgroup.freeze", "1 stops every process where it is, 0 lets them go on", "freezer.state"},
    {"cgroup.kill", "Writing 1 ends every process in it and below with SIGKILL", ""},
    {"cgroup.max.descendants", "Most groups that can be below it; max: no limit", ""},
    {"cgroup.max.depth", "How deep groups below it can be nested; max: no limit", ""},
    {"cgroup.stat", "How many groups are below it, and how many removed ones the kernel still remembers", ""},
    {"cgroup.stat.local", "Microseconds for which it was frozen", ""},
    {"cgroup.pressure", "0: how long it waits for processors, memory and devices is not counted", ""},
    {"cpu.pressure", "Share of time for which some or all processes waited for a processor; takes thresholds for poll(2)", ""},
    {"memory.pressure", "Share of time for which some or all processes waited for memory; takes thresholds for poll(2)", "memory.pressure_level"},
    {"io.pressure", "Share of time for which some or all processes waited for a device; takes thresholds for poll(2)", ""},
    {"irq.pressure", "Share of time that interrupts took from all processes; takes thresholds for poll(2)", ""},

    {"cpu.weight", "Weight against the groups beside it when processors are busy: 1 to 10000, 100 at first", "cpu.shares"},
    {"cpu.weight.nice", "The same as a nice value: -20 to 19", "cpu.shares"},
    {"cpu.max", "\"QUOTA PERIOD\": microseconds of processor time in each period of so many microseconds; max: as many as it wants", "cpu.cfs_quota_us, cpu.cfs_period_us"},
    {"cpu.max.burst", "Microseconds of unused quota that may be saved for a later period", "cpu.cfs_burst_us"},
    {"cpu.idle", "1: the group runs only when nobody else wants the processor", "cpu.idle"},
    {"cpu.stat", "Microseconds used, in programs and in the kernel; with the controller, how often and long the quota held it back", "cpuacct.usage, cpu.stat"},
    {"cpu.stat.local", "Microseconds for which quotas here or above held the group back", "cpu.stat.local"},
    {"cpu.uclamp.min", "Processor speed, in percent, that the group's threads are granted at least", "cpu.uclamp.min"},
    {"cpu.uclamp.max", "Processor speed, in percent, that the group's threads are granted at most", "cpu.uclamp.max"},

    {"cpuset.cpus", "Processors that the group asks for, such as 0-2,4; empty: those of the group above", "cpuset.cpus"},
    {"cpuset.cpus.effective", "Processors that it gets", "cpuset.effective_cpus"},
    {"cpuset.cpus.exclusive", "Processors that it keeps for a partition of its own", "cpuset.cpu_exclusive"},
    {"cpuset.cpus.exclusive.effective", "Those of them that it gets", ""},
    {"cpuset.cpus.partition", "member: as the group above; root: a partition with its own balancing; isolated: one without any", "cpuset.sched_load_balance"},
    {"cpuset.cpus.isolated", "Processors of all isolated partitions (top group only)", ""},
    {"cpuset.cpus.subpartitions", "Processors that partitions below it took; for those who work on the kernel", ""},
    {"cpuset.mems", "Memory nodes that the group asks for; empty: those of the group above", "cpuset.mems"},
    {"cpuset.mems.effective", "Memory nodes that it gets", "cpuset.effective_mems"},

    {"io.max", "Most bytes and operations a second: \"MAJOR:MINOR rbps=N wbps=N riops=N wiops=N\"; max lifts one", "blkio.throttle.read_bps_device, blkio.throttle.write_bps_device, blkio.throttle.read_iops_device, blkio.throttle.write_iops_device"},
    {"io.stat", "Bytes and operations on each device: read, written, discarded", "blkio.throttle.io_service_bytes_recursive, blkio.throttle.io_serviced_recursive"},
    {"io.weight", "Weight against the groups beside it where io.cost is in use: \"default N\" or \"MAJOR:MINOR N\", 1 to 10000", "blkio.bfq.weight"},
    {"io.bfq.weight", "Weight on devices with the scheduler bfq: \"default N\" or \"MAJOR:MINOR N\", 1 to 1000", "blkio.bfq.weight, blkio.bfq.weight_device"},
    {"io.latency", "Microseconds an operation may take before groups with a laxer target are slowed: \"MAJOR:MINOR target=N\"", ""},
    {"io.low", "Bytes and operations a second that the group is meant to have at least, in io.max's form; gone since Linux 6.10", ""},
    {"io.cost.qos", "How well a device must answer for io.weight to let it be used fully (top group only)", ""},
    {"io.cost.model", "What operations cost on a device, for io.weight (top group only)", ""},
    {"io.prio.class", "What becomes of the priority of operations: no-change, promote-to-rt, restrict-to-be, idle", "blkio.prio.class"},

    {"memory.max", "Most memory that the group may hold, in whole pages. What cannot be freed is ended by the OOM killer", "memory.limit_in_bytes"},
    {"memory.high", "Memory above which the group is slowed and squeezed, but not killed", "memory.soft_limit_in_bytes"},
    {"memory.low", "Memory that is taken from the group only when others have none to give", ""},
    {"memory.min", "Memory that is never taken from the group", ""},
    {"memory.current", "Bytes in use now, the page cache of its files included", "memory.usage_in_bytes"},
    {"memory.peak", "Most bytes that were ever in use; a write starts again for whoever holds the file open", "memory.max_usage_in_bytes"},
    {"memory.events", "How often low, high and max were met and the OOM killer came, sub-groups included", "memory.failcnt, memory.oom_control"},
    {"memory.events.local", "The same in this group alone", "memory.failcnt, memory.oom_control"},
    {"memory.stat", "Table of what the memory is: anonymous, files, the kernel's, sockets, faults", "memory.stat"},
    {"memory.numa_stat", "The same on each memory node", "memory.numa_stat"},
    {"memory.oom.group", "1: the OOM killer ends all processes of the group or none", ""},
    {"memory.reclaim", "Writing a number of bytes frees as many, if it can", "memory.force_empty"},
    {"memory.swap.current", "Bytes in swap now", "memory.memsw.usage_in_bytes"},
    {"memory.swap.max", "Most bytes in swap, memory not counted", "memory.memsw.limit_in_bytes"},
    {"memory.swap.high", "Bytes in swap above which the group is slowed", ""},
    {"memory.swap.peak", "Most bytes that were ever in swap", "memory.memsw.max_usage_in_bytes"},
    {"memory.swap.events", "How often high and max were met, and how often swap was full", "memory.memsw.failcnt"},
    {"memory.zswap.current", "Bytes that compressed pages take", ""},
    {"memory.zswap.max", "Most bytes that compressed pages may take", ""},
    {"memory.zswap.writeback", "0: compressed pages are never written out to the swap device", ""},

    {"pids.max", "Most processes and threads that can be in the group; max: no limit. fork(2) beyond it fails with EAGAIN", "pids.max"},
    {"pids.current", "Processes and threads in it and below now", "pids.current"},
    {"pids.peak", "Most that were ever in it", "pids.peak"},
    {"pids.events", "How often a limit refused one, sub-groups included", "pids.events"},
    {"pids.events.local", "The same for the limit of this group alone", "pids.events"},

    {"hugetlb.*.max", "Most memory in huge pages of * that programs may use", "hugetlb.*.limit_in_bytes"},
    {"hugetlb.*.current", "Bytes in huge pages of * in use now", "hugetlb.*.usage_in_bytes"},
    {"hugetlb.*.events", "How often a huge page of * was refused, sub-groups included", "hugetlb.*.failcnt"},
    {"hugetlb.*.events.local", "The same in this group alone", "hugetlb.*.failcnt"},
    {"hugetlb.*.rsvd.max", "Most memory in huge pages of * that may be set aside for later use", "hugetlb.*.rsvd.limit_in_bytes"},
    {"hugetlb.*.rsvd.current", "Bytes in huge pages of * that are set aside", "hugetlb.*.rsvd.usage_in_bytes"},
    {"hugetlb.*.numa_stat", "Bytes in huge pages of * on each memory node", "hugetlb.*.numa_stat"},

    {"rdma.max", "Most handles and objects on each RDMA device: \"DEVICE hca_handle=N hca_object=N\"", "rdma.max"},
    {"rdma.current", "Handles and objects in use now", "rdma.current"},

    {"misc.max", "Most of each countable thing of the machine, such as ids for encrypted guests: \"NAME N\"", "misc.max"},
    {"misc.current", "How many are in use now", "misc.current"},
    {"misc.peak", "Most that were ever in use", "misc.peak"},
    {"misc.capacity", "How many the machine has (top group only)", "misc.capacity"},
    {"misc.events", "How often the limit refused one, sub-groups included", "misc.events"},
    {"misc.events.local", "The same in this group alone", "misc.events.local"},

    {"dmem.max", "Most memory of each device, such as a graphics card: \"REGION BYTES\"", "dmem.max"},
    {"dmem.low", "Memory of a device that is taken from the group only when others have none to give", "dmem.low"},
    {"dmem.min", "Memory of a device that is never taken from the group", "dmem.min"},
    {"dmem.current", "Bytes of each device in use now", "dmem.current"},
    {"dmem.capacity", "Bytes that each device has (top group only)", "dmem.capacity"},

    {"debug.*", "For those who work on the kernel", "debug.*"},
};

}  // namespace

std::span<const ExplainedFile> files_of_v2() { return k_files; }

}  // namespace skiff::cgroup
