// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/result.hpp"

namespace skiff::kernel {

class Fd;

/// A descriptor that somebody else owns, or none. Pass it by value.
class FdView {
public:
    FdView() = default;
    FdView(const Fd& owner);
    /// A bare number from the kernel or from a protocol (0, 1, 2, AT_FDCWD, a descriptor named on the command line).
    static FdView of(int number) { FdView view; view.number_ = number; return view; }

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// A descriptor of ours: closed when it goes out of scope. Always opened close-on-exec.
class Fd {
public:
    Fd() = default;
    /// Takes ownership of `number`.
    static Fd adopt(int number) { Fd fd; fd.number_ = number; return fd; }
    Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) { reset(); number_ = std::exchange(other.number_, -1); }
        return *this;
    }
    ~Fd() { reset(); }

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

    /// Gives the number away; the caller closes it.
    int release() { return std::exchange(number_, -1); }
    /// Closes without asking how it went.
    void reset();
    /// Closes and tells: a deferred write error surfaces here (close(2)).
    Result<> close();
    /// A second descriptor of the same open file, close-on-exec (F_DUPFD_CLOEXEC), numbered `at_least` or higher.
    Result<Fd> duplicate(int at_least = 3) const;

private:
    int number_ = -1;
};

inline FdView::FdView(const Fd& owner) : number_(owner.number()) {}

/// The two ends of a pipe (pipe2(2)), both close-on-exec.
struct Pipe { Fd reader, writer; };
Result<Pipe> make_pipe();

/// Sets or clears close-on-exec.
Result<> set_close_on_exec(FdView fd, bool on);

/// Marks every descriptor from `first` on close-on-exec (close_range(2), Linux 5.11).
Result<> close_on_exec_from(int first);

/// "/proc/self/fd/N": only for calls that have no descriptor form, and for what we show.
std::string proc_path(FdView fd);

}  // namespace skiff::kernel
