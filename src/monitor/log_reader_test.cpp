// SPDX-License-Identifier: Apache-2.0
#include "monitor/log_reader.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <thread>

#include "base/time.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"
#include "monitor/log_entry.hpp"
#include "monitor/log_file.hpp"

namespace skiff::monitor {
namespace {

class LogReader : public testing::Test {
protected:
    void SetUp() override {
        std::array<char, 32> name{"/tmp/skiff-test-XXXXXX"};
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name.data();
        order.path = folder + "/container.log";
    }
    void TearDown() override { (void)kernel::remove_tree(folder); }

    void write(LogFile& file, std::string_view text, int64_t second, bool is_error = false) {
        std::string entry;
        append_entry(entry, is_error, text, to_rfc3339(second * 1'000'000'000));
        ASSERT_TRUE(file.rotate_if_due());
        ASSERT_TRUE(file.write(entry));
    }
    std::string read(const LogQuery& query = {}) {
        std::string all;
        const auto done = read_log(order.path, query, [&](const LogEntry& entry) { all += entry.text; return true; });
        return done ? all : done.error().text();
    }

    std::string folder;
    LogOrder order;
};

TEST_F(LogReader, ALogThatDoesNotExistIsEmpty) { EXPECT_EQ(read(), ""); }

TEST_F(LogReader, EntriesComeThroughRotatedFilesInOrder) {
    order.max_size = 100;
    order.max_file = 4;
    auto file = LogFile::open(order);
    ASSERT_TRUE(file);
    for (int i = 1; i <= 9; ++i) write(*file, format("{}\n", i), i);
    ASSERT_TRUE(*kernel::exists(order.path + ".3"));
    const std::string all = read();
    EXPECT_EQ(all, "3\n4\n5\n6\n7\n8\n9\n") << "four files of at most two entries";
    for (uint64_t count = 0; count <= 7; ++count) EXPECT_EQ(read({.tail = count}), all.substr(all.size() - 2 * count)) << count;
    EXPECT_EQ(read({.tail = 100}), all);
}

TEST_F(LogReader, StreamsAndTimesChoose) {
    auto file = LogFile::open(order);
    ASSERT_TRUE(file);
    write(*file, "a\n", 10);
    write(*file, "b\n", 20, true);
    write(*file, "c\n", 30);
    EXPECT_EQ(read({.out = true, .err = false}), "a\nc\n");
    EXPECT_EQ(read({.out = false, .err = true}), "b\n");
    EXPECT_EQ(read({.since_ns = 20'000'000'000}), "b\nc\n");
    EXPECT_EQ(read({.until_ns = 20'000'000'000}), "a\nb\n");
    EXPECT_EQ(read({.tail = 2, .since_ns = 30'000'000'000}), "c\n");
}

TEST_F(LogReader, ATornLastLineIsLeftOutAndStrangeLinesAreTold) {
    auto file = LogFile::open(order);
    ASSERT_TRUE(file);
    write(*file, "a\n", 10);
    ASSERT_TRUE(file->write("what is this\n"));
    write(*file, "b\n", 20);
    ASSERT_TRUE(file->write("{\"log\":\"c"));
    EXPECT_EQ(read(), "a\nwhat is this\nb\n");
    EXPECT_EQ(read({.tail = 1}), "b\n");
}

TEST_F(LogReader, ItStopsWhenAsked) {
    auto file = LogFile::open(order);
    ASSERT_TRUE(file);
    for (int i = 0; i < 5; ++i) write(*file, "x\n", i);
    int taken = 0;
    ASSERT_TRUE(read_log(order.path, {}, [&](const LogEntry&) { return ++taken < 2; }));
    EXPECT_EQ(taken, 2);
}

TEST_F(LogReader, FollowingHearsEveryEntryThroughManyRotations) {
    order.max_size = 400;
    order.max_file = 1000;
    auto over = kernel::make_event();
    ASSERT_TRUE(over);
    std::string heard;
    std::thread follower([&] {
        LogQuery query;
        query.follow_until.emplace([&] { return kernel::FdView(*over); }, [] { return Result<bool>(true); });
        const auto done = read_log(order.path, query, [&](const LogEntry& entry) { heard += entry.text; return true; });
        EXPECT_TRUE(done);
    });
    std::string expected;
    {
        auto file = LogFile::open(order);
        ASSERT_TRUE(file);
        for (int i = 0; i < 1500; ++i) {
            write(*file, format("{}\n", i), i);
            expected += format("{}\n", i);
            if (i % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    ASSERT_TRUE(kernel::raise_event(*over));
    follower.join();
    EXPECT_TRUE(heard == expected) << heard.size() << " of " << expected.size() << " bytes";
}

TEST_F(LogReader, ARotationThatWasCutShortHidesNothing) {
    order.max_size = 50;
    order.max_file = 10;
    {
        auto file = LogFile::open(order);
        ASSERT_TRUE(file);
        for (int i = 0; i < 4; ++i) write(*file, format("{}\n", i), i);
    }
    ASSERT_EQ(rename((order.path + ".2").c_str(), (order.path + ".7").c_str()), 0);  // what .1 was to take the place of is gone
    std::string heard;
    ASSERT_TRUE(read_log(order.path, {}, [&](const LogEntry& entry) { heard += entry.text; return true; }));
    for (int i = 0; i < 4; ++i) EXPECT_NE(heard.find(format("{}\n", i)), std::string::npos) << heard;
}

TEST_F(LogReader, FollowingEndsWhenCancelled) {
    auto over = kernel::make_event(), cancelled = kernel::make_event();
    ASSERT_TRUE(over && cancelled && kernel::raise_event(*cancelled));
    LogQuery query;
    query.follow_until.emplace([&] { return kernel::FdView(*over); }, [] { return Result<bool>(true); });
    query.cancelled = *cancelled;
    EXPECT_TRUE(read_log(order.path, query, [](const LogEntry&) { return true; }));
}

}  // namespace
}  // namespace skiff::monitor
