// SPDX-License-Identifier: Apache-2.0
// The child's half of the handshake.
#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

int send_message(int socket, const Message& message, int with_descriptor) noexcept {
    Message copy = message;
    iovec piece{&copy, sizeof copy};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    if (with_descriptor >= 0) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        *reinterpret_cast<int*>(CMSG_DATA(rights)) = with_descriptor;
    }
    const long sent = call(SYS_sendmsg, socket, &header, MSG_NOSIGNAL);
    return sent < 0 ? static_cast<int>(sent) : 0;
}

}  // namespace

int say(World& world, Stage stage, int with_descriptor) noexcept {
    Message message;
    message.stage = stage;
    return send_message(world.orders->socket, message, with_descriptor);
}

int hear(World& world, Stage stage) noexcept {
    Message message;
    long got = 0;
    do got = call(SYS_recvfrom, world.orders->socket, &message, sizeof message, 0, nullptr, nullptr);
    while (got == -EINTR);
    // Silence: the runtime died, and nobody is left to report to. End at once.
    if (got != static_cast<long>(sizeof message) || message.stage != stage) call(SYS_exit_group, 1);
    return 0;
}

void report_failure(World& world, int step, int error) noexcept {
    Message message;
    message.stage = Stage::failed;
    message.step = step;
    message.error = error;
    message.detail = static_cast<uint32_t>(world.detail);
    // Whoever started us waits for this; before that, whoever bore us.
    (void)send_message(world.starter >= 0 ? world.starter : world.orders->socket, message, -1);
}

}  // namespace skiff::runtime::child
