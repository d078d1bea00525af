// SPDX-License-Identifier: Apache-2.0
#include "monitor/intake.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "base/time.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "kernel/file_room.hpp"
#include "monitor/log_entry.hpp"
#include "monitor/protocol.hpp"

namespace skiff::monitor {
namespace {

class IntakeTest : public testing::Test {
protected:
    void SetUp() override {
        std::array<char, 32> name{"/tmp/skiff-test-XXXXXX"};
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name.data();
        order.path = folder + "/container.log";
        auto state = std::move(*make_state_file(*kernel::open_directory(folder)));
        shared = std::move(state.shared);
        state_file = std::move(state.file);
        out = std::move(*kernel::make_pipe());
        err = std::move(*kernel::make_pipe());
        ASSERT_TRUE(kernel::set_non_blocking(out.reader, true));
    }
    void TearDown() override { (void)kernel::remove_tree(folder); }

    Intake open() { return std::move(*Intake::open(shared->journal, {.file = state_file}, std::move(*LogFile::open(order)))); }
    void say(std::string_view text) { ASSERT_TRUE(kernel::write_all(out.writer, bytes_of(text))); }
    std::string log(const std::string& suffix = "") { return kernel::read_whole_file(order.path + suffix).value_or("absent"); }
    /// The texts of the log's entries, one behind the other, with ~ where one ends without a newline.
    std::string texts(const std::string& suffix = "") {
        std::string all;
        const std::string whole = log(suffix);
        for (std::string_view rest = whole; !rest.empty();) {
            const size_t end = rest.find('\n');
            const auto entry = parse_entry(rest.substr(0, end));
            all += entry ? entry->text : "BROKEN";
            if (!all.ends_with('\n')) all += '~';
            if (end == std::string_view::npos) break;
            rest.remove_prefix(end + 1);
        }
        return all;
    }

    std::string folder;
    LogOrder order;
    SharedMemory shared;
    kernel::Fd state_file;
    kernel::Pipe out, err;
};

TEST_F(IntakeTest, LinesAreLoggedAndGivenOn) {
    Intake intake = open();
    say("one\ntwo\n");
    const auto batch = intake.take_from(out.reader, false);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->bytes, "one\ntwo\n");
    EXPECT_EQ(texts(), "one\ntwo\n");
    const auto document = codec::parse_json(std::string_view(log()).substr(0, log().find('\n')));
    ASSERT_TRUE(document);
    EXPECT_EQ(document->find("stream")->string(), "stdout");
    EXPECT_TRUE(document->find("time")->string().ends_with('Z'));

    ASSERT_TRUE(kernel::write_all(err.writer, bytes_of("bad\n")));
    ASSERT_TRUE(intake.take_from(err.reader, true));
    EXPECT_NE(log().find("\"bad\\n\",\"stream\":\"stderr\""), std::string::npos);
}

TEST_F(IntakeTest, AnUnfinishedLineWaitsForItsEndAndIsGivenOnAtOnce) {
    Intake intake = open();
    say("pass");
    EXPECT_EQ(intake.take_from(out.reader, false)->bytes, "pass");
    EXPECT_EQ(texts(), "");
    say("word: ");
    ASSERT_TRUE(intake.take_from(out.reader, false));
    say("x\nrest");
    ASSERT_TRUE(intake.take_from(out.reader, false));
    EXPECT_EQ(texts(), "password: x\n");
    ASSERT_TRUE(intake.finish());
    EXPECT_EQ(texts(), "password: x\nrest~");
}

TEST_F(IntakeTest, ALongLineIsSplitWithoutCuttingACharacter) {
    Intake intake = open();
    std::string line(k_longest_entry - 1, 'a');
    line += "\xc3\xa9";  // é, across the limit
    line += std::string(k_longest_entry, 'b') + "\n";
    for (size_t at = 0; at < line.size(); at += 10'000) {
        say(std::string_view(line).substr(at, 10'000));
        ASSERT_TRUE(intake.take_from(out.reader, false));
    }
    const std::string whole = texts();
    EXPECT_EQ(whole, std::string(k_longest_entry - 1, 'a') + "~\xc3\xa9" + std::string(k_longest_entry - 2, 'b') + "~bb\n");
}

TEST_F(IntakeTest, BytesThatAreNotTextStillMakeAnEntry) {
    Intake intake = open();
    say(std::string_view("\xff\0\x1b[1m\"\\\xc3\n", 10));
    ASSERT_TRUE(intake.take_from(out.reader, false));
    EXPECT_EQ(texts(), std::string_view("\xef\xbf\xbd\0\x1b[1m\"\\\xef\xbf\xbd\n", 14));
}

TEST_F(IntakeTest, ItTellsNothingThereFromTheEnd) {
    Intake intake = open();
    EXPECT_EQ(intake.take_from(out.reader, false)->how, kernel::Moved::nothing_there);
    out.writer.reset();
    EXPECT_EQ(intake.take_from(out.reader, false)->how, kernel::Moved::at_end);
}

TEST_F(IntakeTest, AFullFileIsRotatedAndTheOldestGoes) {
    order.max_size = 60;
    order.max_file = 3;
    Intake intake = open();
    for (const char* line : {"1\n", "2\n", "3\n", "4\n"}) {
        say(line);
        ASSERT_TRUE(intake.take_from(out.reader, false));
    }
    EXPECT_EQ(texts(), "4\n");
    EXPECT_EQ(texts(".1"), "3\n");
    EXPECT_EQ(texts(".2"), "2\n");
    EXPECT_EQ(log(".3"), "absent");
}

TEST_F(IntakeTest, WithOneFileAFullOneBeginsAnew) {
    order.max_size = 60;
    Intake intake = open();
    for (const char* line : {"1\n", "2\n"}) {
        say(line);
        ASSERT_TRUE(intake.take_from(out.reader, false));
    }
    EXPECT_EQ(texts(), "2\n");
    EXPECT_EQ(log(".1"), "absent");
}

TEST_F(IntakeTest, AFullDiskLosesLinesButSaysSo) {
    const pid_t pid = fork();  // the limit on files is the process's
    if (pid == 0) {
        Intake intake = open();
        signal(SIGXFSZ, SIG_IGN);
        const rlimit small{.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
        setrlimit(RLIMIT_FSIZE, &small);
        for (const char* line : {"kept\n", "lost\n"}) {
            say(line);
            if (!intake.take_from(out.reader, false)) _exit(1);
        }
        const rlimit large{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
        setrlimit(RLIMIT_FSIZE, &large);
        say("again\n");
        _exit(intake.take_from(out.reader, false) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_EQ(status, 0);
    EXPECT_EQ(texts(), "kept\nskiff: 5 bytes of output could not be logged and are lost\nagain\n");
}

// A worker dies after each line, in turn in the middle of its write to the log, before the batch was taken from the
// staging area, and before its tail was turned. The successor goes on: every line stands in the log once.
TEST_F(IntakeTest, WhoeverIsKilledWheneverEachLineIsLoggedOnce) {
    order.max_size = 400;
    order.max_file = 100;
    Journal& journal = shared->journal;
    std::string expected;
    int kills = 0;
    for (int line = 0; line < 60; ++line) {
        const std::string text = format("line {}\npart{}", line, line);
        expected += text;
        say(text);
        const pid_t pid = fork();
        if (pid == 0) {
            Intake intake = open();
            const auto written = kernel::status_of(*kernel::open_file(order.path, O_RDONLY))->st_size;
            if (line % 3 == 0 && written < *order.max_size) {
                if (*kernel::move_into_file(out.reader, state_file, k_staging_begin, k_piece) != kernel::Moved::some) _exit(2);
                journal.stream = 0;
                journal.is_last = false;
                journal.time_ns = 1'700'000'000'123'456'789;
                journal.offset = written;
                journal.phase = Journal::Phase::writing;
                const std::string whole = std::string(journal.tail(0)) + text;
                std::string entry;
                append_entry(entry, false, next_entry(whole, false), to_rfc3339(journal.time_ns));
                if (!LogFile::open(order)->write(std::string_view(entry).substr(0, 11 + static_cast<size_t>(line)))) _exit(3);
                raise(SIGKILL);
            }
            if (!intake.take_from(out.reader, false)) _exit(4);
            if (line % 3 == 0) _exit(0);
            journal.phase = Journal::Phase::logged;
            journal.current[0] = 1 - journal.current[0];
            if (line % 3 == 1 && pwrite(state_file.number(), text.data(), text.size(), k_staging_begin) < 0) _exit(5);
            raise(SIGKILL);
        }
        int status = 0;
        ASSERT_EQ(waitpid(pid, &status, 0), pid);
        ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
        kills += WIFSIGNALED(status);
    }
    Intake last = open();
    while (last.take_from(out.reader, false)->how == kernel::Moved::some) {}
    ASSERT_TRUE(last.finish());

    std::string all;
    for (int file = 99; file >= 1; --file)
        if (*kernel::exists(order.path + format(".{}", file))) all += texts(format(".{}", file));
    all += texts();
    if (all.ends_with('~')) all.pop_back();
    EXPECT_EQ(all, expected);
    EXPECT_GT(kills, 40);
}

TEST_F(IntakeTest, WhatAPairLeftIsFoundInItsFile) {
    {
        Intake intake = open();
        say("whole\nno end");
        ASSERT_TRUE(intake.take_from(out.reader, false));
    }
    ASSERT_EQ(pwrite(state_file.number(), " yet\nhalf", 9, k_staging_begin), 9);  // killed between the two first steps
    shared.reset();
    state_file.reset();
    auto left = open_state_file(*kernel::open_directory(folder));
    ASSERT_TRUE(left) << left.error().text();
    shared = std::move(left->shared);
    state_file = std::move(left->file);
    Intake next = open();
    EXPECT_EQ(texts(), "whole\nno end yet\n");
    ASSERT_TRUE(next.finish());
    EXPECT_EQ(texts(), "whole\nno end yet\nhalf~");
}

TEST_F(IntakeTest, AStateFileOfAnotherVersionIsNotRead) {
    shared->layout = k_layout + 1;
    EXPECT_TRUE(open_state_file(*kernel::open_directory(folder)).error().is(Kind::not_found));
    ASSERT_TRUE(kernel::cut_to(state_file, 10));
    EXPECT_TRUE(open_state_file(*kernel::open_directory(folder)).error().is(Kind::not_found));
    ASSERT_TRUE(kernel::cut_to(state_file, k_staging_begin));  // the mapping is still there
}

}  // namespace
}  // namespace skiff::monitor
