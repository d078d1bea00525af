// SPDX-License-Identifier: Apache-2.0
// The tables themselves: what they say must be true of all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "cli/help.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using testing::HasSubstr;

TEST(Commands, EachOptionNameAndLetterIsUsedOnce) {
    for (const Route& route : routes()) {
        std::set<std::string_view> names = {"help"};
        std::set<char> letters;
        for (const Option* option : route.command->options.all()) {
            EXPECT_TRUE(names.insert(option->name).second) << route.name << " --" << option->name;
            EXPECT_TRUE(option->letter == 0 || letters.insert(option->letter).second) << route.name << " -" << option->letter;
            EXPECT_EQ(option->shape.empty(), option->takes == Option::Takes::nothing) << route.name << " --" << option->name;
            EXPECT_FALSE(option->help.empty() || option->help.ends_with('.')) << route.name << " --" << option->name;
        }
        for (const RefusedOption& refused : route.command->options.refused) {
            EXPECT_TRUE(names.insert(refused.name).second) << route.name << " refuses and has --" << refused.name;
            EXPECT_FALSE(refused.letter && letters.contains(refused.letter)) << route.name << " -" << refused.letter;
        }
    }
}

TEST(Commands, TheExamplesOfTheirHelpCanBeTyped) {
    for (const Route& route : routes())
        for (const std::string_view line : split(route.command->examples, '\n')) {
            if (!line.starts_with("skiff ")) continue;
            std::vector<std::string> words;
            for (const std::string_view word : split(line.substr(0, line.find_first_of("#|'")), ' '))
                if (!word.empty() && word != "skiff") words.emplace_back(word);
            const Found found = find_command(words);
            ASSERT_EQ(found.command, route.command) << line;
            const auto given = read_options(found.command->options, std::span(words).subspan(found.words), route.name);
            const bool is_whole = line.find('\'') == std::string_view::npos;
            EXPECT_TRUE(given || !is_whole) << line;
        }
}

TEST(Commands, HelpNamesEveryOptionAndEveryCommand) {
    for (const Route& route : routes()) {
        const std::string help = command_help(*route.command);
        EXPECT_TRUE(help.starts_with("Usage: skiff ")) << help;
        for (const Option* option : route.command->options.all()) EXPECT_THAT(help, HasSubstr("--" + std::string(option->name)));
        const std::string list = route.group.empty() ? main_help() : group_help(route.group);
        const bool is_listed = list.find("\n  " + std::string(route.name) + " ") != std::string::npos;
        EXPECT_EQ(is_listed, route.shown != Route::Shown::no) << route.name;
    }
    EXPECT_EQ(group_help("nonsense"), "");
}

TEST(Commands, AreFoundAtTheTopAndInTheirGroup) {
    const auto find = [](std::vector<std::string> words) { return find_command(words); };
    EXPECT_EQ(find({"ps", "-a"}).command, &k_ps);
    EXPECT_EQ(find({"container", "ls"}).command, &k_ps);
    EXPECT_EQ(find({"container", "ls"}).words, 2u);
    EXPECT_EQ(find({"image", "inspect", "x"}).command, &k_image_inspect);
    EXPECT_EQ(find({"container"}).command, nullptr);
    EXPECT_EQ(find({"image", "run"}).command, nullptr);
    EXPECT_EQ(find({"cleanup"}).command, nullptr);
    EXPECT_EQ(find({}).command, nullptr);
}

TEST(Manual, EscapesWhatRoffWouldTakeForItsOwn) {
    const std::string page = manual_page(&k_run);
    EXPECT_THAT(page, HasSubstr(".TH \"SKIFF-run\" 1"));
    EXPECT_THAT(page, HasSubstr("\\fB\\-m, \\-\\-memory\\fR \\fISIZE\\fR"));
    EXPECT_THAT(manual_page(nullptr), HasSubstr("skiff\\-run"));
}

TEST(Completion, KnowsCommandsAndTheirOptions) {
    const std::string script = bash_completion();
    EXPECT_THAT(script, HasSubstr("'container ls') options='--help --all -a"));
    EXPECT_THAT(script, HasSubstr("cgroup|container|image|network|ns|system) command="));
    EXPECT_THAT(script, HasSubstr("        image) mapfile -t COMPREPLY < <(compgen -W 'history import "));
    EXPECT_THAT(script, HasSubstr("complete -o filenames"));
}

TEST(Completion, KnowsOtherNamesOfCommandsButNothingThatOnlySkiffItselfCalls) {
    const std::string script = bash_completion();
    EXPECT_THAT(script, HasSubstr("'container list') options='--help --all -a"));
    for (const char* inner : {"cleanup", "restart-due"}) EXPECT_THAT(script, testing::Not(HasSubstr(inner)));
}

}  // namespace
}  // namespace skiff::cli
