// SPDX-License-Identifier: Apache-2.0
#include "cli/network_words.hpp"

#include <gtest/gtest.h>

#include "cli/create_options.hpp"

namespace skiff::cli {
namespace {

Result<engine::CreateRequest> request_of(const std::vector<std::string>& words) {
    const auto given = TRY(read_options({create_options(), {}, refused_create_options(), true}, words, "run"));
    engine::CreateRequest request;
    TRY(fill_networks(given, request));
    return request;
}

TEST(NetworkWords, OursAndDockersSpellingsMeanTheSame) {
    for (const char* text : {"lab:alias=db,alias=sql,ip=10.0.0.5,ip6=fd00::5,mac=02:42:00:00:00:01", "name=lab,alias=db,alias=sql,ip=10.0.0.5,ip6=fd00::5,mac-address=02:42:00:00:00:01"}) {
        const auto wish = parse_network_wish(text);
        ASSERT_TRUE(wish) << wish.error().text();
        EXPECT_EQ(wish->network, "lab");
        EXPECT_EQ(wish->aliases, (std::vector<std::string>{"db", "sql"}));
        EXPECT_EQ(wish->ip, "10.0.0.5");
        EXPECT_EQ(wish->ip6, "fd00::5");
        EXPECT_EQ(wish->mac, "02:42:00:00:00:01");
    }
    EXPECT_EQ(parse_network_wish("default")->network, "bridge");
    for (const char* text : {"", ":ip=10.0.0.5", "lab:ip", "lab:ip=", "lab:speed=1", "name=,ip=10.0.0.1"}) EXPECT_FALSE(parse_network_wish(text)) << text;
}

TEST(NetworkWords, AModeStandsAlone) {
    EXPECT_EQ(request_of({"--network", "host", "image"})->network, "host");
    EXPECT_TRUE(request_of({"image"})->networks.empty());
    EXPECT_EQ(request_of({"--network", "a", "--network", "b", "image"})->networks.size(), 2U);
    EXPECT_EQ(request_of({"--network", "a", "--network", "host", "image"}).error().text(), "--network host goes with no other network");
    EXPECT_FALSE(request_of({"--network", "host", "--ip", "10.0.0.1", "image"}));
    EXPECT_FALSE(request_of({"--ip", "10.0.0.1", "image"}));
}

TEST(NetworkWords, OptionsOfTheirOwnMeanTheOneNetwork) {
    const auto request = request_of({"--network", "a", "--ip", "10.0.0.1", "--ip6", "fd00::1", "--mac-address", "02:42:00:00:00:01", "--network-alias", "x", "image"});
    ASSERT_TRUE(request);
    EXPECT_EQ(request->networks[0].ip, "10.0.0.1");
    EXPECT_EQ(request->networks[0].ip6, "fd00::1");
    EXPECT_EQ(request->networks[0].mac, "02:42:00:00:00:01");
    EXPECT_EQ(request->networks[0].aliases, std::vector<std::string>{"x"});
    EXPECT_FALSE(request_of({"--network", "a", "--network", "b", "--ip", "10.0.0.1", "image"}));
}

}  // namespace
}  // namespace skiff::cli
