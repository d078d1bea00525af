// SPDX-License-Identifier: Apache-2.0
// Looks a file's name up in the tables of explanations_v1 and explanations_v2.
#include "cgroup/explanation.hpp"

#include "base/text.hpp"

namespace skiff::cgroup {
namespace {

/// What "*" stands for where `file` has the form of `pattern`; empty where it has no "*"; nothing where they differ.
std::optional<std::string_view> match(std::string_view pattern, std::string_view file) {
    std::string_view wildcard;
    while (true) {
        const Halves wanted = split_once(pattern, '.'), found = split_once(file, '.');
        if (wanted.before == "*") wildcard = found.before;
        else if (wanted.before != found.before) return std::nullopt;
        if (wanted.after.has_value() != found.after.has_value()) return std::nullopt;
        if (!wanted.after) return wildcard;
        pattern = *wanted.after;
        file = *found.after;
    }
}

std::string filled(std::string_view text, std::string_view wildcard) {
    std::string made;
    for (const char c : text) {
        if (c == '*') made += wildcard;
        else made += c;
    }
    return made;
}

}  // namespace

std::optional<Explanation> explain_file(std::string_view file, bool is_v2) {
    for (const ExplainedFile& known : is_v2 ? files_of_v2() : files_of_v1())
        if (const auto wildcard = match(known.file, file)) return Explanation{filled(known.says, *wildcard), filled(known.twin, *wildcard)};
    return std::nullopt;
}

}  // namespace skiff::cgroup
