// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OutputFileTest : public ::testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/skiff-output-XXXXXX";
        top_ = mkdtemp(name);
    }
    void TearDown() override { (void)remove_tree(top_); }
    std::string top_;
};

TEST_F(OutputFileTest, AppearsWhenItIsWhole) {
    auto output = OutputFile::open(top_ + "/file");
    ASSERT_TRUE(output);
    ASSERT_TRUE(write_all(output->fd(), bytes_of("text")));
    EXPECT_THAT(*list_directory(top_), IsEmpty());
    ASSERT_TRUE(output->publish());
    EXPECT_EQ(*read_whole_file(top_ + "/file"), "text");
}

TEST_F(OutputFileTest, ReplacesWhatWasThereOnlyThen) {
    ASSERT_TRUE(replace_file(*open_directory(top_), "file", "old", 0600, Durability::visible));
    {
        auto dropped = OutputFile::open(top_ + "/file");
        ASSERT_TRUE(write_all(dropped->fd(), bytes_of("half")));
    }
    EXPECT_EQ(*read_whole_file(top_ + "/file"), "old");
    auto output = OutputFile::open(top_ + "/file");
    ASSERT_TRUE(write_all(output->fd(), bytes_of("new")));
    ASSERT_TRUE(output->publish());
    EXPECT_EQ(*read_whole_file(top_ + "/file"), "new");
    EXPECT_THAT(*list_directory(top_), ElementsAre("file"));
}

TEST_F(OutputFileTest, WhatIsNoPlaceForAFileIsToldBefore) {
    EXPECT_THAT(OutputFile::open(top_).error().text(), HasSubstr("is a directory"));
    EXPECT_THAT(OutputFile::open(top_ + "/none/file").error().text(), HasSubstr("ENOENT"));
    auto null = OutputFile::open("/dev/null");
    ASSERT_TRUE(null);
    EXPECT_TRUE(null->publish());
}

}  // namespace
}  // namespace skiff::kernel
