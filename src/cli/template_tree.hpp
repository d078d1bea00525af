// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codec/json.hpp"

/// What a template is once parsed: a list of nodes, whose pipelines are lists of commands of operands.
namespace skiff::cli {

struct Pipeline;

/// A dot, field, variable, constant, function name or a pipeline in parentheses, with the fields taken from it.
struct Operand {
    enum class Kind { dot, variable, constant, nil, function, pipeline };
    Kind kind = Kind::dot;
    std::string name;                     ///< of the variable ("$" is the whole data) or function
    codec::Json constant;
    std::unique_ptr<Pipeline> pipeline;
    std::vector<std::string> fields;      ///< .A.B behind it
    size_t at = 0;                        ///< offset in the text, for messages
    std::string_view text;                ///< as it was written
};

struct Pipeline {
    std::vector<std::string> declared;    ///< variables that get the value (two for range)
    bool assigns = false;                 ///< "=" instead of ":="
    std::vector<std::vector<Operand>> commands;
};

struct Node {
    enum class Kind { text, action, if_, range, with, break_, continue_ };
    Kind kind = Kind::text;
    std::string text;
    Pipeline pipeline;
    std::vector<Node> body, otherwise;
};

struct TemplateTree {
    std::string source;                   ///< Operand::text points in here
    std::vector<Node> nodes;
};

/// Fills `tree` from its source.
Result<> parse_template(TemplateTree& tree);

/// Whether such a function can be called.
bool is_template_function(std::string_view name);

}  // namespace skiff::cli
