// SPDX-License-Identifier: Apache-2.0
#include "monitor/event_journal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/file.hpp"

namespace skiff::monitor {
namespace {

class EventJournal : public ::testing::Test {
protected:
    EventJournal() {
        char name[] = "/tmp/skiff-events-XXXXXX";
        directory_ = mkdtemp(name);
        path_ = directory_ + "/journal";
    }
    ~EventJournal() override { (void)kernel::remove_tree(directory_); }

    static Event event(int64_t at_ns, const std::string& action, const std::string& key = "") {
        Event made{.at_ns = at_ns, .type = "container", .action = action, .id = "web", .attributes = {}, .key = key};
        made.attributes = {{"name", "web"}, {"odd", "a \"quote\",\na newline"}};
        return made;
    }
    std::vector<std::string> actions() const {
        const auto events = JournalReader(path_).next();
        std::vector<std::string> found;
        for (const Event& event : *events) found.push_back(event.action);
        return found;
    }

    std::string directory_, path_;
};

TEST_F(EventJournal, WhatWasWrittenIsReadOnce) {
    JournalReader reader(path_);
    EXPECT_TRUE(reader.next()->empty());
    const Event first = event(10, "create"), second = event(20, "start", "start web 20");
    ASSERT_TRUE(append_event(path_, first));
    EXPECT_EQ(*reader.next(), std::vector{first});
    EXPECT_TRUE(reader.next()->empty());
    ASSERT_TRUE(append_event(path_, second));
    EXPECT_EQ(*reader.next(), std::vector{second});
    EXPECT_EQ(*JournalReader(path_).next(), (std::vector{first, second}));
}

TEST_F(EventJournal, AReaderMissesNothingWhenTheFileChanges) {
    JournalReader reader(path_);
    size_t seen = 0;
    for (int number = 0; number < 100; ++number) {
        ASSERT_TRUE(append_event(path_, event(number, "kill"), 2000));
        if (number % 7 == 0) seen += reader.next()->size();
    }
    EXPECT_EQ(seen + reader.next()->size(), 100u);
}

TEST_F(EventJournal, HalfALineIsPassedOverAndTheNextBeginsItsOwn) {
    ASSERT_TRUE(append_event(path_, event(10, "create")));
    {
        const auto file = kernel::open_file(path_, O_WRONLY | O_APPEND);
        ASSERT_TRUE(kernel::write_all(*file, bytes_of(std::string_view(R"({"at_ns":11,"type":"conta)"))));
    }
    EXPECT_EQ(actions(), std::vector<std::string>{"create"});
    ASSERT_TRUE(append_event(path_, event(12, "start")));
    EXPECT_EQ(actions(), (std::vector<std::string>{"create", "start"}));
}

TEST_F(EventJournal, ManyWritersLoseNothingWhileTheFileChanges) {
    constexpr int k_writers = 4, k_each = 50;
    for (int writer = 0; writer < k_writers; ++writer)
        if (fork() == 0) {
            bool is_good = true;
            // 200 lines of some 150 bytes: it changes once or twice, and what was there before the last change stays
            for (int number = 0; number < k_each; ++number) is_good &= append_event(path_, event(writer * 1000 + number, "kill"), 20'000).has_value();
            _exit(is_good ? 0 : 1);
        }
    for (int writer = 0; writer < k_writers; ++writer) {
        int status = 1;
        wait(&status);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(actions().size(), size_t{k_writers} * k_each);
    EXPECT_TRUE(*kernel::exists(path_ + ".1"));
}

TEST_F(EventJournal, WhoSkipsHearsOnlyWhatComes) {
    JournalReader early(path_);
    ASSERT_TRUE(early.skip());  // there is no file yet
    ASSERT_TRUE(append_event(path_, event(1, "create")));
    EXPECT_EQ(early.next()->size(), 1u);
    JournalReader late(path_);
    ASSERT_TRUE(late.skip());
    EXPECT_TRUE(late.next()->empty());
    ASSERT_TRUE(append_event(path_, event(2, "start"), 10));  // and the file becomes another one
    ASSERT_TRUE(append_event(path_, event(3, "die")));
    const auto heard = *late.next();
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[0].action, "start");
    EXPECT_EQ(heard[1].action, "die");
}

TEST_F(EventJournal, ItsSizeIsBounded) {
    for (int number = 0; number < 300; ++number) ASSERT_TRUE(append_event(path_, event(number, "kill"), 4000));
    for (const std::string& name : {path_, path_ + ".1"}) {
        const auto text = kernel::read_whole_file(name);
        if (text) {
            EXPECT_LT(text->size(), 4500u);
        }
    }
    const auto events = *JournalReader(path_).next();
    EXPECT_EQ(events.back().at_ns, 299);
    EXPECT_GT(events.size(), 20u);
}

}  // namespace
}  // namespace skiff::monitor
