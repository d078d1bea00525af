// SPDX-License-Identifier: Apache-2.0
#include "kernel/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace skiff::kernel {

bool is_terminal(FdView fd) { return isatty(fd.number()) == 1; }

Result<WindowSize> window_size(FdView terminal) {
    winsize size{};
    if (ioctl(terminal.number(), TIOCGWINSZ, &size) != 0) return Error::system(errno, "ask descriptor {} for its window size", terminal.number());
    WindowSize found;
    found.rows = size.ws_row, found.columns = size.ws_col;
    return found;
}

Result<> set_window_size(FdView terminal, WindowSize size) {
    winsize wanted{};
    wanted.ws_row = size.rows, wanted.ws_col = size.columns;
    if (ioctl(terminal.number(), TIOCSWINSZ, &wanted) != 0)
        return Error::system(errno, "set the window of descriptor {} to {} rows, {} columns", terminal.number(), size.rows, size.columns);
    return {};
}

Result<Fd> open_terminal_peer(FdView master) {
    constexpr unsigned long k_get_peer = _IO('T', 0x41);  // TIOCGPTPEER; its header and termios.h exclude each other
    const int number = ioctl(master.number(), k_get_peer, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (number < 0) return Error::system(errno, "open the other side of the terminal of descriptor {}", master.number());
    return Fd::adopt(number);
}

KeptMode::KeptMode(FdView terminal) {
    if (tcgetattr(terminal.number(), &before_) == 0) terminal_ = terminal;
}

KeptMode::~KeptMode() {
    if (terminal_) (void)tcsetattr(terminal_.number(), TCSADRAIN, &before_);  // nobody is left to be told
}

Result<RawMode> RawMode::enter(FdView terminal) {
    termios before{};
    if (tcgetattr(terminal.number(), &before) != 0) return Error::system(errno, "read the terminal mode of descriptor {}", terminal.number());
    termios raw = before;
    cfmakeraw(&raw);
    // TCSANOW: what was typed ahead stays in the queue and reaches the container.
    if (tcsetattr(terminal.number(), TCSANOW, &raw) != 0) return Error::system(errno, "put the terminal of descriptor {} into raw mode", terminal.number());
    return RawMode(terminal, before);
}

RawMode::RawMode(RawMode&& other) noexcept : terminal_(std::exchange(other.terminal_, FdView())), before_(other.before_) {}

void RawMode::leave() {
    if (terminal_) (void)tcsetattr(terminal_.number(), TCSADRAIN, &before_);  // nobody is left to be told
    terminal_ = FdView();
}

}  // namespace skiff::kernel
