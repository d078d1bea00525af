// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/format.hpp"

namespace skiff {
inline namespace base {

/// What sort of failure it is. Each door (command line, HTTP, gRPC) translates a kind once.
enum class Kind {
    invalid,         ///< the request makes no sense: bad option, bad reference, malformed document
    not_found,       ///< what was named does not exist
    exists,          ///< the name is taken
    conflict,        ///< it exists, but is in the wrong state (running, paused, in use)
    forbidden,       ///< the kernel or a policy said no
    unsupported,     ///< this kernel, host or version of skiff cannot do it
    corrupt,         ///< bytes are not what they promised to be
    no_space,        ///< a disk, quota or table is full
    unavailable,     ///< something outside (a registry, a lock holder) did not answer
    no_command,      ///< the program to run does not exist in the container (exit code 127)
    bad_command,     ///< the program to run cannot be executed (exit code 126)
    system,          ///< the kernel failed in some other way
    internal,        ///< we are wrong: please report
};

/// A failure as a sentence with a kind: what was attempted, on what, why it failed and, where we know, what to do.
/// Cheap to move; holds the errno where one was the cause (0 otherwise).
class [[nodiscard]] Error {
public:
    template <class... A> static Error invalid(fmt::format_string<A...> f, A&&... a) { return Error(Kind::invalid, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error not_found(fmt::format_string<A...> f, A&&... a) { return Error(Kind::not_found, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error exists(fmt::format_string<A...> f, A&&... a) { return Error(Kind::exists, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error conflict(fmt::format_string<A...> f, A&&... a) { return Error(Kind::conflict, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error forbidden(fmt::format_string<A...> f, A&&... a) { return Error(Kind::forbidden, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error unsupported(fmt::format_string<A...> f, A&&... a) { return Error(Kind::unsupported, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error corrupt(fmt::format_string<A...> f, A&&... a) { return Error(Kind::corrupt, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error unavailable(fmt::format_string<A...> f, A&&... a) { return Error(Kind::unavailable, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error no_command(fmt::format_string<A...> f, A&&... a) { return Error(Kind::no_command, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error bad_command(fmt::format_string<A...> f, A&&... a) { return Error(Kind::bad_command, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error internal(fmt::format_string<A...> f, A&&... a) { return Error(Kind::internal, 0, fmt::vformat(f, fmt::make_format_args(a...))); }
    template <class... A> static Error make(Kind kind, fmt::format_string<A...> f, A&&... a) {
        return Error(kind, 0, fmt::vformat(f, fmt::make_format_args(a...)));
    }

    /// A failed system call: "mount proc at /proc: EPERM (operation not permitted)". The kind follows from the errno.
    /// `number` is an errno value (positive).
    template <class... A> static Error system(int number, fmt::format_string<A...> f, A&&... a) {
        return from_errno(number, fmt::vformat(f, fmt::make_format_args(a...)));
    }

    /// The same failure seen from further out: "create web: <what it said before>".
    template <class... A> Error context(fmt::format_string<A...> f, A&&... a) && {
        return std::move(*this).prefixed(fmt::vformat(f, fmt::make_format_args(a...)));
    }
    template <class... A> Error context(fmt::format_string<A...> f, A&&... a) const& {
        return Error(*this).prefixed(fmt::vformat(f, fmt::make_format_args(a...)));
    }

    /// context() with the text made already.
    Error prefixed(std::string before) &&;

    /// Adds advice, shown after the sentence: "; try --security-opt unmask=ALL".
    template <class... A> Error hint(fmt::format_string<A...> f, A&&... a) && {
        hint_ = fmt::vformat(f, fmt::make_format_args(a...));
        return std::move(*this);
    }

    /// The same sentence under another kind.
    Error as(Kind kind) && { kind_ = kind; return std::move(*this); }

    Kind kind() const { return kind_; }
    /// The errno that caused it, 0 where none did.
    int number() const { return number_; }
    bool is(Kind kind) const { return kind_ == kind; }
    bool is_errno(int number) const { return number_ == number; }
    /// The whole sentence, hint included.
    std::string text() const;

private:
    Error(Kind kind, int number, std::string message) : kind_(kind), number_(number), message_(std::move(message)) {}
    static Error from_errno(int number, std::string what);

    Kind kind_;
    int number_;
    std::string message_;
    std::string hint_;
};

/// "ENOENT" for 2; "errno 4095" for what the C library does not know.
std::string errno_name(int number);

/// Prints `sentence` with its place and aborts: for broken invariants, never for input.
[[noreturn]] void die_of_broken_invariant(const char* sentence, const char* file, int line);

/// The kernel or the caller broke a promise that we rely on: abort with a sentence.
#define MUST(condition, sentence) \
    do { if (!(condition)) ::skiff::die_of_broken_invariant(sentence, __FILE__, __LINE__); } while (0)

}  // namespace base
}  // namespace skiff
