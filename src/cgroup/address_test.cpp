// SPDX-License-Identifier: Apache-2.0
#include "cgroup/address.hpp"

#include <gtest/gtest.h>

namespace skiff::cgroup {
namespace {

Hierarchies hybrid() {
    Hierarchies found;
    found.mode = Mode::hybrid;
    found.trees.push_back({{"cpu", "cpuacct"}, "/cg/cpu"});
    found.trees.push_back({{"memory"}, "/cg/memory"});
    found.trees.push_back({{"name=jobs"}, "/cg/jobs"});
    found.trees.push_back({{}, "/cg/unified"});
    found.trees.back().is_v2 = true;
    return found;
}

std::string told(std::string_view text) {
    auto address = parse_address(text);
    if (!address) return address.error().text();
    ControllerFacts facts;
    facts.lines = parse_controllers("memory\t1\t1\t1\nhugetlb\t0\t1\t1\nnet_cls\t0\t1\t1\n");
    facts.on_v2 = {"hugetlb"};
    const Hierarchies mounted = hybrid();
    const auto trees = trees_of(*address, mounted, facts);
    if (!trees) return trees.error().text();
    std::string all = address->path + " in";
    for (const Hierarchy* tree : *trees) all += " " + tree->name();
    return all;
}

TEST(Address, WithoutTreesMeansAllOfThem) {
    EXPECT_EQ(told("/web//db/"), "/web/db in cpu,cpuacct memory name=jobs unified");
    EXPECT_EQ(told("web"), "/web in cpu,cpuacct memory name=jobs unified");
    EXPECT_EQ(told("/a:b"), "/a:b in cpu,cpuacct memory name=jobs unified");
}

TEST(Address, NamesTreesByControllerNameOrVersion) {
    EXPECT_EQ(told("memory,cpuacct,cpu:/x"), "/x in cpu,cpuacct memory");
    EXPECT_EQ(told("name=jobs:/"), "/ in name=jobs");
    EXPECT_EQ(told("jobs:/x"), "/x in name=jobs");
    EXPECT_EQ(told("unified:/x"), "/x in unified");
    EXPECT_EQ(told("hugetlb:/x"), "/x in unified");
}

TEST(Address, ThatCannotBeFoundSaysWhy) {
    EXPECT_EQ(told("net_cls:/x"), "the controller net_cls is not mounted here: nobody has mounted it; mount -t cgroup -o net_cls would");
    EXPECT_EQ(told("rdma:/x"), "the controller rdma is not mounted here: this kernel was built without it (CONFIG_CGROUP_RDMA)");
    EXPECT_EQ(told("nonsense:/x"), "no cgroup hierarchy is called \"nonsense\"; mounted are: cpu,cpuacct memory name=jobs unified");
    EXPECT_TRUE(trees_of({{}, "/"}, {}, {}).error().is(Kind::unsupported));
}

TEST(Address, NeverLeavesItsTree) {
    for (const char* text : {"/..", "../x", "memory:/a/../../b", "/a\nb"}) EXPECT_TRUE(parse_address(text).error().is(Kind::invalid)) << text;
    for (const char* text : {"", "memory:", ":/x", ",memory:/x"}) EXPECT_TRUE(parse_address(text).error().is(Kind::invalid)) << text;
}

}  // namespace
}  // namespace skiff::cgroup
