// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <cstdint>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Terminals: size and raw mode (termios(3), ioctl_tty(2)).
namespace skiff::kernel {

struct WindowSize {
    uint16_t rows = 0, columns = 0;
    bool operator==(const WindowSize&) const = default;
};

bool is_terminal(FdView fd);
Result<WindowSize> window_size(FdView terminal);
Result<> set_window_size(FdView terminal, WindowSize size);
/// The other side of a pty, by its master (TIOCGPTPEER): while it is open the master never sees an end.
Result<Fd> open_terminal_peer(FdView master);

/// Puts a terminal's mode back when it goes out of scope: for the time that another program may change it and be killed.
/// Harmless where `terminal` is none.
class KeptMode {
public:
    explicit KeptMode(FdView terminal);
    KeptMode(const KeptMode&) = delete;
    KeptMode& operator=(const KeptMode&) = delete;
    ~KeptMode();

private:
    FdView terminal_;
    termios before_{};
};

/// Raw mode (cfmakeraw(3)) until it goes out of scope: each byte is passed on, nothing is echoed, no key is a signal.
/// Whoever may be killed by a signal meanwhile blocks it and leaves the scope in order. `terminal` must outlive this.
class RawMode {
public:
    static Result<RawMode> enter(FdView terminal);
    RawMode(RawMode&& other) noexcept;
    RawMode& operator=(RawMode&&) = delete;
    ~RawMode() { leave(); }
    /// As it was before. Twice is harmless.
    void leave();

private:
    RawMode(FdView terminal, const termios& before) : terminal_(terminal), before_(before) {}
    FdView terminal_;
    termios before_;
};

}  // namespace skiff::kernel
