// SPDX-License-Identifier: Apache-2.0
#include "database/database.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "database/event_rows.hpp"
#include "kernel/file.hpp"

namespace skiff::database {
namespace {

constexpr const char* k_first[] = {"CREATE TABLE pets (name TEXT PRIMARY KEY, legs INTEGER CHECK (legs >= 0)); CREATE INDEX by_legs ON pets (legs)"};
constexpr const char* k_second[] = {k_first[0], "ALTER TABLE pets ADD COLUMN owner TEXT"};

class DatabaseTest : public ::testing::Test {
protected:
    DatabaseTest() {
        char name[] = "/tmp/skiff-database-XXXXXX";
        directory_ = mkdtemp(name);
        path_ = directory_ + "/skiff.db";
    }
    ~DatabaseTest() override { (void)kernel::remove_tree(directory_); }

    Database opened() {
        auto database = Database::open(path_);
        EXPECT_TRUE(database) << database.error().text();
        auto migrated = database->migrate("pets", k_first);
        EXPECT_TRUE(migrated) << migrated.error().text();
        return std::move(*database);
    }
    static int64_t count(Database& database) {
        auto found = database.query("SELECT count(*) FROM pets");
        EXPECT_TRUE(found && found->step());
        return found->number(0);
    }

    std::string directory_, path_;
};

TEST_F(DatabaseTest, ValuesComeBackAsTheyWent) {
    Database database = opened();
    const std::string name("with \0 inside", 13);
    ASSERT_TRUE(database.run("INSERT INTO pets VALUES (?, ?)", {name, int64_t{1} << 40}));
    ASSERT_TRUE(database.run("INSERT INTO pets VALUES (?, ?)", {"", nullptr}));
    auto rows = database.query("SELECT name, legs FROM pets ORDER BY length(name) DESC");
    ASSERT_TRUE(rows && *rows->step());
    EXPECT_EQ(rows->text(0), name);
    EXPECT_EQ(rows->number(1), int64_t{1} << 40);
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->text(0), "");
    EXPECT_TRUE(rows->is_null(1));
    EXPECT_FALSE(*rows->step());
}

TEST_F(DatabaseTest, AnEventIsThereIfItsFactIs) {
    Database database = opened();
    EXPECT_TRUE(events_after(database, 0)->lines.empty());
    {
        auto transaction = Transaction::begin(database);
        ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 4)"));
        ASSERT_TRUE(note_event(database, "a cat"));
    }  // not committed
    EXPECT_TRUE(events_after(database, 0)->lines.empty());
    auto transaction = Transaction::begin(database);
    ASSERT_TRUE(note_event(database, "a dog"));
    ASSERT_TRUE(transaction->commit());
    const auto first = *events_after(database, 0);
    EXPECT_EQ(first.lines, std::vector<std::string>{"a dog"});
    ASSERT_TRUE(note_event(database, "a bird"));
    EXPECT_EQ(events_after(database, first.last)->lines, std::vector<std::string>{"a bird"});
}

TEST_F(DatabaseTest, OfEventsTheLastOnesAreKept) {
    Database database = opened();
    auto transaction = Transaction::begin(database);
    for (int number = 1; number <= 10'600; ++number) ASSERT_TRUE(note_event(database, std::to_string(number)));
    ASSERT_TRUE(transaction->commit());
    const auto kept = *events_after(database, 0);
    EXPECT_EQ(kept.lines.back(), "10600");
    EXPECT_LT(kept.lines.size(), 10'300u);
    EXPECT_GE(kept.lines.size(), 10'000u);
}

TEST_F(DatabaseTest, TheLogOfManyShortLivesStaysShort) {
    const auto log_size = [&] { return kernel::read_whole_file(path_ + "-wal", 64 << 20)->size(); };
    size_t longest = 0;
    for (int life = 0; life < 300; ++life) {  // each as a command's: it opens, writes a little, and is gone
        Database database = opened();
        ASSERT_TRUE(database.run("INSERT INTO pets VALUES (?, 4)", {std::string(1500, 'x') + std::to_string(life)}));
        longest = std::max(longest, log_size());
    }
    EXPECT_GT(longest, 100u << 10) << "each commit is written back: that is slow";
    EXPECT_LT(longest, 600u << 10);
    Database database = opened();
    EXPECT_EQ(count(database), 300);
}

TEST_F(DatabaseTest, AReaderInAnothersWayOnlyDelaysTheLogsEnd) {
    Database reader = opened(), writer = opened();
    auto reads = reader.query("SELECT name FROM pets UNION SELECT 'x'");
    ASSERT_TRUE(reads && *reads->step());  // it stays within this moment's view
    for (int number = 0; number < 200; ++number) ASSERT_TRUE(writer.run("INSERT INTO pets VALUES (?, 4)", {std::string(1500, 'x') + std::to_string(number)}));
    EXPECT_GT(kernel::read_whole_file(path_ + "-wal", 64 << 20)->size(), 600u << 10);
    EXPECT_FALSE(*reads->step());
    ASSERT_TRUE(writer.run("INSERT INTO pets VALUES ('last', 4)"));
    EXPECT_LT(kernel::read_whole_file(path_ + "-wal", 64 << 20)->size(), 600u << 10);
    EXPECT_EQ(count(reader), 201);
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedNeverHappened) {
    Database database = opened();
    {
        auto transaction = Transaction::begin(database);
        ASSERT_TRUE(transaction);
        ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 4)"));
    }
    EXPECT_EQ(count(database), 0);
    auto transaction = Transaction::begin(database, Promise::survives_power_cut);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 4)"));
    ASSERT_TRUE(transaction->commit());
    EXPECT_EQ(count(database), 1);
    auto cheap_again = database.query("PRAGMA synchronous");
    ASSERT_TRUE(cheap_again && *cheap_again->step());
    EXPECT_EQ(cheap_again->number(0), 1);
}

TEST_F(DatabaseTest, ATakenNameIsToldFromABrokenRule) {
    Database database = opened();
    ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 4)"));
    auto taken = database.run("INSERT INTO pets VALUES ('cat', 3)");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind(), Kind::exists);
    auto broken = database.run("INSERT INTO pets VALUES ('snake', -1)");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().kind(), Kind::conflict);
}

TEST_F(DatabaseTest, TablesGrowFromVersionToVersionAndNeverBack) {
    { Database database = opened(); ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 4)")); }
    auto database = Database::open(path_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->migrate("pets", k_second));
    auto owner = database->query("SELECT owner FROM pets");
    ASSERT_TRUE(owner && *owner->step());
    auto back = database->migrate("pets", k_first);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().kind(), Kind::unsupported);
    EXPECT_TRUE(database->migrate("fish", k_first).error().text().find("pets already exists") != std::string::npos);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRefused) {
    const auto directory = kernel::open_directory(directory_);
    ASSERT_TRUE(kernel::replace_file(*directory, "skiff.db", std::string(8192, 'x'), 0600, kernel::Durability::visible));
    auto database = Database::open(path_);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().kind(), Kind::corrupt);
}

TEST_F(DatabaseTest, NobodyElseMayReadIt) {
    Database database = opened();
    const auto names = kernel::list_directory(directory_);
    for (const std::string& name : *names) {
        const auto file = kernel::open_file(directory_ + "/" + name, O_PATH);
        EXPECT_EQ(kernel::status_of(*file)->st_mode & 0777, 0600u) << name;
    }
}

TEST_F(DatabaseTest, TheLogOutlivesTheLastProcess) {
    { Database database = opened(); ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 4)")); }
    EXPECT_TRUE(*kernel::exists(path_ + "-wal"));
    Database database = opened();
    EXPECT_EQ(count(database), 1);
}

TEST_F(DatabaseTest, ManyProcessesReadAndThenWriteAndNoneFails) {
    { Database database = opened(); ASSERT_TRUE(database.run("INSERT INTO pets VALUES ('cat', 0)")); }
    constexpr int k_processes = 16, k_rounds = 10;
    std::vector<pid_t> children;
    for (int i = 0; i < k_processes; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            auto database = Database::open(path_);
            bool fine = database.has_value();
            for (int round = 0; fine && round < k_rounds; ++round) {
                auto transaction = Transaction::begin(*database);
                fine = transaction && database->query("SELECT legs FROM pets")->step() &&
                       database->run("UPDATE pets SET legs = legs + 1") && transaction->commit();
            }
            _exit(fine ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    Database database = opened();
    auto legs = database.query("SELECT legs FROM pets");
    ASSERT_TRUE(legs && *legs->step());
    EXPECT_EQ(legs->number(0), k_processes * k_rounds);
}

}  // namespace
}  // namespace skiff::database
