// SPDX-License-Identifier: Apache-2.0
#include "engine/store.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

class Containers : public testing::Test {
protected:
    void SetUp() override {
        char name[] = "/tmp/skiff-test-store-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        directory_ = name;
    }
    void TearDown() override { (void)kernel::remove_tree(directory_); }
    Store open() { return Store::open(directory_ + "/skiff.db").value(); }
    static ContainerRecord record(const std::string& id, std::string name, int64_t created = 1) {
        ContainerRecord r;
        r.id = id + std::string(64 - id.size(), '0'), r.name = std::move(name), r.created_ns = created, r.image_id = "sha256:1";
        return r;
    }
    std::string directory_;
};

TEST_F(Containers, AreFoundByNameIdAndUnambiguousPrefix) {
    auto store = open();
    ASSERT_TRUE(store.insert(record("abc1", "web")));
    ASSERT_TRUE(store.insert(record("abc2", "db")));
    ASSERT_TRUE(store.insert(record("def", "abc1")));
    EXPECT_EQ(store.find("web")->name, "web");
    EXPECT_EQ(store.find("/web")->name, "web");
    EXPECT_EQ(store.find("abc2")->name, "db");
    EXPECT_EQ(store.find("abc1")->id.substr(0, 3), "def") << "a name comes before a prefix";
    EXPECT_EQ(store.find("d")->name, "abc1");
    EXPECT_EQ(store.find(record("abc1", "").id)->name, "web");
    EXPECT_TRUE(store.find("abc").error().is(Kind::invalid));
    for (const char* nothing : {"", "x", "abc3", "we", "%", "ABC", "abc1' OR 1=1"}) EXPECT_TRUE(store.find(nothing).error().is(Kind::not_found)) << nothing;
}

TEST_F(Containers, ANameBelongsToOne) {
    auto store = open();
    ASSERT_TRUE(store.insert(record("a", "web")));
    const auto second = store.insert(record("b", "web"));
    EXPECT_TRUE(second.error().is(Kind::exists));
    EXPECT_EQ(second.error().text(), "the container name \"web\" is already in use by container a00000000000; remove or rename that container to reuse the name");
    ASSERT_TRUE(store.insert(record("b", "db")));
    EXPECT_TRUE(store.rename(record("b", "").id, "web").error().is(Kind::exists));
    ASSERT_TRUE(store.rename(record("a", "").id, "old"));
    EXPECT_EQ(store.find("old")->config.name, "old");
    ASSERT_TRUE(store.insert(record("c", "web")));
}

TEST_F(Containers, AreListedNewestFirstAndOutliveTheProcess) {
    {
        auto store = open();
        ASSERT_TRUE(store.insert(record("a", "first", 1)) && store.insert(record("b", "second", 2)));
        ASSERT_TRUE(store.remove(record("x", "").id));
    }
    auto store = open();
    const auto all = store.list().value();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].name, "second");
    EXPECT_EQ(store.users_of_image("sha256:1")->size(), 2u);
    ASSERT_TRUE(store.remove(all[0].id));
    EXPECT_FALSE(store.has(all[0].id).value());
    EXPECT_TRUE(store.has(all[1].id).value());
}

}  // namespace
}  // namespace skiff::engine
