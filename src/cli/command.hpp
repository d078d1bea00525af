// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/option_table.hpp"

namespace skiff::cli {

class Session;

/// One command of skiff: its words for people, its options and what it does. All of them are constants; a file each.
struct Command {
    std::string_view name;             ///< "run"; of a command that only its group has, "container cleanup"
    std::string_view arguments;        ///< "[OPTIONS] IMAGE [COMMAND [ARGUMENT…]]"
    std::string_view summary;          ///< one line, without a full stop
    std::string_view details;          ///< paragraphs for --help and the manual
    std::string_view examples;         ///< lines of "command" or "command   # what it does"
    OptionTable options;
    size_t least = 0, most = 0;        ///< arguments; most k_any: no limit
    /// Exit code on success; the error otherwise.
    Result<int> (*run)(Session& session, const Given& given) = nullptr;
    int failure = 1;                   ///< exit code of its own failures: 125 for run, as Docker has it
};
inline constexpr size_t k_any = ~size_t{0};

/// A place where a command can be reached: "ps" at the top and "container ls" mean the same.
struct Route {
    std::string_view group;            ///< empty at the top
    std::string_view name;
    const Command* command;
    enum class Shown { commonly, yes, no } shown = Shown::yes;  ///< in the lists of help; commonly: in the first of them
};
std::span<const Route> routes();

/// What the words (behind the global options) mean: the command, and how many words named it. Null: no such command;
/// a group alone has no command either.
struct Found { const Command* command = nullptr; size_t words = 0; std::string_view group; };
Found find_command(std::span<const std::string> words);

/// The options that stand before the command.
const OptionTable& global_options();

}  // namespace skiff::cli
