// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/arguments.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::runtime_cli {
namespace {

const Option* find_option(std::span<const Option> options, std::string_view name) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option& option) {
        return option.name == name || (name.size() == 1 && option.letter == name[0]);
    });
    return found == options.end() ? nullptr : &*found;
}

}  // namespace

std::string Arguments::value(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.empty() ? "" : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<Arguments> Arguments::parse(std::span<const std::string> words, std::span<const Option> options, Mixing mixing) {
    Arguments parsed;
    for (size_t i = 0; i < words.size(); ++i) {
        std::string_view word = words[i];
        const bool is_option = word.size() > 1 && word[0] == '-';
        if (!is_option) {
            parsed.operands_.push_back(words[i]);
            if (mixing == Mixing::anywhere) continue;
            parsed.operands_.insert(parsed.operands_.end(), words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
            break;
        }
        if (word == "--") {
            parsed.operands_.insert(parsed.operands_.end(), words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
            break;
        }
        word.remove_prefix(word.starts_with("--") ? 2 : 1);  // "-bundle" is a spelling that runc takes, too
        const Halves halves = split_once(word, '=');
        const Option* option = find_option(options, halves.before);
        if (!option) return Error::invalid("unknown option {}", quoted(words[i]));
        auto& values = parsed.values_[std::string(option->name)];
        if (option->value.empty()) {
            if (halves.after && *halves.after != "true" && *halves.after != "false") return Error::invalid("--{} is a switch: it takes true or false, not {}", option->name, quoted(*halves.after));
            if (halves.after == "false") parsed.values_.erase(std::string(option->name));
            continue;
        }
        if (!option->may_repeat) values.clear();
        if (halves.after) values.emplace_back(*halves.after);
        else if (i + 1 < words.size()) values.push_back(words[++i]);
        else return Error::invalid("--{} needs a {}", option->name, option->value);
    }
    return parsed;
}

std::string describe_options(std::span<const Option> options) {
    std::string text;
    for (const Option& option : options) {
        std::string left = format("  {}--{}", option.letter ? format("-{}, ", option.letter) : "    ", option.name);
        if (!option.value.empty()) left += format(" {}", option.value);
        text += format("{:<34} {}\n", left, option.help);
    }
    return text;
}

}  // namespace skiff::runtime_cli
