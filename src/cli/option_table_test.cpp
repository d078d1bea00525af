// SPDX-License-Identifier: Apache-2.0
#include "cli/option_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'e', "env", Takes::values, "NAME=VALUE", "a variable", {}},
    {'i', "interactive", Takes::nothing, {}, "keep stdin open", {}},
    {'t', "tty", Takes::nothing, {}, "a terminal", {}},
    {0, "rm", Takes::nothing, {}, "remove it afterwards", {}},
    {'h', "hostname", Takes::value, "NAME", "its name", {}},
    {0, "network", Takes::value, "NETWORK", "its network", "net"},
};
constexpr RefusedOption k_refused[] = {{'p', "publish", "ports are published once there are bridges"}};

Result<Given> read(std::vector<std::string> words, bool ends_at_argument = true) {
    OptionTable table;
    table.first = k_options, table.refused = k_refused, table.ends_at_argument = ends_at_argument;
    return read_options(table, words, "run");
}

TEST(Options, LettersCombineAndCarryTheirValue) {
    const auto given = read({"-it", "-eA=1", "-e", "B", "-e=C=3", "--env=", "--env", "--rm", "image", "-e", "X"});
    ASSERT_TRUE(given) << given.error().text();
    EXPECT_TRUE(given->flag("interactive") && given->flag("tty"));
    EXPECT_FALSE(given->flag("rm"));
    EXPECT_THAT(given->values("env"), ElementsAre("A=1", "B", "C=3", "", "--rm"));
    EXPECT_THAT(given->arguments(), ElementsAre("image", "-e", "X"));
}

TEST(Options, AnEmptyValueIsAValue) {
    const auto given = read({"--hostname=", "image"});
    EXPECT_EQ(given->value("hostname"), "");
    EXPECT_THAT(given->arguments(), ElementsAre("image"));
}

TEST(Options, FlagsTakeFalseAndTheLastOneCounts) {
    EXPECT_FALSE(read({"--rm", "--rm=false"})->flag("rm"));
    EXPECT_TRUE(read({"--rm=false", "--rm=1"})->flag("rm"));
    EXPECT_FALSE(read({"-t=false"})->flag("tty"));
    EXPECT_THAT(read({"--rm=maybe"}).error().text(), HasSubstr("--rm is true or false, not \"maybe\""));
}

TEST(Options, MixWithArgumentsUnlessTheyEndThere) {
    const auto given = read({"web", "--rm", "db", "--", "--tty"}, false);
    EXPECT_TRUE(given->flag("rm"));
    EXPECT_THAT(given->arguments(), ElementsAre("web", "db", "--tty"));
    EXPECT_THAT(read({"-", "--rm"}, false)->arguments(), ElementsAre("-"));
}

TEST(Options, ASecondNameIsTheSameOption) { EXPECT_EQ(read({"--net", "host", "image"})->value("network"), "host"); }

TEST(Options, HelpIsAskedForByHOnlyWhereHIsFree) {
    EXPECT_TRUE(read({"--help"})->wants_help());
    EXPECT_EQ(read({"-h", "box", "image"})->value("hostname"), "box");
    const OptionTable empty;
    EXPECT_TRUE(read_options(empty, std::vector<std::string>{"-h"}, "ps")->wants_help());
}

TEST(Options, UnknownOnesAreRefusedWithTheNearest) {
    EXPECT_EQ(read({"--hostnme", "x"}).error().text(), "unknown option --hostnme for skiff run; did you mean --hostname?");
    EXPECT_EQ(read({"--zzzz"}).error().text(), "unknown option --zzzz; see skiff run --help");
    EXPECT_EQ(read({"-iz"}).error().text(), "unknown option -z; see skiff run --help");
    EXPECT_EQ(read({"-p", "80:80"}).error().text(), "-p (--publish) is not supported: ports are published once there are bridges");
    EXPECT_EQ(read({"--publish=80"}).error().kind(), Kind::unsupported);
    EXPECT_EQ(read({"--network"}).error().text(), "--network needs a value (NETWORK); see skiff run --help");
}

}  // namespace
}  // namespace skiff::cli
