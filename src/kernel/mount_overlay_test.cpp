// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_overlay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::kernel {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr MountFacts k_linux_6_1{.by_descriptor = true, .layers_one_by_one = false, .has_volatile_overlays = true};

/// An image's layers as the engine names them, and a container's own.
OverlayLayers image_of(size_t count) {
    OverlayLayers layers;
    layers.lower.push_back("/var/lib/skiff/containers/" + std::string(64, 'a') + "/init");
    for (size_t i = 0; i < count; ++i) layers.lower.push_back(format("/var/lib/skiff/layers/{:08x}/diff", i));
    layers.upper = "/var/lib/skiff/containers/" + std::string(64, 'a') + "/upper";
    layers.work = "/var/lib/skiff/containers/" + std::string(64, 'a') + "/work";
    return layers;
}

TEST(MountOverlay, LayersAreCountedAgainstTheLongestStringOnlyWhereTheyStandInOne) {
    EXPECT_TRUE(can_mount_detached(image_of(3), k_linux_6_1));
    EXPECT_FALSE(can_mount_detached(image_of(7), k_linux_6_1));
    EXPECT_TRUE(can_mount_detached(image_of(400), {}));
    OverlayLayers deep = image_of(1);
    deep.upper = "/" + std::string(255, 'u');
    EXPECT_FALSE(can_mount_detached(deep, {}));
    EXPECT_FALSE(can_mount_detached(image_of(1), {.by_descriptor = false}));
}

TEST(MountOverlay, AHundredAndTwentyEightLayersFitIntoAPageOfOptions) {
    const auto call = plan_overlay_call(image_of(128), k_linux_6_1);
    ASSERT_TRUE(call) << call.error().text();
    EXPECT_EQ(call->base, "/var/lib/skiff/layers");
    EXPECT_TRUE(call->options.starts_with("lowerdir=/var/lib/skiff/containers/" + std::string(64, 'a') + "/init:00000000/diff:00000001/diff:")) << call->options;
    EXPECT_LE(call->options.size(), 4095u);
    EXPECT_THAT(call->options, HasSubstr("/diff,upperdir=/var/lib/skiff/containers/"));
}

TEST(MountOverlay, MoreThanAPageIsRefusedWithItsLength) {
    EXPECT_THAT(plan_overlay_call(image_of(400), k_linux_6_1).error().text(), HasSubstr("an overlay of 401 layers: their names need"));
}

TEST(MountOverlay, CharactersThatSeparateAreEscaped) {
    const auto call = plan_overlay_call({.lower = {"/l/a:b", "/l/c,d\\"}, .upper = "/u,1", .work = "/w:1"}, k_linux_6_1);
    ASSERT_TRUE(call);
    EXPECT_EQ(call->base, "/l");
    EXPECT_EQ(call->options, "lowerdir=a\\:b:c\\,d\\\\,upperdir=/u\\,1,workdir=/w\\:1");
}

TEST(MountOverlay, AnOldKernelIsNotAskedForWhatItLacks) {
    OverlayLayers layers = image_of(1);
    layers.is_volatile = true;
    EXPECT_THAT(plan_overlay_call(layers, k_linux_6_1)->options, HasSubstr(",volatile"));
    EXPECT_THAT(plan_overlay_call(layers, {.by_descriptor = false, .layers_one_by_one = false, .has_volatile_overlays = false})->options, Not(HasSubstr("volatile")));
}

}  // namespace
}  // namespace skiff::kernel
