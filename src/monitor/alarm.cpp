// SPDX-License-Identifier: Apache-2.0
#include "monitor/alarm.hpp"

#include <array>

#include "base/format.hpp"
#include "base/text.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/poll.hpp"
#include "kernel/process.hpp"
#include "kernel/timer.hpp"

namespace skiff::monitor {
namespace {

constexpr int k_engine = 3;
constexpr size_t k_words_before_program = 3;

/// Whether the engine has noted that this process waits.
bool hears_go(kernel::FdView engine) {
    std::array<std::byte, 1> word;
    const auto packet = kernel::receive_packet(engine, word);
    return packet && packet->size == 1;
}

Result<> wait_and_execute(const Alarm& alarm) {
    const kernel::Fd timer = TRY(kernel::make_timer(alarm.due_ns));
    kernel::name_this_process("skiff:[alarm]", "skiff:[alarm] " + alarm.name);
    kernel::release_program_pages();
    std::vector<kernel::Watched> watched{{.fd = timer}};
    (void)TRY(kernel::wait_for_events(watched));
    return kernel::execute_program(alarm.program);
}

}  // namespace

std::vector<std::string> to_words(const Alarm& alarm) {
    std::vector<std::string> words{"alarm", format("{}", alarm.due_ns), alarm.name};
    words.insert(words.end(), alarm.program.begin(), alarm.program.end());
    return words;
}

Result<Alarm> parse_alarm(const std::vector<std::string>& words) {
    if (words.size() <= k_words_before_program || words[0] != "alarm") return Error::invalid("usage: skiff-runtime alarm DUE NAME PROGRAM [ARGUMENT…]");
    Alarm alarm;
    const auto due = parse_int(words[1]);
    if (!due || *due < 0) return Error::invalid("{} is no moment of the boot clock", quoted(words[1]));
    alarm.due_ns = *due;
    alarm.name = words[2];
    alarm.program.assign(words.begin() + k_words_before_program, words.end());
    if (!alarm.program.front().starts_with('/')) return Error::invalid("{} is not an absolute path", quoted(alarm.program.front()));
    return alarm;
}

Result<> say_go(kernel::FdView connection) { return kernel::send_packet(connection, bytes_of("g")); }

int run_alarm(const std::vector<std::string>& words) {
    kernel::Fd engine = kernel::Fd::adopt(k_engine);
    const auto alarm = parse_alarm(words);
    if (!alarm || !hears_go(engine)) return 1;
    engine.reset();
    (void)wait_and_execute(*alarm);  // it failed: the note about this process stays, and the next command sees to it
    return 1;
}

}  // namespace skiff::monitor
