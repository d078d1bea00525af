// SPDX-License-Identifier: Apache-2.0
#include "oci/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/platform.hpp"

namespace skiff::oci {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view k_sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const std::string k_digest = "sha256:" + std::string(k_sum);

std::string whole(std::string_view text) {
    const auto reference = Reference::parse(text);
    return reference ? reference->string() : reference.error().text();
}
std::string familiar(std::string_view text) {
    const auto reference = Reference::parse(text);
    return reference ? reference->familiar() : reference.error().text();
}

TEST(Reference, MakesShortNamesWhole) {
    EXPECT_EQ(whole("debian"), "docker.io/library/debian:latest");
    EXPECT_EQ(whole("debian:12"), "docker.io/library/debian:12");
    EXPECT_EQ(whole("user/app"), "docker.io/user/app:latest");
    EXPECT_EQ(whole("docker.io/debian"), "docker.io/library/debian:latest");
    EXPECT_EQ(whole("index.docker.io/library/debian"), "docker.io/library/debian:latest");
    EXPECT_EQ(whole("localhost/x"), "localhost/x:latest");
    EXPECT_EQ(whole("localhost:5000"), "docker.io/library/localhost:5000");
    EXPECT_EQ(whole("localhost:5000/a/b:t"), "localhost:5000/a/b:t");
    EXPECT_EQ(whole("Registry/app"), "Registry/app:latest");
    EXPECT_EQ(whole("[::1]:5000/app"), "[::1]:5000/app:latest");
    EXPECT_EQ(whole("ghcr.io/a/b/c@" + k_digest), "ghcr.io/a/b/c@" + k_digest);
    EXPECT_EQ(whole("debian:12@" + k_digest), "docker.io/library/debian:12@" + k_digest);
    EXPECT_EQ(whole("a__b.c-d---e_f"), "docker.io/library/a__b.c-d---e_f:latest");
}

TEST(Reference, IsShownAsPeopleWriteIt) {
    EXPECT_EQ(familiar("docker.io/library/debian:12"), "debian:12");
    EXPECT_EQ(familiar("docker.io/user/app"), "user/app:latest");
    EXPECT_EQ(familiar("docker.io/library/a/b"), "library/a/b:latest");
    EXPECT_EQ(familiar("localhost:5000/app"), "localhost:5000/app:latest");
    EXPECT_EQ(familiar("debian@" + k_digest), "debian@" + k_digest);
    EXPECT_EQ(format("{}", *Reference::parse("docker.io/library/debian")), "debian:latest");
}

TEST(Reference, RoundTrips) {
    for (const std::string_view text : {"debian", "user/app:1", "localhost:5000/a", "[fe80::1]/x", "x.y/a__b"}) {
        const auto reference = Reference::parse(text);
        ASSERT_TRUE(reference) << text;
        EXPECT_EQ(*Reference::parse(reference->string()), *reference);
        EXPECT_EQ(*Reference::parse(reference->familiar()), *reference);
    }
}

TEST(Reference, RefusesEverythingElse) {
    const std::string long_tag(129, 't'), long_path = "a/" + std::string(254, 'b');
    for (const std::string& bad : {std::string(), std::string(":12"), std::string("a:"), std::string("a@"), std::string("/a"), std::string("a/"), std::string("a//b"),
                                   std::string("../a"), std::string("a/../b"), std::string("-a"), std::string("a-"), std::string("a..b"), std::string("a___b"),
                                   std::string("a._b"), std::string("a b"), std::string("a\nb"), std::string("a:b:c"), std::string("a:-x"), std::string("a.b:port/c"),
                                   std::string("a.b:/c"), std::string("-a.b/c"), std::string("[::1/c"), std::string("[]/c"), std::string("[::1%eth0]/c"),
                                   std::string("ä"), std::string("a\0b", 3), std::string("https://a.b/c"), std::string(k_sum), std::string("a@sha256:12"),
                                   "a@sha256:" + std::string(64, 'A'), "a:" + long_tag, "x.y/" + long_path, k_digest})
        EXPECT_THAT(whole(bad), StartsWith("invalid reference format")) << bad;
    EXPECT_EQ(whole("Debian"), "invalid reference format: repository name (library/Debian) must be lowercase");
    EXPECT_THAT(whole("a@sha512:" + std::string(128, 'a')), HasSubstr("sha256 only"));
    EXPECT_EQ(Reference::parse("a/" + std::string(253, 'b'))->path().size(), 255u);
}

TEST(Reference, IsGivenAnotherTagOrDigest) {
    const Reference debian = *Reference::parse("debian:12");
    EXPECT_EQ(debian.with_tag("13")->familiar(), "debian:13");
    EXPECT_EQ(debian.with_digest(*Digest::parse(k_digest)).familiar(), "debian@" + k_digest);
    EXPECT_FALSE(debian.with_tag("a/b"));
    EXPECT_FALSE(debian.with_tag(""));
}

TEST(Digest, IsSha256InOneSpelling) {
    const Digest digest = Digest::of(bytes_of("test"));
    EXPECT_EQ(digest.string(), k_digest);
    EXPECT_EQ(digest.hex(), k_sum);
    EXPECT_EQ(digest.brief(), "9f86d081884c");
    EXPECT_EQ(*Digest::parse(k_digest), digest);
    EXPECT_EQ(*Digest::parse(Untrusted(k_digest)), digest);
    EXPECT_EQ(format("<{}>", digest), "<" + k_digest + ">");

    using namespace std::string_literals;
    const std::string sum(k_sum);
    for (const std::string& bad : {""s, sum, "sha256"s, "sha256:"s, "SHA256:" + sum, "sha256:" + sum + "0", "sha256:" + sum.substr(1), "sha256:../" + sum.substr(3),
                                   "sha256:"s + std::string(64, 'F'), " sha256:" + sum, "sha256:" + sum + "\n", "sha256:" + sum.substr(1) + "\0"s, "sha256:sha256:" + sum})
        EXPECT_FALSE(Digest::parse(std::string_view(bad))) << bad;
    EXPECT_TRUE(Digest::parse("sha512:" + std::string(128, 'a')).error().is(Kind::unsupported));
}

TEST(Platform, IsSpelledInOneWay) {
    EXPECT_EQ(Platform::parse("linux/arm64/v8")->string(), "linux/arm64");
    EXPECT_EQ(Platform::parse("linux/x86_64")->string(), "linux/amd64");
    EXPECT_EQ(Platform::parse("armhf")->string(), "linux/arm/v7");
    EXPECT_EQ(Platform::parse("linux/arm/6")->string(), "linux/arm/v6");
    EXPECT_EQ(Platform::parse("Linux/AMD64/v3")->string(), "linux/amd64/v3");
    EXPECT_EQ(Platform::parse("linux")->string(), Platform::of_this_machine().string());
    for (const std::string_view bad : {"", "/", "linux/", "linux/amd64/v1/x", "beos/amd64", "linux/amiga", "a b", "linux//v8"})
        EXPECT_TRUE(Platform::parse(bad).error().is(Kind::invalid)) << bad;
}

TEST(Platform, RunsWhatItsProcessorCan) {
    const auto rank = [](std::string_view image, std::string_view host) { return suitability(*Platform::parse(image), *Platform::parse(host)); };
    EXPECT_EQ(rank("linux/amd64", "linux/amd64"), 0u);
    EXPECT_LT(rank("linux/amd64", "linux/amd64/v3"), rank("linux/386", "linux/amd64/v3"));
    EXPECT_FALSE(rank("linux/amd64/v3", "linux/amd64"));
    EXPECT_FALSE(rank("linux/arm64", "linux/amd64"));
    EXPECT_FALSE(rank("windows/amd64", "linux/amd64"));
    EXPECT_FALSE(rank("linux/amd64", "linux/386"));
    EXPECT_LT(rank("linux/arm/v7", "linux/arm64"), rank("linux/arm/v6", "linux/arm64"));
    EXPECT_FALSE(rank("linux/arm/v7", "linux/arm/v6"));
    EXPECT_FALSE(rank("linux/arm64/v9", "linux/arm64"));
}

}  // namespace
}  // namespace skiff::oci
