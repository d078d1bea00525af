// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

/// System calls without the C library's bookkeeping: a result below zero is the negated errno.
namespace skiff::runtime::child {

template <class... A>
inline long call(long number, A... arguments) noexcept {
    const long result = ::syscall(number, arguments...);
    return result < 0 ? -errno : result;
}

inline int open_path(int directory, const char* path, uint64_t flags, uint64_t resolve) noexcept {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.resolve = resolve;
    for (int attempt = 0;; ++attempt) {
        const long fd = call(SYS_openat2, directory, path, &how, sizeof how);
        if ((fd == -EAGAIN || fd == -EINTR) && attempt < 128) continue;  // a rename raced with ".."
        return static_cast<int>(fd);
    }
}

inline void close_fd(int fd) noexcept { if (fd >= 0) call(SYS_close, fd); }

inline unsigned long length_of(const char* text) noexcept {
    unsigned long length = 0;
    while (text[length]) ++length;
    return length;
}

inline bool same_text(const char* a, const char* b) noexcept {
    while (*a && *a == *b) { ++a; ++b; }
    return *a == *b;
}

/// Closes a descriptor at the end of a scope.
struct Closing {
    int fd;
    explicit Closing(int number) noexcept : fd(number) {}
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;
    ~Closing() { close_fd(fd); }
};

}  // namespace skiff::runtime::child
