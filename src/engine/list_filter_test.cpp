// SPDX-License-Identifier: Apache-2.0
#include "engine/list_filter.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

using Filters = std::vector<std::pair<std::string, std::string>>;

ContainerSummary web() {
    ContainerSummary c;
    c.id = "abc123", c.name = "web", c.image = "debian:12", c.image_id = "sha256:feedbeef", c.created_ns = 100, c.network = "none";
    c.state.status = ContainerStatus::exited, c.state.exit_code = 3, c.labels = {{"a", "1"}, {"b", ""}}, c.mounts = {"/srv"};
    return c;
}
bool accepted(Filters filters, ListFilter::Bounds bounds = {}) { return ListFilter::parse(std::move(filters))->accepts(web(), bounds); }

TEST(ListFilter, ValuesOfOneKeyAreAlternativesAndKeysMustAllHold) {
    EXPECT_TRUE(accepted({}));
    EXPECT_TRUE(accepted({{"name", "x"}, {"name", "we"}}));
    EXPECT_FALSE(accepted({{"name", "web"}, {"status", "running"}}));
    EXPECT_TRUE(accepted({{"name", "web"}, {"status", "running"}, {"status", "exited"}}));
    EXPECT_TRUE(accepted({{"id", "abc"}}));
    EXPECT_FALSE(accepted({{"id", "bc"}}));
}

TEST(ListFilter, LabelsMustAllHold) {
    EXPECT_TRUE(accepted({{"label", "a"}, {"label", "b"}}));
    EXPECT_TRUE(accepted({{"label", "a=1"}}));
    EXPECT_FALSE(accepted({{"label", "a=1"}, {"label", "c"}}));
    EXPECT_FALSE(accepted({{"label", "a=2"}}));
}

TEST(ListFilter, AnUnknownExitCodeIsNoCode) {
    EXPECT_TRUE(accepted({{"exited", "3"}}));
    EXPECT_FALSE(accepted({{"exited", "0"}}));
    auto unknown = web();
    unknown.state.exit_code.reset();
    EXPECT_FALSE(ListFilter::parse({{"exited", "0"}})->accepts(unknown, {}));
    EXPECT_FALSE(ListFilter::parse({{"exited", "255"}})->accepts(unknown, {}));
}

TEST(ListFilter, AncestorsAndBounds) {
    EXPECT_TRUE(accepted({{"ancestor", "debian:12"}}));
    EXPECT_TRUE(accepted({{"ancestor", "feedbe"}}));
    EXPECT_TRUE(accepted({{"ancestor", "sha256:feedbe"}}));
    EXPECT_FALSE(accepted({{"ancestor", "debian"}}));
    EXPECT_TRUE(accepted({}, {101, 99}));
    EXPECT_FALSE(accepted({}, {100, {}}));
    EXPECT_FALSE(accepted({}, {{}, 100}));
}

TEST(ListFilter, NonsenseIsRefused) {
    EXPECT_FALSE(ListFilter::parse({{"colour", "red"}}));
    EXPECT_FALSE(ListFilter::parse({{"status", "sleeping"}}));
    EXPECT_FALSE(ListFilter::parse({{"exited", "x"}}));
}

}  // namespace
}  // namespace skiff::engine
