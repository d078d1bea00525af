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

int send_listener(World& world, int listener, bool by_number) noexcept {
    Message message;
    message.stage = Stage::listener;
    message.error = listener;
    const int socket = world.starter >= 0 ? world.starter : world.orders->socket;
    if (!by_number) return send_message(socket, message, listener);
    const long sent = call(SYS_write, socket, &message, sizeof message);
    return sent < 0 ? static_cast<int>(sent) : 0;
}

void wait_for_agent(World& world) noexcept {
    Message message;
    long got = 0;
    do got = call(SYS_read, world.starter >= 0 ? world.starter : world.orders->socket, &message, sizeof message);
    while (got == -EINTR);
    // Silence: whoever was to hand it over died or failed, and the program must not run without its agent. Where the
    // filter refuses read(2), we cannot know and go on: unanswered calls then fail.
    if (got == 0) call(SYS_exit_group, 1);
}

void report_failure(World& world, int step, int error) noexcept {
    Message message;
    message.stage = Stage::failed;
    message.step = step;
    message.error = error;
    message.detail = static_cast<uint32_t>(world.detail);
    // Whoever started us waits for this; before that, whoever bore us.
    const int socket = world.starter >= 0 ? world.starter : world.orders->socket;
    if (send_message(socket, message, -1) < 0) call(SYS_write, socket, &message, sizeof message);  // a filter may refuse the one and not the other
}

}  // namespace skiff::runtime::child
