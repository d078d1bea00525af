// SPDX-License-Identifier: Apache-2.0
#include "engine/names.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

TEST(ContainerName, FollowsDockersRule) {
    for (const char* good : {"web", "w1", "0a", "a.b-c_d", "Web.2"}) EXPECT_EQ(checked_name(good).value(), good);
    for (const char* bad : {"", "a", "-web", ".web", "_web", "we b", "web/x", "w\n", "../x", "/", "wéb", "//web"})
        EXPECT_FALSE(checked_name(bad)) << bad;
    EXPECT_FALSE(checked_name(std::string(256, 'a')));
    EXPECT_EQ(checked_name("/web").value(), "web");
}

TEST(ContainerName, AGeneratedOneIsAlwaysAllowed) {
    for (uint64_t seed = 0; seed < 7000; ++seed)
        for (int attempt : {0, 1, 12}) ASSERT_TRUE(checked_name(name_from(seed, attempt))) << name_from(seed, attempt);
    EXPECT_NE(name_from(1, 0), name_from(2, 0));
    EXPECT_NE(name_from(1, 0), name_from(1, 1));
}

}  // namespace
}  // namespace skiff::engine
