// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/events_document.hpp"

#include <gtest/gtest.h>

namespace skiff::runtime_cli {
namespace {

TEST(EventLine, WithoutDataHasNone) { EXPECT_EQ(event_line("oom", "web"), "{\"type\":\"oom\",\"id\":\"web\"}\n"); }

TEST(StatsDocument, OfNothingHasTheMembersThatRuncWritesAlways) {
    EXPECT_EQ(stats_document({}).to_text(),
              R"({"cpu":{"usage":{"kernel":0,"user":0},"throttling":{}},"cpuset":{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,)"
              R"("memory_spread_page":0,"memory_spread_slab":0,"memory_pressure":0,"sched_load_balance":0,"sched_relax_domain_level":0},)"
              R"("memory":{"usage":{"limit":0,"failcnt":0},"swap":{"limit":0,"failcnt":0},"kernel":{"limit":0,"failcnt":0},"kernelTCP":{"limit":0,"failcnt":0}},)"
              R"("pids":{},"blkio":{},"hugetlb":{},"intel_rdt":{},"network_interfaces":null})");
}

TEST(StatsDocument, PressureHugePagesAndDevices) {
    cgroup::DetailedStats stats;
    stats.cpu_pressure = cgroup::Pressure{.some = {.avg10 = 1.5, .avg60 = 0, .avg300 = 0, .total = 9}, .full = {}};
    stats.hugepages["2MB"] = {.limit = 1, .usage = 2, .max = 3, .failcnt = 4};
    stats.io.bytes = {{.major = 8, .minor = 0, .op = "Read", .value = 4096}};
    const codec::Json json = stats_document(stats);
    EXPECT_EQ(json.find_path({"cpu", "psi", "some"})->to_text(), R"({"avg10":1.5,"avg60":0,"avg300":0,"total":9})");
    EXPECT_EQ(json.find("hugetlb")->to_text(), R"({"2MB":{"usage":2,"max":3,"failcnt":4}})");
    EXPECT_EQ(json.find("blkio")->to_text(), R"({"ioServiceBytesRecursive":[{"major":8,"op":"Read","value":4096}]})");
}

}  // namespace
}  // namespace skiff::runtime_cli
