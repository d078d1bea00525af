// SPDX-License-Identifier: Apache-2.0
// `--change`: the instructions of a Containerfile that only alter settings.
#include "image/change.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "codec/json.hpp"
#include "kernel/process.hpp"

namespace skiff::image {
namespace {

using oci::ImageSettings;

/// ["a","b"] as its strings; nothing where it is no JSON array, which then is the shell's form.
Result<std::optional<std::vector<std::string>>> exec_form(std::string_view text) {
    if (!text.starts_with('[')) return std::optional<std::vector<std::string>>();
    const auto json = codec::parse_json(text);
    if (!json || !json->is_array()) return std::optional<std::vector<std::string>>();
    std::vector<std::string> words;
    for (const auto& element : json->elements()) {
        if (!element.is_string()) return Error::invalid("the array may hold strings only");
        words.push_back(element.string());
    }
    return std::optional(std::move(words));
}

Result<std::vector<std::string>> command_of(std::string_view text, const ImageSettings& settings) {
    if (auto words = TRY(exec_form(text))) return std::move(*words);
    auto words = settings.shell.empty() ? std::vector<std::string>{"/bin/sh", "-c"} : settings.shell;
    words.emplace_back(text);
    return words;
}

/// Words apart by blanks; quotes and backslashes as in a shell. Variables are for a build that has some.
Result<std::vector<std::string>> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::optional<std::string> word;
    char quote = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '$' && quote != '\'') return Error::unsupported("variables are not replaced here; write \\$ for the sign itself");
        if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            if (!word) word.emplace();
            if (quote == '"' && text[i + 1] != '"' && text[i + 1] != '\\' && text[i + 1] != '$') *word += c;
            *word += text[++i];
        } else if (quote != 0) {
            if (c == quote) quote = 0;
            else *word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            if (!word) word.emplace();
        } else if (c == ' ' || c == '\t') {
            if (word) words.push_back(std::move(*word));
            word.reset();
        } else {
            if (!word) word.emplace();
            *word += c;
        }
    }
    if (quote != 0) return Error::invalid("a quote is not closed");
    if (word) words.push_back(std::move(*word));
    return words;
}

Result<std::string> one_word(std::string_view text) {
    auto words = TRY(words_of(text));
    if (words.size() != 1) return Error::invalid("takes exactly one argument");
    return std::move(words.front());
}

/// "a=1 b='2 3'", or the old way, "a 1 2".
Result<std::vector<std::pair<std::string, std::string>>> pairs_of(std::string_view text, bool old_way) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const size_t name_end = text.find_first_of(" \t=");
    if (old_way && name_end != std::string_view::npos && text[name_end] != '=') {
        const auto words = TRY(words_of(text.substr(name_end)));
        pairs.emplace_back(text.substr(0, name_end), join(words, " "));
        return pairs;
    }
    for (const std::string& word : TRY(words_of(text))) {
        const Halves halves = split_once(word, '=');
        if (!halves.after || halves.before.empty()) return Error::invalid("{} is not NAME=VALUE", quoted(word));
        pairs.emplace_back(halves.before, *halves.after);
    }
    if (pairs.empty()) return Error::invalid("takes NAME=VALUE");
    return pairs;
}

void set_variable(std::vector<std::string>& env, const std::string& name, const std::string& value) {
    const std::string whole = name + "=" + value;
    for (std::string& known : env)
        if (known.starts_with(name + "=")) { known = whole; return; }
    env.push_back(whole);
}

Result<> expose(std::string_view text, ImageSettings& settings) {
    for (const std::string& word : TRY(words_of(text))) {
        const Halves halves = split_once(word, '/');
        const std::string protocol = to_lower(halves.after.value_or("tcp"));
        const Halves range = split_once(halves.before, '-');
        const auto first = parse_uint(range.before), last = range.after ? parse_uint(*range.after) : first;
        if (!first || !last || *first == 0 || *last > 65535 || *first > *last || (protocol != "tcp" && protocol != "udp" && protocol != "sctp"))
            return Error::invalid("{} is not a port", quoted(word));
        for (uint64_t port = *first; port <= *last; ++port) settings.exposed_ports.insert(format("{}/{}", port, protocol));
    }
    return {};
}

/// "1m30s" in nanoseconds: Go's durations, as Docker has them; at least a millisecond.
Result<int64_t> duration_of(std::string_view text) {
    const auto refuse = [&] { return Error::invalid("{} is not a duration of at least 1ms", quoted(text)).hint("write it as 90s or 1m30s"); };
    static constexpr std::pair<std::string_view, int64_t> k_units[] = {{"ms", 1'000'000}, {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}};
    int64_t total = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        const auto number = parse_uint(rest.substr(0, digits));
        rest.remove_prefix(digits);
        const auto* unit = std::find_if(std::begin(k_units), std::end(k_units), [&](const auto& known) { return rest.starts_with(known.first); });
        int64_t part = 0;
        if (!number || *number > 1'000'000'000 || unit == std::end(k_units) || __builtin_mul_overflow(static_cast<int64_t>(*number), unit->second, &part) || __builtin_add_overflow(total, part, &total)) return refuse();
        rest.remove_prefix(unit->first.size());
    }
    if (total < 1'000'000) return refuse();
    return total;
}

/// NONE, or [--interval=D] [--timeout=D] [--start-period=D] [--start-interval=D] [--retries=N] CMD ...
Result<oci::Healthcheck> healthcheck_of(std::string_view text) {
    oci::Healthcheck check;
    while (text.starts_with("--")) {
        const size_t end = std::min(text.find_first_of(" \t"), text.size());
        const Halves option = split_once(text.substr(2, end - 2), '=');
        text = trim(text.substr(end));
        if (!option.after) return Error::invalid("--{} takes a value", option.before);
        if (option.before == "interval") check.interval = TRY(duration_of(*option.after));
        else if (option.before == "timeout") check.timeout = TRY(duration_of(*option.after));
        else if (option.before == "start-period") check.start_period = TRY(duration_of(*option.after));
        else if (option.before == "start-interval") check.start_interval = TRY(duration_of(*option.after));
        else if (option.before == "retries") {
            const auto retries = parse_uint(*option.after);
            if (!retries || *retries == 0 || *retries > 1'000'000) return Error::invalid("{} is not a number of retries", quoted(*option.after));
            check.retries = static_cast<int64_t>(*retries);
        } else {
            return Error::invalid("HEALTHCHECK has no option --{}", option.before);
        }
    }
    const size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string kind = to_lower(text.substr(0, end));
    const std::string_view command = trim(text.substr(end));
    if (kind == "none" && command.empty()) {
        check.test = {"NONE"};
        return check;
    }
    if (kind != "cmd" || command.empty()) return Error::invalid("takes NONE, or CMD and a command");
    if (auto words = TRY(exec_form(command))) {
        if (words->empty()) return Error::invalid("takes NONE, or CMD and a command");
        check.test = {"CMD"};
        check.test.insert(check.test.end(), words->begin(), words->end());
    } else {
        check.test = {"CMD-SHELL", std::string(command)};
    }
    return check;
}

}  // namespace

Result<> apply_change(std::string_view instruction, ImageSettings& settings) {
    instruction = trim(instruction);
    const size_t end = std::min(instruction.find_first_of(" \t"), instruction.size());
    const std::string verb = to_lower(instruction.substr(0, end));
    const std::string_view argument = trim(instruction.substr(end));
    for (const char* builds : {"from", "run", "copy", "add", "arg", "maintainer", "shell"})
        if (verb == builds) return Error::unsupported("{} is not supported here", quoted(instruction.substr(0, end)));
    if (argument.empty()) return Error::invalid("{} is no instruction with an argument", quoted(instruction));

    if (verb == "cmd") settings.cmd = TRY(command_of(argument, settings));
    else if (verb == "entrypoint") settings.entrypoint = TRY(command_of(argument, settings));
    else if (verb == "env") for (const auto& [name, value] : TRY(pairs_of(argument, true))) set_variable(settings.env, name, value);
    else if (verb == "label") for (const auto& [name, value] : TRY(pairs_of(argument, true))) settings.labels[name] = value;
    else if (verb == "expose") TRY(expose(argument, settings));
    else if (verb == "healthcheck") settings.healthcheck = TRY(healthcheck_of(argument));
    else if (verb == "onbuild") settings.on_build.emplace_back(argument);
    else if (verb == "user") settings.user = TRY(one_word(argument));
    else if (verb == "stopsignal") {
        settings.stop_signal = TRY(one_word(argument));
        TRY(kernel::parse_signal(settings.stop_signal));
    } else if (verb == "workdir") {
        const std::string path = TRY(one_word(argument));
        settings.working_dir = path.starts_with('/') ? path : (settings.working_dir.empty() ? "/" : settings.working_dir + "/") + path;
    } else if (verb == "volume") {
        auto paths = TRY(exec_form(argument));
        for (std::string& path : paths ? *paths : TRY(words_of(argument))) settings.volumes.insert(std::move(path));
    } else {
        return Error::invalid("{} is not an instruction", quoted(instruction.substr(0, end)));
    }
    return {};
}

}  // namespace skiff::image
