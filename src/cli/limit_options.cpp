// SPDX-License-Identifier: Apache-2.0
#include "cli/limit_options.hpp"

#include "cli/option_values.hpp"

namespace skiff::cli {

Result<engine::ResourceLimits> parse_limits(const Given& given) {
    engine::ResourceLimits limits;
    if (given.has("memory")) limits.memory = TRY(parse_bytes("--memory", *given.value("memory")));
    if (given.has("memory-reservation")) limits.memory_reservation = TRY(parse_bytes("--memory-reservation", *given.value("memory-reservation")));
    if (given.has("memory-swap")) limits.memory_swap = TRY(parse_bytes("--memory-swap", *given.value("memory-swap"), true));
    if (given.has("cpus")) limits.nano_cpus = TRY(parse_cpus(*given.value("cpus")));
    if (given.has("cpu-shares")) limits.cpu_shares = static_cast<uint64_t>(TRY(parse_whole("--cpu-shares", *given.value("cpu-shares"), 0, INT64_MAX)));
    if (given.has("pids-limit")) limits.pids_limit = TRY(parse_whole("--pids-limit", *given.value("pids-limit"), -1, INT64_MAX));
    if (given.has("blkio-weight")) {
        const int64_t weight = TRY(parse_whole("--blkio-weight", *given.value("blkio-weight"), 0, 1000));
        if (weight > 0 && weight < 10) return Error::invalid("--blkio-weight {}: expected a whole number from 10 to 1000, or 0 for none", weight);
        limits.blkio_weight = static_cast<uint16_t>(weight);
    }
    limits.cpuset_cpus = given.value_or("cpuset-cpus", "");
    limits.cpuset_mems = given.value_or("cpuset-mems", "");
    return limits;
}

}  // namespace skiff::cli
