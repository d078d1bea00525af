// SPDX-License-Identifier: Apache-2.0
#include "engine/image_settings.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "engine/container_record.hpp"

namespace skiff::engine {
namespace {

using Texts = std::vector<std::string>;

ImageSettings image(std::optional<Texts> entrypoint, Texts command) {
    ImageSettings settings;
    settings.entrypoint = std::move(entrypoint), settings.command = std::move(command);
    return settings;
}

std::string executed(std::optional<Texts> entrypoint, Texts command, const ImageSettings& settings) {
    CreateRequest request;
    request.entrypoint = std::move(entrypoint), request.command = std::move(command);
    auto joined = join_image(std::move(request), settings);
    if (!joined) return "error: " + joined.error().text();
    ContainerRecord record;
    record.config = *joined;
    return join(record.arguments(), " ");
}

TEST(JoinImage, EntrypointAndCommandFollowDockersTable) {
    EXPECT_EQ(executed({}, {}, image({}, {"bash"})), "bash");
    EXPECT_EQ(executed({}, {"ls"}, image({}, {"bash"})), "ls");
    EXPECT_EQ(executed({}, {}, image(Texts{"tini", "--"}, {"bash"})), "tini -- bash");
    EXPECT_EQ(executed({}, {"ls"}, image(Texts{"tini", "--"}, {"bash"})), "tini -- ls");
    EXPECT_EQ(executed(Texts{"sh"}, {}, image(Texts{"tini", "--"}, {"bash"})), "sh");
    EXPECT_EQ(executed(Texts{"sh"}, {"-c", "x"}, image(Texts{"tini"}, {"bash"})), "sh -c x");
    EXPECT_EQ(executed(Texts{""}, {"ls"}, image(Texts{"tini"}, {"bash"})), "ls");
    EXPECT_EQ(executed(Texts{""}, {}, image(Texts{"tini"}, {"bash"})), "error: no command specified");
    EXPECT_EQ(executed({}, {}, image({}, {})), "error: no command specified");
}

TEST(JoinImage, TheUsersVariablesWinAndAnImageNeverNamesTheHosts) {
    CreateRequest request;
    request.command = {"x"}, request.environment = {{"A", "user"}};
    ImageSettings settings;
    settings.environment = {"A=image", "B=image", "HOSTSECRET", "HOST*", "=x", "C="};
    const auto joined = join_image(request, settings).value();
    std::string shown;
    for (const auto& [name, value] : joined.environment) shown += name + "=" + value + ";";
    EXPECT_EQ(shown, "A=user;B=image;C=;");
}

TEST(JoinImage, FillsInOnlyWhatTheUserLeftOpen) {
    CreateRequest request;
    request.command = {"x"}, request.user = "me", request.labels = {{"k", "user"}};
    ImageSettings settings;
    settings.user = "them", settings.workdir = "/w", settings.stop_signal = "SIGINT", settings.labels = {{"k", "image"}, {"l", "image"}};
    const auto joined = join_image(request, settings).value();
    EXPECT_EQ(joined.user, "me");
    EXPECT_EQ(joined.workdir, "/w");
    EXPECT_EQ(joined.stop_signal, "SIGINT");
    EXPECT_EQ(joined.labels, (std::map<std::string, std::string>{{"k", "user"}, {"l", "image"}}));
}

TEST(JoinImage, RefusesWhatTheKernelWouldMisread) {
    const auto refused = [](auto change) {
        CreateRequest request;
        request.command = {"x"};
        change(request);
        return !join_image(request, {});
    };
    EXPECT_TRUE(refused([](auto& r) { r.workdir = "relative"; }));
    EXPECT_TRUE(refused([](auto& r) { r.stop_signal = "SIGNOTHING"; }));
    EXPECT_TRUE(refused([](auto& r) { r.environment = {{"", "x"}}; }));
    EXPECT_TRUE(refused([](auto& r) { r.environment = {{"A", std::string("a\0b", 3)}}; }));
    EXPECT_TRUE(refused([](auto& r) { r.command = {std::string("a\0b", 3)}; }));
}

}  // namespace
}  // namespace skiff::engine
