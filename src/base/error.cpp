// SPDX-License-Identifier: Apache-2.0
// Errors as sentences, and which kind an errno stands for.
#include "base/error.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace skiff {
inline namespace base {
namespace {

Kind kind_of(int number) {
    switch (number) {
        case ENOENT: case ESRCH: case ENODEV: case ENXIO: return Kind::not_found;
        case EEXIST: return Kind::exists;
        case EBUSY: case ENOTEMPTY: case EAGAIN: return Kind::conflict;
        case EPERM: case EACCES: case EROFS: return Kind::forbidden;
        case ENOSYS: case EOPNOTSUPP: return Kind::unsupported;
        case ENOSPC: case EDQUOT: return Kind::no_space;
        case EINVAL: case ENAMETOOLONG: case ELOOP: case E2BIG: case ERANGE: return Kind::invalid;
        case ETIMEDOUT: case ECONNREFUSED: case EHOSTUNREACH: return Kind::unavailable;
        default: return Kind::system;
    }
}

/// strerror's words without the capital: they stand inside a sentence of ours.
std::string words_for(int number) {
    const char* words = strerrordesc_np(number);
    std::string text = words ? words : "unknown error";
    const bool is_acronym = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
    if (!is_acronym && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

}  // namespace

std::string errno_name(int number) {
    const char* name = strerrorname_np(number);
    return name ? name : format("errno {}", number);
}

Error Error::from_errno(int number, std::string what) {
    return Error(kind_of(number), number, format("{}: {} ({})", what, errno_name(number), words_for(number)));
}

Error Error::prefixed(std::string before) && {
    message_ = std::move(before) + ": " + message_;
    return std::move(*this);
}

std::string Error::text() const { return hint_.empty() ? message_ : message_ + "; " + hint_; }

void die_of_broken_invariant(const char* sentence, const char* file, int line) {
    std::fprintf(stderr, "skiff: broken invariant: %s (%s:%d); please report this\n", sentence, file, line);
    std::abort();
}

}  // namespace base
}  // namespace skiff
