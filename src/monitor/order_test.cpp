// SPDX-License-Identifier: Apache-2.0
#include "monitor/order.hpp"

#include <gtest/gtest.h>

#include "monitor/exit_record.hpp"

namespace skiff::monitor {
namespace {

constexpr const char* k_least = R"({"id":"web","bundle":"/b","states":"/s","log":{"driver":"none"},"exit_file":"/e"})";

TEST(Order, WhatIsWrittenIsWhatIsRead) {
    Order order(*ContainerId::parse("web-1"));
    order.name = "web";
    order.bundle = "/run/skiff/containers/web-1";
    order.states = "/run/skiff/runtime";
    order.overlay = runtime::Overlay{.lower = {"/l/2", "/l/1"}, .upper = "/u", .work = "/w", .is_volatile = true};
    order.terminal = true;
    order.stdin_open = true;
    order.attach = {.in = true, .out = true, .err = false};
    order.log = {.driver = LogDriver::json_file, .path = "/log", .max_size = 1000, .max_file = 3};
    order.events = {.journal = "/events", .attributes = {{"name", "web"}, {"image", "debian"}}};
    order.memory = MemoryOrder{.policy = MemoryOrder::Policy::pause, .headroom = 16 << 20, .deadline_ns = 5, .pressure = "medium", .swap_follows = false};
    order.exit_file = "/exit.json";
    order.cleanup = {"/usr/bin/skiff", "container", "cleanup", "web-1"};
    order.explain = true;
    order.pid_file = "/pid";

    const auto read = parse_order(to_text(order));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(to_text(*read), to_text(order));
    EXPECT_EQ(read->overlay->lower, order.overlay->lower);
    EXPECT_EQ(read->attach, order.attach);
    EXPECT_EQ(read->events, order.events);
    EXPECT_EQ(read->memory, order.memory);
    EXPECT_EQ(read->log.max_size, 1000);
    EXPECT_EQ(read->cleanup, order.cleanup);
}

TEST(Order, WhatIsLeftOutIsOff) {
    const auto order = parse_order(k_least);
    ASSERT_TRUE(order) << order.error().text();
    EXPECT_FALSE(order->terminal || order->stdin_open || order->attach.any() || order->explain || order->overlay || !order->cleanup.empty());
    EXPECT_EQ(order->log.max_file, 1);
}

TEST(Order, WhatMakesNoSenseIsRefusedByName) {
    const auto refusal = [](std::string_view from, std::string_view to) {
        std::string text = k_least;
        const size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos);
        text.replace(at, from.size(), to);
        const auto order = parse_order(text);
        return order ? std::string("accepted") : order.error().text();
    };
    EXPECT_NE(refusal("\"/b\"", "\"b\"").find("order.bundle"), std::string::npos);
    EXPECT_NE(refusal("\"none\"", "\"syslog\"").find("syslog"), std::string::npos);
    EXPECT_NE(refusal("\"none\"", "\"json-file\"").find("order.log.path"), std::string::npos);
    EXPECT_NE(refusal("\"id\"", "\"terminale\":true,\"id\"").find("order.terminale"), std::string::npos);
    EXPECT_NE(refusal("\"id\"", "\"attach\":[\"stdlog\"],\"id\"").find("stdlog"), std::string::npos);
    EXPECT_NE(refusal("\"web\"", "\"../web\"").find("web"), std::string::npos);
}

TEST(ExitRecord, IsReadAsItWasWritten) {
    ExitRecord record{.ending = kernel::Ending{.by_signal = true, .value = 15}, .oom_killed = true, .started_ns = 1'000'000'001, .finished_ns = 2'500'000'000, .used = {}};
    auto read = parse_exit_record(to_text(record));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->code(), 143);
    EXPECT_TRUE(read->oom_killed);
    EXPECT_EQ(read->started_ns, record.started_ns);
    EXPECT_EQ(read->finished_ns, record.finished_ns);

    record.ending = std::nullopt;
    read = parse_exit_record(to_text(record));
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->ending) << "not known is not zero";
    EXPECT_EQ(read->code(), k_unknown_code);

    record.ending = kernel::Ending{.by_signal = false, .value = 3};
    EXPECT_EQ(parse_exit_record(to_text(record))->code(), 3);
    EXPECT_FALSE(parse_exit_record(to_text(record))->used);

    record.used = Accounting{.cpu_ns = 1, .throttled_ns = 2, .memory_peak = 3, .memory_limit = 4, .limit_hits = 5, .oom_kills = 6, .read_bytes = 7, .written_bytes = 8};
    const auto used = parse_exit_record(to_text(record))->used;
    ASSERT_TRUE(used);
    EXPECT_EQ(used->cpu_ns, 1);
    EXPECT_EQ(used->limit_hits, 5);
    EXPECT_EQ(used->written_bytes, 8);
}

TEST(ExitRecord, ATornFileIsCorrupt) {
    const auto read = parse_exit_record("{\"exit_code\":0,");
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().is(Kind::corrupt));
}

}  // namespace
}  // namespace skiff::monitor
