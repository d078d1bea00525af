// SPDX-License-Identifier: Apache-2.0
#include "monitor/protocol.hpp"

#include <gtest/gtest.h>

namespace skiff::monitor {
namespace {

template <class Message> Message round_trip_request(const Request& request) {
    const std::string packet = encode(request);
    const auto decoded = decode_request(bytes_of(packet));
    EXPECT_TRUE(decoded);
    return std::get<Message>(*decoded);
}

TEST(Protocol, AnAttachKeepsItsStreamsAndSize) {
    const auto ask = round_trip_request<AskAttach>(AskAttach{.streams = {.in = true, .out = false, .err = true}, .size = {.rows = 24, .columns = 80}});
    EXPECT_EQ(ask.streams, (Streams{.in = true, .out = false, .err = true}));
    EXPECT_EQ(ask.size, (TerminalSize{.rows = 24, .columns = 80}));
}

TEST(Protocol, WhoAsksAboutMemorySaysWhetherItIsToBeLeftAlone) {
    EXPECT_TRUE(round_trip_request<AskMemory>(AskMemory{true}).lets_be);
    EXPECT_FALSE(round_trip_request<AskMemory>(AskMemory{false}).lets_be);
}

TEST(Protocol, ANoticeIsCarriedAsItIs) {
    const std::string packet = encode(Saying(SayNotice{"web is paused"}));
    const auto decoded = decode_saying(bytes_of(packet));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<SayNotice>(*decoded).text, "web is paused");
}

TEST(Protocol, InputIsCarriedByteForByte) {
    const std::string packet = encode(Request(GiveInput{std::string_view("a\0b\n", 4)}));
    const auto decoded = decode_request(bytes_of(packet));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<GiveInput>(*decoded).bytes, std::string_view("a\0b\n", 4));
}

TEST(Protocol, AnExitTellsWhetherItIsKnown) {
    ExitRecord record;
    record.started_ns = 5;
    record.finished_ns = 7;
    std::string packet = encode(Saying(SayExited{record}));
    auto decoded = decode_saying(bytes_of(packet));
    ASSERT_TRUE(decoded);
    EXPECT_FALSE(std::get<SayExited>(*decoded).record.ending);
    EXPECT_EQ(std::get<SayExited>(*decoded).record.code(), k_unknown_code);
    EXPECT_EQ(std::get<SayExited>(*decoded).record.finished_ns, 7);

    record.ending = kernel::Ending{.by_signal = true, .value = 9};
    packet = encode(Saying(SayExited{record}));
    decoded = decode_saying(bytes_of(packet));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<SayExited>(*decoded).record.code(), 137);
}

TEST(Protocol, AStepThatWasToldKeepsItsTexts) {
    const std::string packet = encode(Saying(SayTold{{.chapter = runtime::Chapter::mounts, .by_child = true, .what = "mount proc", .why = "so that ps works", .microseconds = 12}}));
    const auto decoded = decode_saying(bytes_of(packet));
    ASSERT_TRUE(decoded);
    const auto& told = std::get<SayTold>(*decoded).told;
    EXPECT_EQ(told.chapter, runtime::Chapter::mounts);
    EXPECT_TRUE(told.by_child);
    EXPECT_EQ(told.what, "mount proc");
    EXPECT_EQ(told.why, "so that ps works");
    EXPECT_EQ(told.microseconds, 12);
}

TEST(Protocol, AFailureKeepsItsKind) {
    const std::string packet = encode(Saying(SayFailed{Kind::no_command, "execute nosuch: ENOENT"}));
    const auto decoded = decode_saying(bytes_of(packet));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(std::get<SayFailed>(*decoded).kind, Kind::no_command);
    EXPECT_EQ(std::get<SayFailed>(*decoded).text, "execute nosuch: ENOENT");
}

TEST(Protocol, WhatIsCutShortOrTooLongOrUnknownIsRefused) {
    const std::string attach = encode(Request(AskAttach{}));
    EXPECT_TRUE(decode_request(bytes_of(attach)));
    for (size_t size = 0; size < attach.size(); ++size) EXPECT_FALSE(decode_request(bytes_of(std::string_view(attach).substr(0, size)))) << size;
    EXPECT_FALSE(decode_request(bytes_of(attach + "x")));
    EXPECT_FALSE(decode_request(bytes_of("\xff")));
    EXPECT_FALSE(decode_request(bytes_of(encode(Saying(SayDone{}))))) << "what a monitor says is no request";
    EXPECT_FALSE(decode_request(bytes_of(encode(Request(AskSignal{0})))));
    EXPECT_FALSE(decode_request(bytes_of(encode(Request(AskSignal{65})))));
    std::string told = encode(Saying(SayTold{{.chapter = runtime::Chapter::plan, .by_child = false, .what = "x", .why = "y", .microseconds = 0}}));
    EXPECT_TRUE(decode_saying(bytes_of(told)));
    std::string chapter = told;
    chapter[1] = '\x7f';
    EXPECT_FALSE(decode_saying(bytes_of(chapter)));
    told[11] = '\x7f';  // the length of `what`
    EXPECT_FALSE(decode_saying(bytes_of(told)));
}

}  // namespace
}  // namespace skiff::monitor
