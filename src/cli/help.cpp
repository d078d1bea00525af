// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/table.hpp"

namespace skiff::cli {
namespace {

struct Pair { std::string left, right; };

std::string aligned(const std::vector<Pair>& pairs) {
    size_t width = 0;
    for (const Pair& pair : pairs) width = std::max(width, columns_of(pair.left));
    std::string text;
    for (const Pair& pair : pairs) text += "  " + pair.left + std::string(width - columns_of(pair.left) + 3, ' ') + pair.right + "\n";
    return text;
}

std::string options_help(const OptionTable& table) {
    std::vector<Pair> pairs;
    for (const Option* option : table.all()) {
        std::string left = option->letter ? format("-{}, --{}", option->letter, option->name) : format("    --{}", option->name);
        if (option->takes != Option::Takes::nothing) left += format(" {}", option->shape);
        pairs.push_back({left, std::string(option->help) + (option->takes == Option::Takes::values ? " (repeatable)" : "")});
    }
    return aligned(pairs);
}

std::string list_of(std::string_view group, Route::Shown shown) {
    std::vector<Pair> pairs;
    for (const Route& route : routes())
        if (route.group == group && route.shown == shown) pairs.push_back({std::string(route.name), std::string(route.command->summary)});
    return aligned(pairs);
}

}  // namespace

std::string main_help() {
    return "Usage: skiff [OPTIONS] COMMAND\n\n"
           "A container engine without a daemon. Commands, options and outputs are Docker's.\n\n"
           "Common commands:\n" + list_of("", Route::Shown::commonly) +
           "\nManagement commands:\n" + aligned({{"cgroup", "Control groups by hand: ls tree create set get move rm stat"}, {"container", "Containers: ls run create start stop rm inspect …"},
                                                  {"image", "Images: ls import tag rm inspect history"}, {"ns", "Namespaces by hand: ls inspect diff keep exec rm"},
                                                  {"system", "All that is kept: check events info"}}) +
           "\nCommands:\n" + list_of("", Route::Shown::yes) +
           "\nOptions before the command:\n" + options_help(global_options()) +
           "\nRun 'skiff COMMAND --help' for more about a command.\n";
}

std::string group_help(std::string_view group) {
    const std::string list = list_of(group, Route::Shown::commonly) + list_of(group, Route::Shown::yes);
    if (list.empty()) return {};
    return format("Usage: skiff {} COMMAND\n\nCommands:\n", group) + list + format("\nRun 'skiff {} COMMAND --help' for more about a command.\n", group);
}

std::string command_help(const Command& command) {
    std::string text = format("Usage: skiff {}{}{}\n\n{}.\n", command.name, command.arguments.empty() ? "" : " ", command.arguments, command.summary);
    if (!command.details.empty()) text += format("\n{}\n", command.details);
    if (const std::string options = options_help(command.options); !options.empty()) text += "\nOptions:\n" + options;
    if (!command.examples.empty()) {
        text += "\nExamples:\n";
        for (const std::string_view line : split(command.examples, '\n')) text += format("  {}\n", line);
    }
    return text;
}

}  // namespace skiff::cli
