// SPDX-License-Identifier: Apache-2.0
// update: other limits for a container that is there, from options or from a document.
#include <array>
#include <type_traits>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {
    Option{"resources", 'r', "FILE", "linux.resources as JSON, \"-\" for standard input; replaces the options below"},
    Option{"memory", 0, "SIZE", "memory (64m, or bytes; -1: no limit)"},
    Option{"memory-reservation", 0, "SIZE", "memory that it keeps when the host runs short"},
    Option{"memory-swap", 0, "SIZE", "memory and swap together (-1: no limit)"},
    Option{"cpu-period", 0, "MICROSECONDS", "the period over which the quota counts"},
    Option{"cpu-quota", 0, "MICROSECONDS", "processor time in a period (-1: no limit)"},
    Option{"cpu-burst", 0, "MICROSECONDS", "what it may save up of earlier periods"},
    Option{"cpu-share", 0, "NUMBER", "its share when processors are scarce (2 to 262144)"},
    Option{"cpu-idle", 0, "0|1", "1: runs only when nobody else wants to"},
    Option{"cpu-rt-period", 0, "MICROSECONDS", "the period of realtime"},
    Option{"cpu-rt-runtime", 0, "MICROSECONDS", "realtime in a period"},
    Option{"cpuset-cpus", 0, "LIST", "processors to run on (0-2,4)"},
    Option{"cpuset-mems", 0, "LIST", "memory nodes to use"},
    Option{"pids-limit", 0, "NUMBER", "processes and threads (-1: no limit)"},
    Option{"blkio-weight", 0, "NUMBER", "its share of block I/O (10 to 1000)"},
    Option{"kernel-memory", 0, "SIZE", "without effect: kernels count it as memory now"},
    Option{"kernel-memory-tcp", 0, "SIZE", "without effect, likewise"},
    Option{"l3-cache-schema", 0, "SCHEMA", "refused: Intel RDT is not supported"},
    Option{"mem-bw-schema", 0, "SCHEMA", "refused: Intel RDT is not supported"},
};

/// The number behind an option, if it was given.
template <class T>
Result<> read_number(const Arguments& arguments, std::string_view name, std::optional<T>& number) {
    if (!arguments.has(name)) return {};
    const std::string text = arguments.value(name);
    if constexpr (std::is_signed_v<T>) {
        if (const auto parsed = parse_int(text)) { number = parsed; return {}; }
    } else {
        if (const auto parsed = parse_uint(text); parsed && *parsed <= static_cast<T>(-1)) { number = static_cast<T>(*parsed); return {}; }
    }
    return Error::invalid("--{} {} is not a {}number", name, quoted(text), std::is_signed_v<T> ? "" : "natural ");
}

Result<> read_size(const Arguments& arguments, std::string_view name, std::optional<int64_t>& size) {
    if (!arguments.has(name)) return {};
    const std::string text = arguments.value(name);
    size = text == "-1" ? -1 : TRY_DOING(parse_size(text), "--{}", name);
    return {};
}

Result<oci::Resources> resources_from_options(const Globals& globals, const Arguments& arguments) {
    for (const std::string_view name : {"l3-cache-schema", "mem-bw-schema"})
        if (arguments.has(name)) return Error::unsupported("--{}: Intel RDT (resctrl) is not supported", name);
    for (const std::string_view name : {"kernel-memory", "kernel-memory-tcp"})
        if (arguments.has(name)) globals.warn(format("--{} has no effect: this memory is counted in --memory, and the kernel has no limit of its own for it any more", name));
    oci::Resources resources;
    oci::MemoryLimits memory;
    TRY(read_size(arguments, "memory", memory.limit));
    TRY(read_size(arguments, "memory-reservation", memory.reservation));
    TRY(read_size(arguments, "memory-swap", memory.swap));
    oci::CpuLimits cpu;
    TRY(read_number(arguments, "cpu-period", cpu.period));
    TRY(read_number(arguments, "cpu-quota", cpu.quota));
    TRY(read_number(arguments, "cpu-burst", cpu.burst));
    TRY(read_number(arguments, "cpu-share", cpu.shares));
    TRY(read_number(arguments, "cpu-idle", cpu.idle));
    TRY(read_number(arguments, "cpu-rt-period", cpu.realtime_period));
    TRY(read_number(arguments, "cpu-rt-runtime", cpu.realtime_runtime));
    cpu.cpus = arguments.value("cpuset-cpus");
    cpu.mems = arguments.value("cpuset-mems");
    if (memory.limit || memory.reservation || memory.swap) resources.memory = memory;
    resources.cpu = std::move(cpu);
    TRY(read_number(arguments, "pids-limit", resources.pids_limit));
    if (arguments.has("blkio-weight")) TRY(read_number(arguments, "blkio-weight", resources.block_io.emplace().weight));
    return resources;
}

Result<oci::Resources> resources_from(const std::string& file) {
    const std::string text = TRY_DOING(file == "-" ? kernel::read_to_end(kernel::FdView::of(0)) : kernel::read_whole_file(file), "--resources {}", file);
    return TRY_DOING(oci::parse_resources(text), "--resources {}", file);
}

Result<int> update(const Globals& globals, const Arguments& arguments) {
    const ContainerId id = TRY(ContainerId::parse(arguments.operands()[0]));
    const runtime::StateDir states = TRY(globals.states());
    const oci::Resources resources = arguments.has("resources") ? TRY(resources_from(arguments.value("resources"))) : TRY(resources_from_options(globals, arguments));
    TRY(runtime::update(id, states, resources));
    return 0;
}

}  // namespace

const Verb k_update = {.name = "update", .operands = "ID", .summary = "Give a container other limits: all of them or none.", .options = k_options,
                       .least = 1, .most = 1, .carry_out = update};

}  // namespace skiff::runtime_cli
