// SPDX-License-Identifier: Apache-2.0
#include "engine/event_filter.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

using Filters = std::vector<std::pair<std::string, std::string>>;

codec::Event container_event(const std::string& action) {
    return {.at_ns = 1, .type = "container", .action = action, .id = std::string(64, 'a'), .attributes = {{"name", "web"}, {"image", "debian:12"}, {"tier", "front"}}, .key = {}};
}
codec::Event image_event(const std::string& action) {
    return {.at_ns = 1, .type = "image", .action = action, .id = "sha256:" + std::string(64, 'b'), .attributes = {{"name", "debian:12"}}, .key = {}};
}
bool accepts(const Filters& filters, const codec::Event& event) { return EventFilter::parse(filters)->accepts(event); }

TEST(EventFilter, ValuesOfOneKeyAreAlternativesAndKeysMustAllHold) {
    EXPECT_TRUE(accepts({}, container_event("die")));
    EXPECT_TRUE(accepts({{"event", "start"}, {"event", "die"}}, container_event("die")));
    EXPECT_FALSE(accepts({{"event", "start"}, {"event", "stop"}}, container_event("die")));
    EXPECT_TRUE(accepts({{"event", "die"}, {"container", "web"}}, container_event("die")));
    EXPECT_FALSE(accepts({{"event", "die"}, {"container", "other"}}, container_event("die")));
    EXPECT_TRUE(accepts({{"event", "exec_start"}}, container_event("exec_start: /bin/true")));
    EXPECT_FALSE(accepts({{"event", "exec"}}, container_event("exec_start: /bin/true")));
}

TEST(EventFilter, ContainersAreMeantByNameOrTheBeginningOfTheirId) {
    EXPECT_TRUE(accepts({{"container", "aaaa"}}, container_event("die")));
    EXPECT_FALSE(accepts({{"container", "we"}}, container_event("die")));
    EXPECT_FALSE(accepts({{"container", "debian:12"}}, image_event("tag")));
}

TEST(EventFilter, AnImageIsMeantByNameWithOrWithoutTagOrById) {
    for (const char* typed : {"debian:12", "debian", "bbbb", "sha256:bbbb"}) EXPECT_TRUE(accepts({{"image", typed}}, image_event("tag"))) << typed;
    EXPECT_TRUE(accepts({{"image", "debian"}}, container_event("start")));
    EXPECT_FALSE(accepts({{"image", "deb"}}, container_event("start")));
    EXPECT_FALSE(accepts({{"image", "debian:1"}}, image_event("tag")));
}

TEST(EventFilter, LabelsMustAllHold) {
    EXPECT_TRUE(accepts({{"label", "tier"}}, container_event("die")));
    EXPECT_TRUE(accepts({{"label", "tier=front"}, {"type", "container"}}, container_event("die")));
    EXPECT_FALSE(accepts({{"label", "tier=front"}, {"label", "other"}}, container_event("die")));
}

TEST(EventFilter, AnUnknownKeyIsRefusedByName) {
    const auto filter = EventFilter::parse({{"volume", "x"}});
    ASSERT_FALSE(filter);
    EXPECT_NE(filter.error().text().find("volume"), std::string::npos);
}

}  // namespace
}  // namespace skiff::engine
