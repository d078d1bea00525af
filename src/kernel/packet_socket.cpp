// SPDX-License-Identifier: Apache-2.0
#include "kernel/packet_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr size_t k_most_descriptors = 8;

/// "/proc/self/fd/N/NAME": sun_path has 108 bytes, whatever the directory's own path is.
Result<sockaddr_un> address_in(FdView directory, const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = proc_path(directory) + "/" + name;
    if (path.size() >= sizeof address.sun_path) return Error::invalid("the socket name {} is too long", name);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

Result<Fd> packet_socket(int flags) {
    const int number = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
    if (number < 0) return Error::system(errno, "make a socket");
    return Fd::adopt(number);
}

Result<bool> send_with(FdView socket, Bytes head, Bytes body, std::span<const FdView> descriptors, int flags) {
    MUST(descriptors.size() <= k_most_descriptors, "a packet carries at most eight descriptors");
    std::array<iovec, 2> pieces{iovec{const_cast<std::byte*>(head.data()), head.size()}, iovec{const_cast<std::byte*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(k_most_descriptors * sizeof(int))> control{};
    if (!descriptors.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
        size_t at = 0;
        for (const FdView fd : descriptors) {
            const int number = fd.number();
            std::memcpy(CMSG_DATA(header) + at, &number, sizeof number);
            at += sizeof number;
        }
    }
    ssize_t sent = 0;
    do sent = sendmsg(socket.number(), &message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
        return Error::system(errno, "send a message");
    }
    return true;
}

Result<std::optional<Packet>> receive_with(FdView socket, MutableBytes buffer, int flags) {
    iovec piece{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(k_most_descriptors * sizeof(int))> control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = 0;
    do got = recvmsg(socket.number(), &message, flags | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<Packet>();
        return Error::system(errno, "receive a message");
    }

    Packet packet;
    packet.size = static_cast<size_t>(got);
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
            packet.descriptors.push_back(Fd::adopt(number));
        }
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) return Error::invalid("a message longer than {} bytes", buffer.size());
    return std::optional<Packet>(std::move(packet));
}

}  // namespace

Result<PacketPair> make_packet_pair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return Error::system(errno, "make a pair of sockets");
    return PacketPair{Fd::adopt(ends[0]), Fd::adopt(ends[1])};
}

Result<Fd> listen_for_packets(FdView directory, const std::string& name) {
    const sockaddr_un address = TRY(address_in(directory, name));
    Fd socket = TRY(packet_socket(SOCK_NONBLOCK));
    TRY(remove_file_at(directory, name));
    if (bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Error::system(errno, "bind the socket {}", name);
    if (listen(socket.number(), 64) != 0) return Error::system(errno, "listen on the socket {}", name);
    return socket;
}

Result<Fd> connect_for_packets(FdView directory, const std::string& name) {
    const sockaddr_un address = TRY(address_in(directory, name));
    Fd socket = TRY(packet_socket(0));
    if (connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) return Error::not_found("nothing listens on the socket {}", name);
        return Error::system(errno, "connect to the socket {}", name);
    }
    return socket;
}

Result<std::optional<Fd>> accept_packets(FdView listener) {
    int number = -1;
    do number = accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (number < 0 && errno == EINTR);
    if (number < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ECONNABORTED) return std::optional<Fd>();
        return Error::system(errno, "accept a connection");
    }
    return std::optional<Fd>(Fd::adopt(number));
}

Result<> send_packet(FdView socket, Bytes head, Bytes body, std::span<const FdView> descriptors) {
    if (!TRY(send_with(socket, head, body, descriptors, 0))) return Error::system(EAGAIN, "send a message");
    return {};
}

Result<bool> try_send_packet(FdView socket, Bytes head, Bytes body) { return send_with(socket, head, body, {}, MSG_DONTWAIT); }

Result<Packet> receive_packet(FdView socket, MutableBytes buffer) {
    auto packet = TRY(receive_with(socket, buffer, 0));
    if (!packet) return Error::system(EAGAIN, "receive a message");
    return std::move(*packet);
}

Result<std::optional<Packet>> try_receive_packet(FdView socket, MutableBytes buffer) { return receive_with(socket, buffer, MSG_DONTWAIT); }

Result<std::optional<size_t>> peek_packet(FdView socket, MutableBytes buffer) {
    ssize_t got = 0;
    do got = recv(socket.number(), buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<size_t>();
        return Error::system(errno, "look at a message");
    }
    return std::optional<size_t>(static_cast<size_t>(got));
}

}  // namespace skiff::kernel
