// SPDX-License-Identifier: Apache-2.0
// ps: a container's processes, as the host's ps(1) shows them.
#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "runtime/host_program.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/table.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {k_format};

/// The words of a line; blanks stand in columns.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (const std::string_view word : split(line, ' '))
        if (!word.empty()) words.push_back(word);
    return words;
}

/// What `ps OPTIONS` says, with only the lines of `pids`.
Result<std::string> host_ps(const std::string& program, std::vector<std::string> options, const std::vector<pid_t>& pids) {
    if (options.empty()) options = {"-ef"};
    const runtime::HostAnswer answer = TRY(runtime::ask_host_program(program, options));
    if (answer.ending.code() != 0) return Error::invalid("ps {} failed: {}", join(options, " "), trim(answer.errors.empty() ? answer.output : answer.errors));
    const auto lines = split(answer.output, '\n');
    const auto heading = words_of(lines.empty() ? "" : lines.front());
    const auto column = std::find(heading.begin(), heading.end(), "PID");
    if (column == heading.end()) return Error::invalid("ps {} shows no column PID, by which the container's processes are found", join(options, " "));
    const auto index = static_cast<size_t>(column - heading.begin());
    std::string shown = std::string(lines.front()) + "\n";
    for (const std::string_view line : lines) {
        const auto words = words_of(line);
        if (words.size() <= index) continue;
        const auto pid = parse_uint(words[index]);
        if (pid && std::binary_search(pids.begin(), pids.end(), static_cast<pid_t>(*pid))) shown += std::string(line) + "\n";
    }
    return shown;
}

/// The most important of it, from /proc: for hosts without ps(1).
std::vector<std::string> process_row(pid_t pid) {
    std::string command, user = "?", parent = "?";
    if (auto text = kernel::read_whole_file(format("/proc/{}/cmdline", pid))) command = *text;
    std::replace(command.begin(), command.end(), '\0', ' ');
    if (auto text = kernel::read_whole_file(format("/proc/{}/status", pid)))
        for (const std::string_view line : split(*text, '\n')) {
            if (line.starts_with("Uid:")) user = std::string(split(trim(line.substr(4)), '\t').front());
            if (line.starts_with("PPid:")) parent = std::string(trim(line.substr(5)));
            if (line.starts_with("Name:") && command.empty()) command = format("[{}]", trim(line.substr(5)));
        }
    return {user, format("{}", pid), parent, std::string(trim(command))};
}

Result<int> ps(const Globals& globals, const Arguments& arguments) {
    const bool as_json = TRY(wants_json(arguments));
    const auto& operands = arguments.operands();
    const std::vector<pid_t> pids = TRY(runtime::processes(TRY(ContainerId::parse(operands[0])), TRY(globals.states())));
    if (as_json) {
        codec::Json all = codec::Json::array();
        for (const pid_t pid : pids) all.push_back(codec::Json(pid));
        std::printf("%s\n", all.to_text().c_str());
        return 0;
    }
    const auto program = runtime::find_host_program("ps");
    if (program) {
        std::printf("%s", TRY(host_ps(*program, {operands.begin() + 1, operands.end()}, pids)).c_str());
        return 0;
    }
    if (operands.size() > 1) return Error::unsupported("ps {}: options are the host's ps(1)'s, and this host has none in PATH", operands[1]).hint("without options it works");
    std::vector<std::vector<std::string>> table = {{"UID", "PID", "PPID", "CMD"}};
    for (const pid_t pid : pids) table.push_back(process_row(pid));
    print_table(table);
    return 0;
}

}  // namespace

const Verb k_ps = {.name = "ps", .operands = "ID [OPTION-OF-PS…]", .summary = "List a container's processes with the host's ps(1).", .options = k_options,
                   .least = 1, .most = static_cast<size_t>(-1), .mixing = Arguments::Mixing::options_first, .carry_out = ps};

}  // namespace skiff::runtime_cli
