// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace skiff::runtime_cli {

/// One option of a verb: the tables of these are the command line.
struct Option {
    std::string_view name;       ///< "pid-file"
    char letter = 0;             ///< 'b', or 0
    std::string_view value = {}; ///< what its value is called; empty: a switch
    std::string_view help = {};
    bool may_repeat = false;
};

/// What was typed, by an option's name.
class Arguments {
public:
    bool has(std::string_view name) const { return values_.contains(name); }
    /// The last value; empty where the option is absent.
    std::string value(std::string_view name) const;
    std::vector<std::string> values(std::string_view name) const;
    const std::vector<std::string>& operands() const { return operands_; }
    /// Reads options anywhere, or only before the first operand (what follows it is then an operand, whatever it looks
    /// like). "--" ends the options. Error (invalid): an unknown option, by name; a missing value.
    enum class Mixing { anywhere, options_first };
    static Result<Arguments> parse(std::span<const std::string> words, std::span<const Option> options, Mixing mixing);

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::vector<std::string> operands_;
};

/// "  --bundle, -b DIR   what it is" for each.
std::string describe_options(std::span<const Option> options);

}  // namespace skiff::runtime_cli
