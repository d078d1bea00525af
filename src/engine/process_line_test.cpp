// SPDX-License-Identifier: Apache-2.0
#include "engine/process_line.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

constexpr ClockFacts k_clock = {100, 100'000'000'000, 1'000'100'000'000'000};

TEST(ProcessLine, ReadsANameWithParenthesesAndBlanks) {
    const auto line = parse_process("42 (a) b (c) S 7 42 42 34817 42 0 0 0 0 0 150 50 0 0 20 0 1 0 9000 0 0 0\n", std::string_view("sh\0-c\0x y\0", 10), k_clock).value();
    EXPECT_EQ(line.pid, 42);
    EXPECT_EQ(line.ppid, 7);
    EXPECT_EQ(line.terminal, "pts/1");
    EXPECT_EQ(line.cpu_seconds, 2);
    EXPECT_EQ(line.started_ns, 1'000'090'000'000'000);
    EXPECT_EQ(line.cpu_percent, 20);
    EXPECT_EQ(line.command, "sh -c x y");
}

TEST(ProcessLine, AKernelThreadIsShownByItsName) {
    EXPECT_EQ(parse_process("2 (kthreadd) S 0 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0 0", "", k_clock)->command, "[kthreadd]");
    EXPECT_EQ(parse_process("2 (kthreadd) S 0 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0 0", "", k_clock)->terminal, "?");
}

TEST(ProcessLine, NonsenseIsAnError) {
    for (const char* text : {"", "42", "42 (x", "42 ) x (", "42 (x) S 1 2"}) EXPECT_FALSE(parse_process(text, "", k_clock)) << text;
    EXPECT_EQ(parse_uid("Name:\tx\nUid:\t1\t1000\t3\t4\n"), 1000u);
}

}  // namespace
}  // namespace skiff::engine
