// SPDX-License-Identifier: Apache-2.0
// Archives by our writer and by tar(1), taken apart and made again from the files.
#include "pack/tar_recipe.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/file.hpp"
#include "kernel/process.hpp"

namespace skiff::pack {
namespace {

using ::testing::HasSubstr;

class TarRecipeTest : public ::testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/skiff-recipe-XXXXXX";
        top_ = mkdtemp(name);
        tree_ = top_ + "/tree";
        ASSERT_EQ(mkdir(tree_.c_str(), 0755), 0);
        ASSERT_EQ(mkdir((tree_ + "/etc").c_str(), 0755), 0);
        file("etc/text", "hello");
        file("etc/empty", "");
        file("big", std::string(700'001, 'b'));
        ASSERT_EQ(link((tree_ + "/big").c_str(), (tree_ + "/same").c_str()), 0);
        ASSERT_EQ(symlink("etc", (tree_ + "/link").c_str()), 0);
        file("sparse", "");
        ASSERT_EQ(truncate((tree_ + "/sparse").c_str(), 3'000'000), 0);
        const auto sparse = kernel::open_file(tree_ + "/sparse", O_WRONLY);
        ASSERT_EQ(pwrite(sparse->number(), "data", 4, 1'000'000), 4);
        file(std::string(200, 'n'), "a long name");
    }
    void TearDown() override { (void)kernel::remove_tree(top_); }

    void file(const std::string& name, const std::string& text) {
        const auto made = kernel::open_file(tree_ + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        ASSERT_TRUE(made);
        ASSERT_TRUE(kernel::write_all(*made, bytes_of(text)));
    }
    std::string archive(std::vector<std::string> options) {
        kernel::Program tar{.path = "/bin/tar", .arguments = {"tar", "-C", tree_, "-cf", top_ + "/archive"}, .environment = {"PATH=/bin:/usr/bin"}, .descriptors = {}, .directory = {}};
        tar.arguments.insert(tar.arguments.end(), options.begin(), options.end());
        tar.arguments.push_back(".");
        EXPECT_EQ(kernel::spawn(tar)->wait()->code(), 0);
        return *kernel::read_whole_file(top_ + "/archive");
    }
    /// What is written down of an archive while it is read.
    std::string recipe_of(const std::string& archive) {
        const auto out = kernel::open_file(top_ + "/recipe", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        MemorySource source(bytes_of(archive), 4093);
        TarReader reader(source);
        RecipeWriter writer(*out);
        reader.set_listener(&writer);
        while (*reader.next())
            while (!reader.data()->bytes.empty()) {}
        EXPECT_TRUE(reader.drain());
        EXPECT_TRUE(writer.finish());
        return *kernel::read_whole_file(top_ + "/recipe");
    }
    /// The archive again, or what was wrong.
    std::string made_again(const std::string& recipe) {
        MemorySource source(bytes_of(recipe), 4093);
        std::string whole;
        const auto done = follow_recipe(source, *kernel::Root::open(tree_), [&](Bytes bytes) { whole += text_of(bytes); return Result<>(); });
        return done ? whole : done.error().text();
    }

    std::string top_, tree_;
};

TEST_F(TarRecipeTest, EveryDialectComesBackByteForByte) {
    for (const std::vector<std::string>& options : {std::vector<std::string>{"--format=gnu"}, {"--format=pax"}, {"--format=gnu", "-S"},
                                                    {"--format=pax", "-S", "--sparse-version=1.0"}, {"--format=pax", "-S", "--sparse-version=0.1"}, {"-b", "200"}}) {
        const std::string whole = archive(options), recipe = recipe_of(whole);
        EXPECT_TRUE(made_again(recipe) == whole) << options.front();
        EXPECT_LT(recipe.size(), 150'000u) << "the files' data is not to be in it";
    }
}

TEST_F(TarRecipeTest, WhatStandsBehindTheEndMarkIsKept) {
    const std::string whole = archive({}) + std::string(5000, 'z');
    EXPECT_TRUE(made_again(recipe_of(whole)) == whole);
}

TEST_F(TarRecipeTest, AChangedTreeOrADamagedRecipeIsAnError) {
    const std::string recipe = recipe_of(archive({}));
    EXPECT_THAT(made_again(recipe.substr(0, recipe.size() - 1)), HasSubstr("cut short"));
    EXPECT_THAT(made_again("X" + recipe), HasSubstr("damaged"));
    EXPECT_THAT(made_again(std::string("D") + std::string(16, '\1')), HasSubstr("damaged"));
    ASSERT_EQ(truncate((tree_ + "/etc/text").c_str(), 2), 0);
    EXPECT_THAT(made_again(recipe), HasSubstr("shorter than it was"));
    ASSERT_EQ(unlink((tree_ + "/etc/text").c_str()), 0);
    EXPECT_THAT(made_again(recipe), HasSubstr("make the layer's archive again"));
}

TEST_F(TarRecipeTest, ARecipeReachesNothingOutsideTheTree) {
    ASSERT_EQ(symlink("/etc", (tree_ + "/out").c_str()), 0);
    file("etc/passwd", "inside");
    const auto of = [](const std::string& path) { return std::string("F") + static_cast<char>(path.size()) + std::string(1, '\0') + path + "D" + std::string(8, '\0') + "\6" + std::string(7, '\0'); };
    EXPECT_EQ(made_again(of("out/passwd")), "inside");
    EXPECT_EQ(made_again(of("../../../etc/passwd")), "inside");
}

}  // namespace
}  // namespace skiff::pack
