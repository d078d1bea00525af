// SPDX-License-Identifier: Apache-2.0
#include "kernel/stream_socket.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace skiff::kernel {

Result<Fd> connect_stream(const std::string& path, int patience_ms) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Error::invalid("{} is longer than a socket's path may be", path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (number < 0) return Error::system(errno, "make a socket");
    Fd socket = Fd::adopt(number);
    const timeval patience{.tv_sec = patience_ms / 1000, .tv_usec = long{patience_ms % 1000} * 1000};
    if (patience_ms > 0 && setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0) return Error::system(errno, "give a socket a time limit");
    int connected = 0;
    do connected = connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    while (connected != 0 && errno == EINTR);
    if (connected == 0) return socket;
    if (errno == EAGAIN) return Error::unavailable("connect to {}: nobody took the connection within {} seconds", path, patience_ms / 1000);
    return Error::system(errno, "connect to {}", path);
}

Result<> send_stream(FdView socket, Bytes bytes, FdView descriptor) {
    bool is_first = true;
    while (!bytes.empty()) {
        iovec piece{const_cast<std::byte*>(bytes.data()), bytes.size()};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
        msghdr message{};
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        if (is_first && descriptor) {
            message.msg_control = control;
            message.msg_controllen = sizeof control;
            cmsghdr* rights = CMSG_FIRSTHDR(&message);
            rights->cmsg_level = SOL_SOCKET;
            rights->cmsg_type = SCM_RIGHTS;
            rights->cmsg_len = CMSG_LEN(sizeof(int));
            const int number = descriptor.number();
            std::memcpy(CMSG_DATA(rights), &number, sizeof number);
        }
        const ssize_t sent = sendmsg(socket.number(), &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Error::unavailable("send to a socket: nobody read what was sent before");
        if (sent < 0) return Error::system(errno, "send to a socket");
        is_first = false;
        bytes = bytes.subspan(static_cast<size_t>(sent));
    }
    return {};
}

}  // namespace skiff::kernel
