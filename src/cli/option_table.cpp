// SPDX-License-Identifier: Apache-2.0
// Docker's rules of the command line over our tables. (CLI11 was tried first: it takes the next word for the value of
// an empty "--hostname=", and builds its tree at every start.)
#include "cli/option_table.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::cli {

const Option* OptionTable::find(std::string_view name) const {
    for (const auto& list : {first, second})
        for (const Option& option : list)
            if (option.name == name || (!option.alias.empty() && option.alias == name)) return &option;
    return nullptr;
}

const Option* OptionTable::find(char letter) const {
    for (const auto& list : {first, second})
        for (const Option& option : list)
            if (option.letter == letter) return &option;
    return nullptr;
}

std::vector<const Option*> OptionTable::all() const {
    std::vector<const Option*> options;
    for (const auto& list : {first, second})
        for (const Option& option : list) options.push_back(&option);
    std::sort(options.begin(), options.end(), [](const Option* a, const Option* b) { return a->name < b->name; });
    return options;
}

bool Given::flag(std::string_view name) const {
    const auto found = options_.find(name);
    return found != options_.end() && found->second.back() == "true";
}

bool Given::has(std::string_view name) const { return options_.contains(name); }

std::optional<std::string> Given::value(std::string_view name) const {
    const auto found = options_.find(name);
    if (found == options_.end()) return std::nullopt;
    return found->second.back();
}

std::string Given::value_or(std::string_view name, std::string_view otherwise) const { return value(name).value_or(std::string(otherwise)); }

const std::vector<std::string>& Given::values(std::string_view name) const {
    static const std::vector<std::string> none;
    const auto found = options_.find(name);
    return found == options_.end() ? none : found->second;
}

class OptionReader {
public:
    OptionReader(const OptionTable& table, std::span<const std::string> words, std::string_view command) : table_(table), words_(words), command_(command) {}

    Result<Given> run() {
        while (next_ < words_.size()) {
            const std::string& word = words_[next_++];
            if (word == "--") { take_rest(); break; }
            if (word.starts_with("--")) {
                TRY(long_option(std::string_view(word).substr(2)));
            } else if (word.size() > 1 && word[0] == '-') {
                TRY(short_options(std::string_view(word).substr(1)));
            } else {
                given_.arguments_.push_back(word);
                if (table_.ends_at_argument) { take_rest(); break; }
            }
            if (given_.wants_help_) break;
        }
        return std::move(given_);
    }

private:
    void take_rest() {
        given_.arguments_.insert(given_.arguments_.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end());
        next_ = words_.size();
    }

    Error with_help_hint(Error error) const { return std::move(error).hint("see skiff {}{}--help", command_, command_.empty() ? "" : " "); }

    Result<> long_option(std::string_view text) {
        const auto [name, value] = split_once(text, '=');
        if (name == "help" && !value) { given_.wants_help_ = true; return {}; }
        const Option* option = table_.find(name);
        if (!option) return unknown_long(name);
        return take(*option, value, format("--{}", name));
    }

    /// -it, -eA=1, -e A=1, -t=false
    Result<> short_options(std::string_view letters) {
        while (!letters.empty()) {
            const char letter = letters[0];
            letters.remove_prefix(1);
            const Option* option = table_.find(letter);
            if (!option && letter == 'h') { given_.wants_help_ = true; return {}; }
            if (!option) return unknown_short(letter);
            const std::string shown = format("-{}", letter);
            if (option->takes != Option::Takes::nothing) {
                if (letters.empty()) return take(*option, std::nullopt, shown);
                if (letters[0] == '=') letters.remove_prefix(1);
                return take(*option, letters, shown);
            }
            if (letters.starts_with('=')) return take(*option, letters.substr(1), shown);
            TRY(take(*option, std::nullopt, shown));
        }
        return {};
    }

    Result<> take(const Option& option, std::optional<std::string_view> value, std::string_view shown) {
        auto& values = given_.options_[option.name];
        if (option.takes == Option::Takes::nothing) {
            const auto on = parse_flag(value.value_or("true"));
            if (!on) return with_help_hint(Error::invalid("{} is true or false, not {}", shown, quoted(*value)));
            values.emplace_back(*on ? "true" : "false");
            return {};
        }
        if (!value) {
            if (next_ == words_.size()) return with_help_hint(Error::invalid("{} needs a value ({})", shown, option.shape));
            value = words_[next_++];
        }
        values.emplace_back(*value);
        return {};
    }

    Error unknown_long(std::string_view name) const {
        for (const RefusedOption& refused : table_.refused)
            if (refused.name == name) return Error::unsupported("--{} is not supported: {}", name, refused.why);
        std::vector<std::string_view> names;
        for (const Option* option : table_.all()) names.push_back(option->name);
        const std::string_view meant = nearest(name, names);
        if (!meant.empty()) return Error::invalid("unknown option --{} for skiff{}{}", name, command_.empty() ? "" : " ", command_).hint("did you mean --{}?", meant);
        return with_help_hint(Error::invalid("unknown option --{}", name));
    }

    Error unknown_short(char letter) const {
        for (const RefusedOption& refused : table_.refused)
            if (refused.letter == letter) return Error::unsupported("-{} (--{}) is not supported: {}", letter, refused.name, refused.why);
        return with_help_hint(Error::invalid("unknown option -{}", letter));
    }

    const OptionTable& table_;
    std::span<const std::string> words_;
    std::string_view command_;
    size_t next_ = 0;
    Given given_;
};

Result<Given> read_options(const OptionTable& table, std::span<const std::string> words, std::string_view command) {
    return OptionReader(table, words, command).run();
}

std::optional<bool> parse_flag(std::string_view text) {
    for (const std::string_view yes : {"true", "1", "t", "T", "True", "TRUE"})
        if (text == yes) return true;
    for (const std::string_view no : {"false", "0", "f", "F", "False", "FALSE"})
        if (text == no) return false;
    return std::nullopt;
}

namespace {

size_t distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])});
            corner = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view typed, std::span<const std::string_view> candidates) {
    std::string_view best;
    size_t smallest = 3;
    if (typed.size() < 2 || typed.size() > 64) return best;
    for (const std::string_view candidate : candidates) {
        size_t steps = distance(typed, candidate);
        if (candidate.starts_with(typed) && typed.size() >= 3) steps = std::min<size_t>(steps, 1);
        if (steps < smallest && steps < candidate.size()) smallest = steps, best = candidate;
    }
    return best;
}

}  // namespace skiff::cli
