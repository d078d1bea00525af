// SPDX-License-Identifier: Apache-2.0
#include "oci/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string refused(std::string_view json) {
    const auto images = parse_archive_manifest(json);
    return images ? "read" : images.error().text();
}

TEST(ArchiveManifest, NamesConfigTagsAndLayersInOrder) {
    const auto images = parse_archive_manifest(R"([{"Config":"a.json","RepoTags":["x:1","y:2"],"Layers":["l/layer.tar","m/layer.tar"],"Parent":"old"},{"Config":"b","RepoTags":null,"Layers":null}])");
    ASSERT_TRUE(images) << images.error().text();
    ASSERT_EQ(images->size(), 2u);
    EXPECT_EQ((*images)[0].config, "a.json");
    EXPECT_THAT((*images)[0].repo_tags, ElementsAre("x:1", "y:2"));
    EXPECT_THAT((*images)[0].layers, ElementsAre("l/layer.tar", "m/layer.tar"));
    EXPECT_THAT((*images)[1].repo_tags, IsEmpty());
    EXPECT_EQ(to_json(*images), R"([{"Config":"a.json","RepoTags":["x:1","y:2"],"Layers":["l/layer.tar","m/layer.tar"]},{"Config":"b","RepoTags":null,"Layers":[]}])");
}

TEST(ArchiveManifest, WhatIsNoneIsToldByItsPath) {
    EXPECT_THAT(refused("{}"), HasSubstr("manifest"));
    EXPECT_THAT(refused("[]"), HasSubstr("names no image"));
    EXPECT_THAT(refused("[1]"), HasSubstr("manifest"));
    EXPECT_THAT(refused(R"([{"RepoTags":[]}])"), HasSubstr("Config"));
    EXPECT_THAT(refused(R"([{"Config":"a","Layers":"l"}])"), HasSubstr("Layers"));
    EXPECT_THAT(refused(R"([{"Config":"a\u0000b"}])"), HasSubstr("NUL"));
    std::string many = R"([{"Config":"a","Layers":["l")";
    for (int i = 0; i < 1000; ++i) many += R"(,"l")";
    EXPECT_THAT(refused(many + "]}]"), HasSubstr("more than 1000"));
}

TEST(Layout, KnowsItsOwnVersionOnly) {
    EXPECT_TRUE(check_layout_marker(layout_marker()));
    EXPECT_TRUE(check_layout_marker(R"({"imageLayoutVersion":"1.1.0"})"));
    EXPECT_FALSE(check_layout_marker(R"({"imageLayoutVersion":"2.0.0"})"));
    EXPECT_FALSE(check_layout_marker("{}"));
}

TEST(Layout, ABareTagIsNoName) {
    EXPECT_EQ(annotated_name(name_annotations("docker.io/library/x:1")), "docker.io/library/x:1");
    EXPECT_EQ(annotated_name({{"org.opencontainers.image.ref.name", "12"}}), std::nullopt);
    EXPECT_EQ(annotated_name({{"org.opencontainers.image.ref.name", "x:12"}}), "x:12");
    EXPECT_EQ(annotated_name({}), std::nullopt);
}

}  // namespace
}  // namespace skiff::oci
