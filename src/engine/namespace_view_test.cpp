// SPDX-License-Identifier: Apache-2.0
#include "engine/namespace_view.hpp"

#include <gtest/gtest.h>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::engine {
namespace {

kernel::SeenNamespace seen(const char* kind, uint64_t inode, uint64_t parent, uint64_t owner) {
    kernel::SeenNamespace one;
    one.kind = kind, one.inode = inode, one.parent = parent, one.owner = owner;
    return one;
}

/// A host, a container in a user namespace of its own, and a name.
std::vector<ShownNamespace> a_host() {
    KeptName lab{"lab", {{"net", 30, "/l/net", true}, {"uts", 31, "/l/uts", false}}};
    return with_names({seen("net", 20, 0, 10), seen("net", 30, 0, 11), seen("pid", 40, 0, 10), seen("pid", 41, 40, 11), seen("user", 10, 0, 10),
                       seen("user", 11, 10, 10), seen("uts", 31, 0, 11)}, {lab});
}

std::string drawn(const std::vector<ShownNamespace>& all) {
    std::string text;
    for (const auto& [depth, shown] : order_as_tree(all)) text += std::string(depth, ' ') + format("{} {} {}\n", shown->seen.kind, shown->seen.inode, join(shown->names, ","));
    return text;
}

TEST(NamespaceView, ATreeHasChildrenBelowParentsAndWhatAUserNamespaceOwnsBelowIt) {
    EXPECT_EQ(drawn(a_host()),
              "user 10 \n"
              " net 20 \n"
              " pid 40 \n"
              "  pid 41 \n"
              " user 11 \n"
              "  net 30 lab\n"
              "  uts 31 \n"
              "uts 0 lab (incomplete)\n");
}

TEST(NamespaceView, WhoseParentIsOutOfSightStandsAtTheEdge) {
    EXPECT_EQ(drawn(with_names({seen("net", 30, 0, 11), seen("pid", 41, 40, 0)}, {})), "net 30 \npid 41 \n");
}

TEST(NamespaceView, ANameThatHasLostItsNamespaceDoesNotClaimTheNextOneWithThatNumber) {
    const auto all = a_host();
    for (const auto& shown : all)
        if (shown.seen.inode == 31) {
            EXPECT_TRUE(shown.names.empty());
        }
    ASSERT_TRUE(all.back().is_lost());
    EXPECT_EQ(why_alive(all.back()), "nothing");
}

TEST(NamespaceView, WhatKeepsOneAliveIsToldByTheStrongest) {
    ShownNamespace one{seen("net", 1, 0, 0), {}};
    EXPECT_EQ(why_alive(one), "descendant");
    one.seen.holders = {5};
    EXPECT_EQ(why_alive(one), "descriptor");
    one.seen.mounts = {"/run/netns/lab"};
    EXPECT_EQ(why_alive(one), "mount");
    one.seen.processes = {7};
    EXPECT_EQ(why_alive(one), "processes");
}

TEST(NamespaceView, TwoSetsAreComparedKindByKind) {
    std::string text;
    for (const auto& one : compare({{"net", 1}, {"uts", 2}, {"pid", 3}}, {{"net", 1}, {"uts", 9}, {"time", 4}}))
        text += format("{} {} {} {}\n", one.kind, one.a, one.b, verdict_on(one));
    EXPECT_EQ(text, "net 1 1 shared\npid 3 0 one side only\ntime 0 4 one side only\nuts 2 9 different\n");
}

}  // namespace
}  // namespace skiff::engine
