// SPDX-License-Identifier: Apache-2.0
#include "base/kernel_version.hpp"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(KernelVersion, IsReadAsUnameGivesIt) {
    EXPECT_EQ(parse_kernel_version("6.18.44-fc-v669").value(), (KernelVersion{6, 18}));
    EXPECT_EQ(parse_kernel_version("4.8").value(), (KernelVersion{4, 8}));
    EXPECT_FALSE(parse_kernel_version("6"));
    EXPECT_FALSE(parse_kernel_version("six.one"));
    EXPECT_GT(running_kernel(), (KernelVersion{5, 0}));
}

}  // namespace
}  // namespace skiff
