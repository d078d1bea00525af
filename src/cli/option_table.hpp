// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// A command's options as data. Parsing, --help, completion and the manual are all made from these tables, which the
/// compiler lays out: at start-up nothing is built.
namespace skiff::cli {

struct Option {
    enum class Takes { nothing, value, values };
    char letter = 0;                ///< 0: it has none
    std::string_view name;
    Takes takes = Takes::nothing;
    std::string_view shape;         ///< what stands for the value in --help: "NAME=VALUE"
    std::string_view help;
    std::string_view alias;         ///< a second long name, not shown
};

/// An option of docker's that we know and do not have: refused with its own reason.
struct RefusedOption {
    char letter = 0;
    std::string_view name;
    std::string_view why;           ///< "ports are published once skiff has bridge networks"
};

struct OptionTable {
    std::span<const Option> first, second;      ///< two lists, since run and create share most of theirs
    std::span<const RefusedOption> refused;
    /// run, exec, create: options end at the first argument, the rest is the container's.
    bool ends_at_argument = false;

    const Option* find(std::string_view name) const;
    const Option* find(char letter) const;
    std::vector<const Option*> all() const;
};

/// What was typed.
class Given {
public:
    /// Whether a flag is on; the last one typed counts ("--rm --rm=false").
    bool flag(std::string_view name) const;
    bool has(std::string_view name) const;
    /// The last value typed.
    std::optional<std::string> value(std::string_view name) const;
    std::string value_or(std::string_view name, std::string_view otherwise) const;
    const std::vector<std::string>& values(std::string_view name) const;
    const std::vector<std::string>& arguments() const { return arguments_; }
    /// --help, or -h where the command has no -h of its own.
    bool wants_help() const { return wants_help_; }

private:
    friend class OptionReader;
    std::map<std::string_view, std::vector<std::string>> options_;
    std::vector<std::string> arguments_;
    bool wants_help_ = false;
};

/// Reads what was typed, by the rules of Docker's command line (pflag): --name=value, --name value, -nvalue, -n value,
/// -it for flags, --flag=false, "--" ends the options. `command` is for messages: "run".
/// Error (invalid): an unknown option, with the nearest known one; one we do not have yet, with the reason.
Result<Given> read_options(const OptionTable& table, std::span<const std::string> words, std::string_view command);

/// true, t, 1, yes-like spellings of Go's ParseBool; nothing for anything else.
std::optional<bool> parse_flag(std::string_view text);

/// The candidate that `typed` was probably meant to be, or empty.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> candidates);

}  // namespace skiff::cli
