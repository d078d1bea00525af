// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace skiff::kernel {

Result<FileWatch> FileWatch::create() {
    const int number = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (number < 0) return Error::system(errno, "make an inotify queue");
    return FileWatch(Fd::adopt(number));
}

Result<int> FileWatch::add(FdView file, What what) {
    const uint32_t names = IN_MOVE_SELF | IN_CREATE | IN_MOVED_TO;
    const uint32_t events = what == What::names ? names | IN_DELETE | IN_DELETE_SELF : names | IN_MODIFY;
    const int number = inotify_add_watch(queue_.number(), proc_path(file).c_str(), events);
    if (number < 0) return Error::system(errno, "watch descriptor {}", file.number());
    return number;
}

void FileWatch::forget(int number) { (void)inotify_rm_watch(queue_.number(), number); }

void FileWatch::take() {
    std::array<char, 4096> events;
    ssize_t size = 0;
    do size = read(queue_.number(), events.data(), events.size());
    while (size > 0 || (size < 0 && errno == EINTR));
}

}  // namespace skiff::kernel
