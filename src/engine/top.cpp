// SPDX-License-Identifier: Apache-2.0
// `top`: the container's processes as the host's /proc shows them. No program of the container's or the host's is run.
#include <unistd.h>

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/house.hpp"
#include "engine/process_line.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

std::string user_name(std::string_view passwd, uint32_t uid) {
    auto number = std::to_string(uid);
    for (const auto line : split(passwd, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() >= 3 && fields[2] == number) return std::string(fields[0]);
    }
    return number;
}

}  // namespace

Result<std::vector<ProcessLine>> Engine::top(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    (void)TRY(find_running(*house_, record));
    const auto passwd = kernel::read_whole_file("/etc/passwd", 1 << 20).value_or("");
    ClockFacts clock;
    clock.ticks_per_second = sysconf(_SC_CLK_TCK);
    clock.now_boot_ns = boottime_ns();
    clock.now_wall_ns = wall_ns();

    std::vector<ProcessLine> lines;
    for (const pid_t pid : TRY(runtime::processes(runtime_id(record), house_->states))) {
        const auto directory = format("/proc/{}", pid);
        const auto stat = kernel::read_whole_file(directory + "/stat", 4096);
        const auto status = kernel::read_whole_file(directory + "/status", 16384);
        const auto command = kernel::read_whole_file(directory + "/cmdline", 1 << 20);
        if (!stat || !status) continue;  // it has just ended
        auto line = TRY(parse_process(*stat, command.value_or(""), clock));
        line.user = user_name(passwd, parse_uid(*status));
        lines.push_back(std::move(line));
    }
    note_event(*house_, record, "top");
    return lines;
}

}  // namespace skiff::engine
