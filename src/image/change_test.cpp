// SPDX-License-Identifier: Apache-2.0
#include "image/change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

oci::ImageSettings changed(std::initializer_list<std::string_view> changes) {
    oci::ImageSettings settings;
    for (const auto change : changes) {
        const auto applied = apply_change(change, settings);
        EXPECT_TRUE(applied) << applied.error().text();
    }
    return settings;
}
std::string refused(std::string_view change) {
    oci::ImageSettings settings;
    const auto applied = apply_change(change, settings);
    return applied ? "applied" : applied.error().text();
}

TEST(Change, CommandsComeInTwoForms) {
    const auto settings = changed({R"(cmd ["a", "b c"])", "ENTRYPOINT run it"});
    EXPECT_THAT(*settings.cmd, ElementsAre("a", "b c"));
    EXPECT_THAT(*settings.entrypoint, ElementsAre("/bin/sh", "-c", "run it"));
}

TEST(Change, VariablesAndLabelsAreWordsAsInAShell) {
    const auto settings = changed({R"(ENV A=1 B="two words" C=a\ b)", "ENV A 9 8", "LABEL a.b='x=y'"});
    EXPECT_THAT(settings.env, ElementsAre("A=9 8", "B=two words", "C=a b"));
    EXPECT_EQ(settings.labels.at("a.b"), "x=y");
}

TEST(Change, TheRestOfTheSettings) {
    const auto settings = changed({"EXPOSE 80 53/udp 90-91", "USER 1000:1000", "WORKDIR /srv", "WORKDIR app", "STOPSIGNAL SIGINT", R"(VOLUME ["/a","/b"])", "ONBUILD RUN x"});
    EXPECT_THAT(settings.exposed_ports, ElementsAre("53/udp", "80/tcp", "90/tcp", "91/tcp"));
    EXPECT_EQ(settings.user, "1000:1000");
    EXPECT_EQ(settings.working_dir, "/srv/app");
    EXPECT_EQ(settings.stop_signal, "SIGINT");
    EXPECT_THAT(settings.volumes, ElementsAre("/a", "/b"));
}

TEST(Change, NothingIsTakenAndIgnored) {
    EXPECT_THAT(refused("RUN true"), HasSubstr("not supported"));
    EXPECT_THAT(refused("ENV PATH=$PATH:/x"), HasSubstr("variables are not replaced"));
    EXPECT_THAT(refused("ENV A"), HasSubstr("not NAME=VALUE"));
    EXPECT_THAT(refused("CMD"), HasSubstr("argument"));
    EXPECT_THAT(refused("FLY high"), HasSubstr("not an instruction"));
    EXPECT_THAT(refused("EXPOSE 0"), HasSubstr("not a port"));
    EXPECT_THAT(refused("STOPSIGNAL LOUD"), HasSubstr("not a signal"));
    EXPECT_THAT(refused("USER a b"), HasSubstr("exactly one"));
    EXPECT_THAT(refused("LABEL 'a=b"), HasSubstr("not closed"));
}

}  // namespace
}  // namespace skiff::image
