// SPDX-License-Identifier: Apache-2.0
// What a killed command leaves on disk; mounts are the stories' and the sweep's.
#include "engine/kept_namespaces.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

class Kept : public testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/skiff-test-kept-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        directory_ = name;
    }
    void TearDown() override { (void)kernel::remove_tree(directory_); }
    /// A name as far as its record.
    void intend(const std::string& name, std::string_view record) {
        const auto home = directory_ + "/namespaces/" + name;
        ASSERT_TRUE(kernel::make_directories(home, 0700));
        const auto inside = kernel::open_file(home, O_RDONLY | O_DIRECTORY);
        ASSERT_TRUE(kernel::replace_file(*inside, "record", record, 0600, kernel::Durability::visible));
    }
    KeptNamespaces names() { return KeptNamespaces(directory_); }
    std::string directory_;
};

TEST(KeptName, ANameIsAFileNameThatHidesNothing) {
    for (const char* good : {"lab", "a", "7", "_x", "web-1.net", "A"}) EXPECT_TRUE(check_kept_name(good)) << good;
    for (const char* bad : {"", ".", "..", ".new", "-f", "a/b", "../up", "a b", "ä", "a\n"}) EXPECT_FALSE(check_kept_name(bad)) << bad;
    EXPECT_TRUE(check_kept_name(std::string(64, 'x')));
    EXPECT_FALSE(check_kept_name(std::string(65, 'x')));
}

TEST_F(Kept, WhereNothingWasEverKeptNothingIsListed) {
    EXPECT_TRUE(names().list()->empty());
    EXPECT_TRUE(names().find("lab").error().is(Kind::not_found));
    EXPECT_TRUE(names().remove("lab").error().is(Kind::not_found));
}

TEST_F(Kept, ANameWithoutItsMountsIsListedAndJoinedByNobody) {
    intend("lab", R"({"uts":4026531838})");
    const auto all = names().list();
    ASSERT_TRUE(all && all->size() == 1);
    EXPECT_EQ((*all)[0].name, "lab");
    ASSERT_EQ((*all)[0].namespaces.size(), 1u);
    EXPECT_FALSE((*all)[0].namespaces[0].is_there);
    EXPECT_TRUE(names().path_of("lab", "uts").error().is(Kind::conflict));
    EXPECT_TRUE(names().path_of("lab", "net").error().is(Kind::not_found));
}

TEST_F(Kept, ANameWithoutItsMountsIsRemoved) {
    if (getuid() != 0) GTEST_SKIP() << "only root unmounts";
    intend("lab", R"({"uts":4026531838})");
    EXPECT_TRUE(names().remove("lab"));
    EXPECT_TRUE(kernel::list_directory(directory_ + "/namespaces")->empty());
}

TEST_F(Kept, WhatWasKilledBeforeItHadANameOrAfterItHadLostItGoesWithTheNextLook) {
    intend(".new", "{");
    intend(".gone", "{}");
    EXPECT_TRUE(names().list()->empty());
    EXPECT_TRUE(kernel::list_directory(directory_ + "/namespaces")->empty());
}

TEST_F(Kept, ADamagedRecordIsToldWithItsName) {
    intend("lab", "[1]");
    EXPECT_EQ(names().find("lab").error().text(), "the record of the namespaces \"lab\" is not an object");
    intend("lab", R"({"../up":1})");
    EXPECT_TRUE(names().find("lab").error().is(Kind::invalid));
    intend("lab", "{");
    EXPECT_NE(names().list().error().text().find("\"lab\""), std::string::npos);
}

}  // namespace
}  // namespace skiff::engine
