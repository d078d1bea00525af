// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"

/// Help, completion and manual, all from the option tables.
namespace skiff::cli {

/// `skiff` alone: the groups and the commands of every day.
std::string main_help();
/// `skiff container`: what the group has. Empty: there is no such group.
std::string group_help(std::string_view group);
std::string command_help(const Command& command);

/// The script that `skiff completion bash` prints.
std::string bash_completion();
/// What a command's page is called: "skiff-run".
std::string manual_name(const Command& command);
/// A man(7) page: of one command, or with null of skiff itself.
std::string manual_page(const Command* command);

}  // namespace skiff::cli
