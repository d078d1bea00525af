// SPDX-License-Identifier: Apache-2.0
// The store with the real jailed program: needs root, for owners, devices and namespaces.
#include "image/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sched.h>
#include <unistd.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "image/blob_store.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "oci/image_spec.hpp"

namespace skiff::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Result<std::vector<std::string>> no_users(const std::string&) { return std::vector<std::string>(); }
Result<std::vector<std::string>> one_user(const std::string&) { return std::vector<std::string>{"c0ffee00c0ffee"}; }

class ImageStoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "unpacking a root filesystem needs root";
        char name[] = "/tmp/skiff-image-XXXXXX";
        directory_ = mkdtemp(name);
        root_ = directory_ + "/store";
        ASSERT_TRUE(kernel::make_directories(root_, 0700));
        auto database = database::Database::open(root_ + "/skiff.db");
        ASSERT_TRUE(database);
        database_.emplace(std::move(*database));
        auto store = ImageStore::open(root_, *database_, SKIFF_TRANSFER);
        ASSERT_TRUE(store) << store.error().text();
        store_.emplace(std::move(*store));
    }
    void TearDown() override { if (!directory_.empty()) (void)kernel::remove_tree(directory_); }

    /// A tar archive (by `tar`, with `options`) of one file with that text, the same whenever it is made.
    std::string archive(const std::string& text, std::vector<std::string> options = {}) {
        const std::string tree = directory_ + "/tree", path = directory_ + "/archive";
        EXPECT_TRUE(kernel::make_directories(tree + "/etc", 0755));
        auto etc = kernel::open_directory(tree + "/etc");
        EXPECT_TRUE(kernel::replace_file(*etc, "text", text, 0640, kernel::Durability::visible));
        kernel::Program tar{.path = "/bin/tar", .arguments = {"tar", "--mtime=@1000000000", "-C", tree, "-cf", path}, .environment = {"PATH=/bin:/usr/bin"}, .descriptors = {}, .directory = {}};
        tar.arguments.insert(tar.arguments.end(), options.begin(), options.end());
        tar.arguments.push_back(".");
        auto child = kernel::spawn(tar);
        EXPECT_TRUE(child);
        EXPECT_EQ(child->wait()->code(), 0);
        return path;
    }
    Result<std::string> import(const std::string& path, const std::string& name, std::vector<std::string> changes = {}) {
        const auto file = TRY(kernel::open_file(path, O_RDONLY));
        return store_->import_archive(file, {.reference = name, .message = "", .changes = std::move(changes), .platform = {}});
    }
    /// Everything below the store that an operation could have left.
    std::vector<std::string> remains() {
        std::vector<std::string> names;
        for (const char* folder : {"staging", "trash", "layers", "blobs/sha256"}) {
            const auto found = kernel::list_directory(root_ + "/" + folder);
            for (const std::string& name : *found) names.push_back(std::string(folder) + "/" + name);
        }
        return names;
    }

    std::string directory_, root_;
    std::optional<database::Database> database_;
    std::optional<ImageStore> store_;
};

TEST_F(ImageStoreTest, AnArchiveBecomesAnImageUnderItsName) {
    const std::string path = archive("hello");
    auto id = import(path, "debian:12", {"CMD [\"sh\"]", "ENV A=1 B=\"2 3\""});
    ASSERT_TRUE(id) << id.error().text();
    EXPECT_THAT(*id, StartsWith("sha256:"));

    const auto image = store_->find("debian:12");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->id, *id);
    EXPECT_EQ(image->size, 5);
    EXPECT_THAT(image->references, ElementsAre("debian:12"));

    const auto layers = store_->layer_directories(*image);
    ASSERT_EQ(layers->size(), 1u);
    EXPECT_EQ(*kernel::read_whole_file(layers->front() + "/etc/text"), "hello");
    struct stat status{};
    ASSERT_EQ(stat((layers->front() + "/etc/text").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640u);

    const auto config = store_->config(*image);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->find_path({"config", "Cmd"})->to_text(), "[\"sh\"]");
    EXPECT_EQ(config->find_path({"config", "Env"})->to_text(), "[\"A=1\",\"B=2 3\"]");
    const std::string tar = *kernel::read_whole_file(path);
    EXPECT_EQ(config->find_path({"rootfs", "diff_ids"})->to_text(), "[\"sha256:" + Sha256::hex_of(bytes_of(tar)) + "\"]");
    EXPECT_THAT(*store_->diff_ids(*image), ElementsAre("sha256:" + Sha256::hex_of(bytes_of(tar))));
    EXPECT_EQ(store_->history(*image)->front().comment, "Imported from -");
    EXPECT_EQ(store_->history(*image)->front().size, 5);

    const auto blobs = BlobStore::open(root_);
    const auto manifest = blobs->read(*oci::Digest::parse(image->manifest));
    ASSERT_TRUE(manifest);
    const auto parsed = oci::parse_manifest(*manifest);
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->config.digest.string(), *id);
    EXPECT_EQ(parsed->layers.front().size, tar.size());
}

TEST_F(ImageStoreTest, TheSameTreeIsTheSameLayerHoweverItWasCompressed) {
    ASSERT_TRUE(import(archive("hello"), "plain"));
    const auto zipped = import(archive("hello", {"-z"}), "zipped");
    ASSERT_TRUE(zipped) << zipped.error().text();
    ASSERT_TRUE(import(archive("hello", {"--zstd"}), "zstd"));
    EXPECT_EQ(*store_->layer_directories(*store_->find("plain")), *store_->layer_directories(*store_->find("zipped")));
    EXPECT_EQ(*store_->layer_directories(*store_->find("plain")), *store_->layer_directories(*store_->find("zstd")));
    EXPECT_EQ(kernel::list_directory(root_ + "/layers")->size(), 1u);
    EXPECT_THAT(*kernel::list_directory(root_ + "/staging"), IsEmpty());
    EXPECT_THAT(*kernel::list_directory(root_ + "/trash"), IsEmpty());
}

TEST_F(ImageStoreTest, ReadsFromAPipe) {
    const std::string tar = *kernel::read_whole_file(archive("from a pipe"));
    auto pipe = kernel::make_pipe();
    const pid_t writer = fork();
    if (writer == 0) _exit(kernel::write_all(pipe->writer, bytes_of(tar)) ? 0 : 1);
    pipe->writer.reset();
    const auto id = store_->import_archive(pipe->reader, {.reference = "piped", .message = "note", .changes = {}, .platform = {}});
    waitpid(writer, nullptr, 0);
    ASSERT_TRUE(id) << id.error().text();
    EXPECT_EQ(store_->history(*store_->find(*id))->front().comment, "note");
}

TEST_F(ImageStoreTest, AFailedImportLeavesNothing) {
    const std::string whole = *kernel::read_whole_file(archive("hello", {"-z"}));
    const std::string plain = *kernel::read_whole_file(archive("hello"));
    const auto place = kernel::open_directory(directory_);
    const auto attempt = [&](const std::string& bytes) {
        EXPECT_TRUE(kernel::replace_file(*place, "bad", bytes, 0600, kernel::Durability::visible));
        const auto id = import(directory_ + "/bad", "bad");
        EXPECT_FALSE(id);
        return id ? std::string("none") : id.error().text();
    };
    EXPECT_EQ(attempt(whole.substr(0, whole.size() - 3)), "the gzip stream is cut short");
    EXPECT_THAT(attempt(plain.substr(0, 1800)), HasSubstr("the archive is cut short"));
    EXPECT_THAT(attempt("no archive at all"), HasSubstr("cut short"));
    EXPECT_THAT(attempt(std::string(5000, 'x')), HasSubstr("not a tar archive"));
    EXPECT_THAT(attempt(""), HasSubstr("cut short"));
    std::string changed = plain;
    changed[10] = 'x';
    EXPECT_THAT(attempt(changed), HasSubstr("checksum of a header is wrong"));
    EXPECT_THAT(attempt("BZh91AY&SY"), HasSubstr("bzip2"));
    EXPECT_THAT(remains(), IsEmpty());
    EXPECT_THAT(*store_->list(), IsEmpty());
}

TEST_F(ImageStoreTest, BadNamesAndChangesAreRefusedBeforeAnythingIsRead) {
    EXPECT_EQ(import(archive("x"), "Bad Name").error().kind(), Kind::invalid);
    EXPECT_THAT(import(archive("x"), "good", {"RUN true"}).error().text(), HasSubstr("\"RUN\" is not supported here"));
    EXPECT_THAT(remains(), IsEmpty());
}

TEST_F(ImageStoreTest, ImagesAreFoundByNameIdAndItsBeginning) {
    const std::string id = *import(archive("a"), "app:1");
    for (const std::string& name : {std::string("app:1"), std::string("docker.io/library/app:1"), id, id.substr(7), id.substr(0, 19), id.substr(7, 12)})
        EXPECT_EQ(store_->find(name)->id, id) << name;
    EXPECT_EQ(store_->find("app@" + store_->find(id)->manifest)->id, id);
    const auto missing = store_->find("app");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind(), Kind::not_found);
    EXPECT_EQ(missing.error().text(), "no such image: app:latest");
}

TEST_F(ImageStoreTest, ANewOwnerTakesTheNameAndTheOldImageStays) {
    const std::string first = *import(archive("first"), "app:1"), second = *import(archive("second"), "app:1");
    EXPECT_EQ(store_->find("app:1")->id, second);
    EXPECT_THAT(store_->find(first)->references, IsEmpty());
    ASSERT_TRUE(store_->tag(first, "app:old"));
    EXPECT_EQ(store_->find("app:old")->id, first);
    EXPECT_EQ(store_->tag("missing", "x").error().kind(), Kind::not_found);
    EXPECT_EQ(store_->list()->size(), 2u);
    EXPECT_EQ(store_->list()->front().id, second);
}

TEST_F(ImageStoreTest, RemovingTheLastNameRemovesEverything) {
    const std::string id = *import(archive("a"), "app:1");
    ASSERT_TRUE(store_->tag("app:1", "other:2"));
    auto done = store_->remove("other:2", false, no_users);
    ASSERT_TRUE(done);
    ASSERT_EQ(done->size(), 1u);
    EXPECT_EQ(done->front().name, "other:2");
    done = store_->remove("app:1", false, no_users);
    ASSERT_TRUE(done) << done.error().text();
    ASSERT_EQ(done->size(), 3u);
    EXPECT_TRUE(done->at(0).untagged);
    EXPECT_EQ(done->at(1).name, id);
    EXPECT_FALSE(done->at(1).untagged);
    EXPECT_THAT(remains(), IsEmpty());
    EXPECT_EQ(store_->find(id).error().kind(), Kind::not_found);
}

TEST_F(ImageStoreTest, ALayerThatAnotherImageHasStays) {
    ASSERT_TRUE(import(archive("same"), "one"));
    ASSERT_TRUE(import(archive("same"), "two", {"USER 1"}));
    ASSERT_TRUE(store_->remove("one", false, no_users));
    EXPECT_TRUE(*kernel::exists(store_->layer_directories(*store_->find("two"))->front() + "/etc/text"));
}

TEST_F(ImageStoreTest, AnImageThatAContainerUsesIsKept) {
    const std::string id = *import(archive("a"), "app:1");
    const auto refused = store_->remove("app:1", false, one_user);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), Kind::conflict);
    EXPECT_THAT(refused.error().text(), HasSubstr("container c0ffee00c0ff"));
    EXPECT_THAT(store_->find(id)->references, ElementsAre("app:1"));
    ASSERT_TRUE(store_->remove("app:1", true, one_user));
    EXPECT_THAT(store_->find(id)->references, IsEmpty());
    EXPECT_EQ(store_->layer_directories(*store_->find(id))->size(), 1u);
}

TEST_F(ImageStoreTest, WhatTheDeadLeftIsSweptAndWhatTheLivingHoldIsNot) {
    ASSERT_TRUE(import(archive("a"), "app"));
    for (const char* left : {"/staging/aaaaaaaa/diff", "/layers/bbbbbbbb/diff/x", "/trash/cccccccc/y", "/staging/eeeeeeee/diff"}) ASSERT_TRUE(kernel::make_directories(root_ + left, 0700));
    ASSERT_TRUE(BlobStore::open(root_)->put("a document without an image"));
    auto alive = kernel::Lock::take(root_ + "/staging/eeeeeeee/lock");
    ASSERT_TRUE(alive);
    ASSERT_TRUE(store_->sweep());
    EXPECT_THAT(*kernel::list_directory(root_ + "/staging"), ElementsAre("eeeeeeee"));
    EXPECT_EQ(kernel::list_directory(root_ + "/layers")->size(), 1u);
    EXPECT_EQ(kernel::list_directory(root_ + "/blobs/sha256")->size(), 2u);
    EXPECT_THAT(*kernel::list_directory(root_ + "/trash"), IsEmpty());
    EXPECT_TRUE(store_->find("app"));
}

TEST_F(ImageStoreTest, AFullDiskIsNamedAndLeavesNothing) {
    const std::string path = archive(std::string(4 << 20, 'x'));
    // A small filesystem of our own, seen by this process's child alone.
    const pid_t child = fork();
    if (child == 0) {
        bool fine = unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        const std::string small = directory_ + "/small";
        fine = fine && kernel::make_directories(small, 0700) && mount("none", small.c_str(), "tmpfs", 0, "size=2m") == 0;
        if (!fine) _exit(77);
        auto database = database::Database::open(small + "/skiff.db");
        auto store = ImageStore::open(small, *database, SKIFF_TRANSFER);
        const auto file = kernel::open_file(path, O_RDONLY);
        const auto id = store->import_archive(*file, {.reference = "big", .message = "", .changes = {}, .platform = {}});
        const bool is_named = !id && id.error().is(Kind::no_space) && id.error().text().find("the filesystem of " + small + " is full") != std::string::npos;
        const bool is_clean = kernel::list_directory(small + "/staging")->empty() && kernel::list_directory(small + "/layers")->empty() && kernel::list_directory(small + "/trash")->empty();
        _exit(is_named ? is_clean ? 0 : 2 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(BlobStore, ABlobWithWrongBytesIsNeverVisible) {
    char name[] = "/tmp/skiff-blobs-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    const std::string directory = name;
    auto blobs = BlobStore::open(directory);
    ASSERT_TRUE(blobs);
    auto pipe = kernel::make_pipe();
    ASSERT_TRUE(kernel::write_all(pipe->writer, bytes_of("evil")));
    pipe->writer.reset();
    const auto promised = oci::Digest::of(bytes_of("good"));
    EXPECT_EQ(blobs->put(promised, pipe->reader).error().kind(), Kind::corrupt);
    EXPECT_THAT(*kernel::list_directory(directory + "/blobs/sha256"), IsEmpty());

    const auto kept = blobs->put("good");
    ASSERT_TRUE(kept);
    EXPECT_EQ(*kept, promised);
    EXPECT_TRUE(blobs->put("good"));
    EXPECT_EQ(*blobs->read(promised), "good");
    ASSERT_TRUE(kernel::replace_file(*kernel::open_directory(directory + "/blobs/sha256"), promised.hex(), "rot", 0600, kernel::Durability::visible));
    EXPECT_EQ(blobs->read(promised).error().kind(), Kind::corrupt);
    (void)kernel::remove_tree(directory);
}

}  // namespace
}  // namespace skiff::image
