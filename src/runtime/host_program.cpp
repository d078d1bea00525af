// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"

namespace skiff::runtime {
namespace {

constexpr size_t k_most_said = 4 << 20;  // ps of a crowded host; more is no answer

std::vector<std::string> own_environment() {
    std::vector<std::string> entries;
    for (char** entry = environ; entry && *entry; ++entry) entries.emplace_back(*entry);
    return entries;
}

/// Takes what is there; false at the end.
Result<bool> take_some(kernel::FdView from, std::string& into) {
    std::array<std::byte, 16384> piece;
    const size_t got = TRY(kernel::read_some(from, piece));
    if (into.size() < k_most_said) into.append(reinterpret_cast<const char*>(piece.data()), got);
    return got > 0;
}

}  // namespace

Result<std::string> find_host_program(const std::string& name) {
    const char* path = std::getenv("PATH");
    for (const std::string_view directory : split(path && *path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ':')) {
        std::string candidate = format("{}/{}", directory.empty() ? "." : directory, name);
        const auto file = kernel::open_file(candidate, O_PATH);
        if (!file) continue;
        const struct stat status = TRY(kernel::status_of(*file));
        if (S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0) return candidate;
    }
    return Error::not_found("no program {} is in PATH", name);
}

Result<HostAnswer> ask_host_program(const std::string& path, std::vector<std::string> arguments) {
    kernel::Pipe out = TRY(kernel::make_pipe()), err = TRY(kernel::make_pipe());
    kernel::Program program;
    program.path = path;
    program.arguments = std::move(arguments);
    program.arguments.insert(program.arguments.begin(), path);
    program.environment = own_environment();
    program.descriptors = {{.fd = out.writer, .as = 1}, {.fd = err.writer, .as = 2}};
    kernel::Child child = TRY_DOING(kernel::spawn(program), "run {}", path);
    out.writer.reset();
    err.writer.reset();

    HostAnswer answer;
    while (out.reader || err.reader) {  // both at once: one that is full stops the program
        std::vector<kernel::Watched> watched = {{.fd = out.reader}, {.fd = err.reader}};
        TRY(kernel::wait_for_events(watched));
        if (watched[0].is_ready() && !TRY(take_some(out.reader, answer.output))) out.reader.reset();
        if (watched[1].is_ready() && !TRY(take_some(err.reader, answer.errors))) err.reader.reset();
    }
    answer.ending = TRY(child.wait());
    return answer;
}

}  // namespace skiff::runtime
