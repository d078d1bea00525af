// SPDX-License-Identifier: Apache-2.0
#include "cgroup/controllers.hpp"

#include <gtest/gtest.h>

namespace skiff::cgroup {
namespace {

Hierarchies hybrid() {
    Hierarchies found;
    found.mode = Mode::hybrid;
    found.trees.push_back({{"memory"}, "/sys/fs/cgroup/memory"});
    found.trees.push_back({{}, "/sys/fs/cgroup/unified"});
    found.trees.back().is_v2 = true;
    return found;
}

ControllerFacts facts() {
    ControllerFacts facts;
    facts.lines = parse_controllers("#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t106\t1\nhugetlb\t0\t5\t1\n"
                                    "pids\t8\t5\t1\nnet_cls\t0\t5\t1\ndevices\t0\t1\t0\nblkio\t0\t5\t1\nbroken line\n");
    facts.on_v2 = {"hugetlb", "io"};
    return facts;
}

TEST(Controllers, ThatAreNotMountedAreToldWithTheirReason) {
    const auto why = [](std::string_view name) { return why_absent(name, hybrid(), facts()); };
    EXPECT_EQ(why("hugetlb"), "it is on version 2, mounted at /sys/fs/cgroup/unified");
    EXPECT_EQ(why("blkio"), "it is on version 2, mounted at /sys/fs/cgroup/unified");
    EXPECT_EQ(why("net_cls"), "nobody has mounted it; mount -t cgroup -o net_cls would");
    EXPECT_EQ(why("pids"), "it is bound to the hierarchy 8, which this mount namespace does not mount");
    EXPECT_EQ(why("devices"), "it was disabled at boot (cgroup_disable=devices on the kernel's command line)");
    EXPECT_EQ(why("rdma"), "this kernel was built without it (CONFIG_CGROUP_RDMA)");
}

TEST(Controllers, OnAHostOfVersionTwoAreToldByWhatTookTheirPlace) {
    Hierarchies unified;
    unified.mode = Mode::unified;
    unified.trees.push_back({{}, "/sys/fs/cgroup"});
    unified.trees.back().is_v2 = true;
    EXPECT_EQ(why_absent("net_cls", unified, facts()), "version 2 has the match of a group's path in netfilter for it");
    EXPECT_EQ(why_absent("cpu", unified, {}), "this kernel does not tell whether it has it (/proc/cgroups)");
}

TEST(Controllers, OfTheTableHaveTheKernelsOption) {
    for (const std::string_view name : all_controllers()) EXPECT_FALSE(kernel_option_of(name).empty()) << name;
    EXPECT_TRUE(kernel_option_of("nonsense").empty());
    EXPECT_FALSE(is_controller("name=jobs"));
}

}  // namespace
}  // namespace skiff::cgroup
