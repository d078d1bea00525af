// SPDX-License-Identifier: Apache-2.0
#include "kernel/byte_channel.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace skiff::kernel {

Result<ByteChannel> make_byte_channel() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return Error::system(errno, "make a socket pair");
    ByteChannel channel;
    channel.ours = Fd::adopt(ends[0]);
    channel.theirs = Fd::adopt(ends[1]);
    return channel;
}

Result<> send_all(FdView channel, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t put = send(channel.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return Error::system(errno, "send on descriptor {}", channel.number());
        bytes = bytes.subspan(static_cast<size_t>(put));
    }
    return {};
}

Result<size_t> send_what_fits(FdView channel, Bytes bytes) {
    while (true) {
        const ssize_t put = send(channel.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put >= 0) return static_cast<size_t>(put);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return size_t{0};
        if (errno != EINTR) return Error::system(errno, "send on descriptor {}", channel.number());
    }
}

}  // namespace skiff::kernel
