// SPDX-License-Identifier: Apache-2.0
#include "kernel/user_namespace.hpp"

#include <gtest/gtest.h>

namespace skiff::kernel {
namespace {

TEST(IdMap, IsReadAsTheKernelShowsIt) {
    const auto map = parse_id_map("         0      54321          1\n         1     700000      65535\n");
    ASSERT_TRUE(map) << map.error().text();
    EXPECT_EQ(*map, (IdMap{{0, 54321, 1}, {1, 700000, 65535}}));
    EXPECT_EQ(to_text(*map), "0 54321 1\n1 700000 65535\n");
    EXPECT_TRUE(is_mapped(*map, 0));
    EXPECT_TRUE(is_mapped(*map, 65535));
    EXPECT_FALSE(is_mapped(*map, 65536));
    EXPECT_EQ(parse_id_map("0 0\n").error().kind(), Kind::corrupt);
}

TEST(UserNamespace, AHeldOneLivesBelowOursAndEndsWithItsLeash) {
    auto holder = hold_new_user_namespace();
    if (!holder && (holder.error().is(Kind::forbidden) || holder.error().is_errno(ENOSPC))) GTEST_SKIP() << holder.error().text();
    ASSERT_TRUE(holder) << holder.error().text();
    EXPECT_TRUE(user_namespace_below_ours(holder->child.pid()));
    EXPECT_TRUE(user_namespace_below_ours(getpid()).error().is(Kind::not_found));
    holder->leash.reset();
    const auto ending = holder->child.wait();
    ASSERT_TRUE(ending) << ending.error().text();
    EXPECT_EQ(ending->code(), 0);
}

}  // namespace
}  // namespace skiff::kernel
