// SPDX-License-Identifier: Apache-2.0
#include "kernel/facilities.hpp"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "kernel/fd.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {

bool has_filesystem(const std::string& type) {
    if (const auto known = read_whole_file("/proc/filesystems", 64 << 10))
        for (const std::string_view line : split(*known, '\n'))
            if (line.substr(line.find('\t') + 1) == type) return true;
    constexpr unsigned k_close_on_exec = 1;  // FSOPEN_CLOEXEC
    const long context = syscall(SYS_fsopen, type.c_str(), k_close_on_exec);
    if (context < 0) return false;
    (void)Fd::adopt(static_cast<int>(context));  // asked, and closed again
    return true;
}

Answer has_nftables() {
    const int number = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (number < 0) return Answer::no;
    const Fd socket = Fd::adopt(number);

    // "Which generation of rules is this?": the one question that has an answer even where there are no rules.
    struct { nlmsghdr header; nfgenmsg family; } question{};
    question.header = {.nlmsg_len = sizeof(question), .nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN, .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = 1, .nlmsg_pid = 0};
    if (send(number, &question, sizeof(question), 0) != sizeof(question)) return Answer::no;

    // The kernel answers before send() returns.
    std::array<char, 4096> buffer{};
    const ssize_t size = recv(number, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < static_cast<ssize_t>(sizeof(nlmsghdr))) return Answer::no;
    nlmsghdr header{};
    std::memcpy(&header, buffer.data(), sizeof(header));
    if (header.nlmsg_type != NLMSG_ERROR) return Answer::yes;
    nlmsgerr error{};
    if (size < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof(error))) return Answer::no;
    std::memcpy(&error, buffer.data() + NLMSG_HDRLEN, sizeof(error));
    return error.error == -EPERM ? Answer::not_allowed : Answer::no;
}

}  // namespace skiff::kernel
