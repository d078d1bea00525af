// SPDX-License-Identifier: Apache-2.0
#include "runtime/systemd_scope.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/pipe.hpp"
#include "runtime/host_program.hpp"

namespace skiff::runtime {
namespace {

constexpr const char* k_program = "skiff-systemd";
constexpr size_t k_longest_answer = 64 << 10;

/// Where SKIFF_SYSTEMD says, beside this program as it was called (its own executable may be a protected copy), or in PATH.
Result<std::string> find_program() {
    if (const char* given = secure_getenv("SKIFF_SYSTEMD"); given && *given) return std::string(given);
    const std::string words = TRY(kernel::read_whole_file("/proc/self/cmdline"));
    const std::string_view called = std::string_view(words).substr(0, words.find('\0'));
    if (const size_t slash = called.rfind('/'); slash != std::string_view::npos)
        if (std::string beside = std::string(called.substr(0, slash + 1)) + k_program; kernel::exists(beside).value_or(false)) return beside;
    return find_host_program(k_program);
}

kernel::Program program_with(const std::string& path, std::vector<std::string> words) {
    kernel::Program program;
    program.path = path;
    program.arguments = std::move(words);
    program.arguments.insert(program.arguments.begin(), k_program);
    for (char** entry = environ; entry && *entry; ++entry)  // who is not root is found by XDG_RUNTIME_DIR
        if (std::string_view(*entry).starts_with("XDG_RUNTIME_DIR=")) program.environment.emplace_back(*entry);
    return program;
}

Error sentence_of(const std::string& said) {
    const std::string_view sentence = trim(said);
    return Error::make(Kind::conflict, "{}", sentence.empty() ? std::string_view("skiff-systemd ended without a word") : sentence);
}

Result<> ask(std::vector<std::string> words, const std::vector<cgroup::UnitProperty>& properties) {
    words.insert(words.end(), properties.begin(), properties.end());
    const auto answer = TRY(ask_host_program(TRY(find_program()), std::move(words)));
    return answer.ending.code() == 0 ? Result<>() : Result<>(sentence_of(answer.errors));
}

}  // namespace

Result<SystemdScope> SystemdScope::start(const cgroup::SystemdUnit& unit, const std::vector<cgroup::UnitProperty>& properties) {
    std::vector<std::string> words = {"start", unit.name};
    words.insert(words.end(), properties.begin(), properties.end());
    kernel::Pipe leash = TRY(kernel::make_pipe()), answer = TRY(kernel::make_pipe());
    kernel::Program program = program_with(TRY(find_program()), std::move(words));
    program.descriptors = {{.fd = leash.reader, .as = 0}, {.fd = answer.writer, .as = 1}, {.fd = answer.writer, .as = 2}};
    kernel::Child holder = TRY_DOING(kernel::spawn(program), "run {}", program.path);
    leash.reader.reset();
    answer.writer.reset();

    std::string said;
    while (said != "started\n") {
        std::array<std::byte, 4096> piece;
        const size_t got = TRY(kernel::read_some(answer.reader, piece));
        if (got == 0 || said.size() > k_longest_answer) return sentence_of(said);
        said.append(reinterpret_cast<const char*>(piece.data()), got);
    }
    return SystemdScope(std::move(holder), std::move(leash.writer));
}

void SystemdScope::let_go() {
    holder_ = {};  // at once: the newborn has a copy of the leash until it executes its program
    leash_.reset();
}

Result<> set_scope(const std::string& unit, const std::vector<cgroup::UnitProperty>& properties) { return properties.empty() ? Result<>() : ask({"set", unit}, properties); }
Result<> stop_scope(const std::string& unit) { return ask({"stop", unit}, {}); }

}  // namespace skiff::runtime
