// SPDX-License-Identifier: Apache-2.0
#include "cli/option_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::optional<std::string> own(const std::string& name) { return name == "MINE" ? std::optional<std::string>("yes") : std::nullopt; }

TEST(BindOption, NamesSourceDestinationAndMode) {
    const auto bind = parse_bind("/srv:/data:ro,z,rslave", "/home").value();
    EXPECT_EQ(bind.source, "/srv");
    EXPECT_EQ(bind.destination, "/data");
    EXPECT_TRUE(bind.read_only && bind.relabel_shared);
    EXPECT_EQ(bind.propagation, "rslave");
    EXPECT_EQ(parse_bind("./x:/data", "/home")->source, "/home/./x");
    EXPECT_FALSE(parse_bind("/srv:/data", "/")->read_only);
}

TEST(BindOption, RefusesWhatItCannotDo) {
    for (const auto& [text, why] : {std::pair("data:/data", "named volumes"), std::pair("/data", "anonymous volumes"), std::pair("/a:b", "absolute"),
                                    std::pair("/a:/b:nocopy", "unknown option \"nocopy\""), std::pair("/a:/b:ro,rw", "contradict"), std::pair("/a:/b:z,Z", "contradict"),
                                    std::pair(":/b", "empty"), std::pair("/a:/b:ro:x", "expected SOURCE"), std::pair("/a:/b:shared,slave", "two propagations")})
        EXPECT_THAT(parse_bind(text, "/").error().text(), HasSubstr(why)) << text;
}

TEST(DeviceOption, ReadsItsThreeForms) {
    EXPECT_EQ(parse_device("/dev/fuse")->container_path, "/dev/fuse");
    EXPECT_EQ(parse_device("/dev/fuse:r")->access, "r");
    EXPECT_EQ(parse_device("/dev/fuse:/dev/x:rw")->container_path, "/dev/x");
    EXPECT_FALSE(parse_device("/dev/fuse:/dev/x:q"));
    EXPECT_FALSE(parse_device("fuse"));
    EXPECT_FALSE(parse_device("/dev/fuse:x"));
}

TEST(UlimitOption, ReadsSoftAndHard) {
    const auto both = parse_ulimit("nofile=64:128").value();
    EXPECT_EQ(both.soft, 64);
    EXPECT_EQ(both.hard, 128);
    EXPECT_EQ(parse_ulimit("core=-1")->hard, -1);
    for (const std::string_view bad : {"nofile", "files=1", "nofile=2:1", "nofile=-1:5", "nofile=x", "nofile=-2"}) EXPECT_FALSE(parse_ulimit(bad)) << bad;
}

TEST(Numbers, AreExactOrRefused) {
    EXPECT_EQ(parse_cpus("1.5").value(), 1'500'000'000);
    EXPECT_EQ(parse_cpus(".25").value(), 250'000'000);
    EXPECT_EQ(parse_cpus("0.000000001").value(), 1);
    for (const std::string_view bad : {"", ".", "x", "-1", "1.0000000001", "1e3", "1.-5"}) EXPECT_FALSE(parse_cpus(bad)) << bad;
    EXPECT_EQ(parse_bytes("-m", "64m").value(), 64 << 20);
    EXPECT_EQ(parse_bytes("--memory-swap", "-1", true).value(), -1);
    EXPECT_THAT(parse_bytes("-m", "-1").error().text(), HasSubstr("-m: \"-1\" is not a size"));
    EXPECT_THAT(parse_whole("--blkio-weight", "5", 10, 1000).error().text(), HasSubstr("from 10 to 1000"));
}

TEST(EnvironmentOption, TakesTheCallersValueOnlyWhereNoneIsTyped) {
    EXPECT_EQ((*parse_environment("A=1=2", own))->value, "1=2");
    EXPECT_EQ((*parse_environment("MINE", own))->value, "yes");
    EXPECT_EQ((*parse_environment("MINE=", own))->value, "");
    EXPECT_FALSE(parse_environment("OTHER", own)->has_value());
    EXPECT_FALSE(parse_environment("=x", own));
}

TEST(EnvironmentFile, SkipsCommentsAndNamesBadLines) {
    const auto settings = parse_environment_file("f", "\xef\xbb\xbf# c\n\n  A=1 # kept\r\nMINE\nNONE\n", own).value();
    ASSERT_EQ(settings.size(), 2u);
    EXPECT_EQ(settings[0].value, "1 # kept");
    EXPECT_EQ(settings[1].name, "MINE");
    EXPECT_THAT(parse_environment_file("f", "a b=1", own).error().text(), HasSubstr("contains blanks"));
    EXPECT_THAT(parse_environment_file("f", "=1", own).error().text(), HasSubstr("no variable name"));
}

TEST(Moments, AreAbsoluteOrAgo) {
    constexpr int64_t s = 1'000'000'000, now = 1'700'000'000 * s;
    EXPECT_EQ(parse_moment("--since", "10m", now).value(), now - 600 * s);
    EXPECT_EQ(parse_moment("--since", "1600000000.5", now).value(), 1'600'000'000 * s + s / 2);
    EXPECT_EQ(parse_moment("--since", "2020-09-13T12:26:40Z", now).value(), 1'600'000'000 * s);
    EXPECT_TRUE(parse_moment("--since", "2020-09-13", now));
    EXPECT_TRUE(parse_moment("--since", "2020-09-13T12:26", now));
    EXPECT_FALSE(parse_moment("--since", "yesterday", now));
}

TEST(LogOptions, AreTheTwoThatWork) {
    const auto log = parse_log(std::nullopt, {"max-size=10m", "max-file=3"}).value();
    EXPECT_EQ(log.max_size, 10 << 20);
    EXPECT_EQ(log.max_file, 3);
    EXPECT_FALSE(parse_log("syslog", {}));
    EXPECT_FALSE(parse_log(std::nullopt, {"tag=x"}));
    EXPECT_FALSE(parse_log(std::nullopt, {"max-file=3"}));
    EXPECT_FALSE(parse_log("none", {"max-size=1m"}));
}

TEST(SecurityOption, NamesAFileOnlyForSeccomp) {
    EXPECT_EQ(parse_security_option("seccomp=unconfined").value(), std::nullopt);
    EXPECT_EQ(parse_security_option("seccomp=/etc/p.json").value(), "/etc/p.json");
    EXPECT_EQ(parse_security_option("no-new-privileges").value(), std::nullopt);
    EXPECT_EQ(parse_security_option("no-new-privileges:true").value(), std::nullopt);
    for (const std::string_view bad : {"no-new-privileges=maybe", "seccomp=", "apparmor=mine", "label=type:x", "nonsense", ""}) EXPECT_FALSE(parse_security_option(bad)) << bad;
}

TEST(TmpfsOption, KeepsItsOptions) {
    EXPECT_THAT(parse_tmpfs("/run:size=64m,mode=755")->options, ElementsAre("size=64m", "mode=755"));
    EXPECT_FALSE(parse_tmpfs("run"));
    EXPECT_FALSE(parse_tmpfs("/run:a,,b"));
}

}  // namespace
}  // namespace skiff::cli
