// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/relay.hpp"

#include <signal.h>

#include <array>
#include <optional>
#include <vector>

#include "kernel/file.hpp"
#include "kernel/poll.hpp"
#include "kernel/terminal.hpp"

namespace skiff::runtime_cli {
namespace {

const kernel::FdView k_in = kernel::FdView::of(0), k_out = kernel::FdView::of(1);

void copy_window_size(kernel::FdView terminal) {
    if (auto size = kernel::window_size(k_in)) (void)kernel::set_window_size(terminal, *size);  // a pipe has none: the terminal keeps its own
}

/// Passes on what waits; false at the end.
bool pass_on(kernel::FdView from, kernel::FdView to) {
    std::array<std::byte, 8192> piece;
    const auto got = kernel::read_some(from, piece);
    if (!got || *got == 0) return false;  // a pty whose other side is closed answers EIO
    return static_cast<bool>(kernel::write_all(to, Bytes(piece.data(), *got)));
}

Result<> pass_signals(kernel::SignalQueue& signals, kernel::FdView process, kernel::FdView terminal) {
    while (const auto signal = TRY(signals.next())) {
        if (*signal == SIGWINCH && terminal) copy_window_size(terminal);
        else (void)kernel::send_signal(process, *signal);  // it may have ended
    }
    return {};
}

}  // namespace

Result<kernel::SignalQueue> queue_signals() {
    std::vector<int> passed;
    for (int signal = 1; signal <= SIGRTMAX; ++signal) {
        const bool is_ours = signal == SIGKILL || signal == SIGSTOP || signal == SIGCHLD || signal == SIGPIPE || signal == SIGSEGV ||
                             signal == SIGBUS || signal == SIGILL || signal == SIGFPE || signal == SIGABRT || signal == SIGTRAP || signal == SIGSYS ||
                             signal == SIGURG || (signal > 31 && signal < SIGRTMIN);
        if (!is_ours) passed.push_back(signal);
    }
    return kernel::SignalQueue::of(passed);
}

Result<kernel::Ending> stay_with(kernel::Child& process, kernel::FdView terminal, kernel::SignalQueue& signals) {
    std::optional<kernel::RawMode> raw;
    if (terminal && kernel::is_terminal(k_in)) {
        raw.emplace(TRY(kernel::RawMode::enter(k_in)));
        copy_window_size(terminal);
    }
    bool reads_input = static_cast<bool>(terminal), reads_output = static_cast<bool>(terminal);
    while (true) {
        std::vector<kernel::Watched> watched = {{.fd = process.pidfd()}, {.fd = signals.fd()},
                                                {.fd = reads_input ? k_in : kernel::FdView()},
                                                {.fd = reads_output ? terminal : kernel::FdView()}};
        TRY(kernel::wait_for_events(watched));
        if (watched[1].is_ready()) TRY(pass_signals(signals, process.pidfd(), terminal));
        if (watched[2].is_ready()) reads_input = pass_on(k_in, terminal);
        if (watched[3].is_ready()) reads_output = pass_on(terminal, k_out);
        else if (watched[0].is_ready()) return process.wait();  // ended, and nothing of its output is left
    }
}

}  // namespace skiff::runtime_cli
