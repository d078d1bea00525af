// SPDX-License-Identifier: Apache-2.0
// Messages of netlink and what comes back. The kernel works on a message inside send(2): the answers are there afterwards.
#include "kernel/netlink.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

#include "base/text.hpp"
#include "kernel/network_namespace.hpp"

namespace skiff::kernel {
namespace {

constexpr size_t k_answer_size = 32768;  // the kernel fills at most so much at a time
constexpr int k_answer_room = 4 << 20;   // for a batch, each of whose messages is answered

constexpr size_t padded(size_t size) { return (size + 3) / 4 * 4; }

/// What the kernel has to say about a refused message beside the number (NETLINK_EXT_ACK); empty where it says nothing.
std::string explanation_in(Bytes error_message, bool is_capped) {
    if (error_message.size() < sizeof(nlmsgerr)) return {};
    nlmsgerr head{};
    std::memcpy(&head, error_message.data(), sizeof head);
    const size_t echoed = is_capped ? sizeof(nlmsghdr) : padded(head.msg.nlmsg_len);
    const size_t begin = sizeof(int) + echoed;
    if (begin > error_message.size()) return {};
    return text_of_attribute(find_attribute(error_message.subspan(begin), NLMSGERR_ATTR_MSG));
}

struct Verdict { uint32_t sequence; int failure; std::string why; };

/// Walks over the messages of one read; `visit` returns false to end.
void walk(Bytes bytes, const std::function<bool(const nlmsghdr&, Bytes)>& visit) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header{};
        std::memcpy(&header, bytes.data(), sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) return;
        if (!visit(header, bytes.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN))) return;
        bytes = bytes.subspan(std::min<size_t>(padded(header.nlmsg_len), bytes.size()));
    }
}

std::optional<Verdict> verdict_in(const nlmsghdr& header, Bytes payload) {
    if (header.nlmsg_type != NLMSG_ERROR || payload.size() < sizeof(int)) return std::nullopt;
    int failure = 0;
    std::memcpy(&failure, payload.data(), sizeof failure);
    Verdict verdict{header.nlmsg_seq, -failure, {}};
    if (failure != 0 && header.nlmsg_flags & NLM_F_ACK_TLVS) verdict.why = explanation_in(payload, header.nlmsg_flags & NLM_F_CAPPED);
    return verdict;
}

Error refusal(const std::string& what, const Verdict& verdict) {
    auto error = Error::system(verdict.failure, "{}", what);
    return verdict.why.empty() ? error : std::move(error).hint("the kernel says: {}", verdict.why);
}

/// A read of what the kernel has for us; empty: nothing (yet).
Result<std::optional<Bytes>> receive(FdView socket, MutableBytes room, int flags) {
    while (true) {
        const ssize_t got = recv(socket.number(), room.data(), room.size(), MSG_TRUNC | flags);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::optional<Bytes>();
        if (got < 0) return Error::system(errno, "hear from netlink");
        if (static_cast<size_t>(got) > room.size()) return Error::internal("netlink's answer is longer than {} bytes", room.size());
        return std::optional<Bytes>(room.first(static_cast<size_t>(got)));
    }
}

}  // namespace

NetlinkMessage::NetlinkMessage(std::string what, uint16_t type, uint16_t flags) : what_(std::move(what)), type_(type), flags_(static_cast<uint16_t>(NLM_F_REQUEST | flags)) {}

void NetlinkMessage::append(const void* data, size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    bytes_.resize(padded(bytes_.size()), '\0');
}

bool NetlinkMessage::is_dump() const { return (flags_ & NLM_F_DUMP) == NLM_F_DUMP; }

NetlinkMessage& NetlinkMessage::add(uint16_t attribute, Bytes value) {
    const nlattr head{static_cast<uint16_t>(NLA_HDRLEN + value.size()), attribute};
    append(&head, sizeof head);
    append(value.data(), value.size());
    return *this;
}

NetlinkMessage& NetlinkMessage::big_number(uint16_t attribute, uint32_t value) { return number(attribute, htonl(value)); }

NetlinkMessage& NetlinkMessage::text(uint16_t attribute, std::string_view value) { return add(attribute, bytes_of(std::string(value) + '\0')); }

NetlinkMessage& NetlinkMessage::nest(uint16_t attribute, const std::function<void(NetlinkMessage&)>& fill) {
    const size_t begin = bytes_.size();
    nlattr head{0, static_cast<uint16_t>(attribute | NLA_F_NESTED)};
    append(&head, sizeof head);
    fill(*this);
    head.nla_len = static_cast<uint16_t>(bytes_.size() - begin);
    std::memcpy(bytes_.data() + begin, &head, sizeof head);
    return *this;
}

std::string NetlinkMessage::to_bytes(uint32_t sequence) const {
    const nlmsghdr header{static_cast<uint32_t>(NLMSG_HDRLEN + bytes_.size()), type_, flags_, sequence, 0};
    std::string whole(reinterpret_cast<const char*>(&header), sizeof header);
    return whole + bytes_;
}

std::vector<NetlinkAttribute> read_attributes(Bytes bytes) {
    std::vector<NetlinkAttribute> found;
    while (bytes.size() >= sizeof(nlattr)) {
        nlattr head{};
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nla_len < NLA_HDRLEN || head.nla_len > bytes.size()) break;
        found.push_back({static_cast<uint16_t>(head.nla_type & NLA_TYPE_MASK), bytes.subspan(NLA_HDRLEN, head.nla_len - NLA_HDRLEN)});
        bytes = bytes.subspan(std::min<size_t>(padded(head.nla_len), bytes.size()));
    }
    return found;
}

Bytes find_attribute(Bytes attributes, uint16_t type) {
    for (const auto& one : read_attributes(attributes))
        if (one.type == type) return one.value;
    return {};
}

uint32_t number_of(Bytes value) {
    uint32_t number = 0;
    if (value.size() >= sizeof number) std::memcpy(&number, value.data(), sizeof number);
    return number;
}

std::string text_of_attribute(Bytes value) {
    const auto text = text_of(value);
    return std::string(text.substr(0, text.find('\0')));
}

Result<NetlinkSocket> NetlinkSocket::open(int protocol) {
    auto fd = Fd::adopt(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
    if (!fd) return Error::system(errno, "open a netlink socket");
    const int on = 1;
    (void)setsockopt(fd.number(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);  // without it a refusal is a bare number
    (void)setsockopt(fd.number(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);  // without it answers are longer
    (void)setsockopt(fd.number(), SOL_SOCKET, SO_RCVBUFFORCE, &k_answer_room, sizeof k_answer_room);
    return NetlinkSocket(std::move(fd));
}

Result<NetlinkSocket> NetlinkSocket::open_in(FdView network, int protocol) {
    auto made = Result<NetlinkSocket>(Error::internal("nobody has opened it"));
    TRY(in_network(network, [&]() -> Result<> {
        made = open(protocol);
        return {};
    }));
    return made;
}

Result<> NetlinkSocket::ask(NetlinkMessage message, const std::function<void(const NetlinkAnswer&)>& visit) const {
    if (!message.is_dump()) message.set_flags(NLM_F_ACK);  // so that there is an end of the answer
    const std::string bytes = message.to_bytes(1);
    if (::send(socket_.number(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return Error::system(errno, "{}", message.what());
    alignas(nlmsghdr) std::array<std::byte, k_answer_size> room;
    while (true) {
        const auto got = TRY(receive(socket_, room, 0));
        std::optional<Result<>> end;
        walk(*got, [&](const nlmsghdr& header, Bytes payload) {
            if (const auto verdict = verdict_in(header, payload)) end = verdict->failure == 0 ? Result<>() : refusal(message.what(), *verdict);
            else if (header.nlmsg_type == NLMSG_DONE) end = Result<>();
            else if (visit) visit({header.nlmsg_type, payload});
            return !end;
        });
        if (end) return std::move(*end);
    }
}

Result<> NetlinkSocket::send(std::span<const NetlinkMessage> messages) const {
    std::vector<NetlinkMessage> answered(messages.begin(), messages.end());
    for (auto& message : answered) message.set_flags(NLM_F_ACK);
    return deliver(answered);
}

Result<> NetlinkSocket::send_unanswered(std::span<const NetlinkMessage> messages) const { return deliver(messages); }

Result<> NetlinkSocket::deliver(std::span<const NetlinkMessage> messages) const {
    std::string bytes;
    uint32_t sequence = 0;
    for (const auto& message : messages) bytes += message.to_bytes(sequence++);
    const int room_to_send = static_cast<int>(bytes.size()) + 4096;
    if (bytes.size() > 64 << 10) (void)setsockopt(socket_.number(), SOL_SOCKET, SO_SNDBUFFORCE, &room_to_send, sizeof room_to_send);
    if (::send(socket_.number(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return Error::system(errno, "{}", messages.empty() ? "send nothing" : messages.front().what());

    std::optional<Error> first;
    uint32_t first_sequence = 0;
    alignas(nlmsghdr) std::array<std::byte, k_answer_size> room;
    while (const auto got = TRY(receive(socket_, room, MSG_DONTWAIT)))
        walk(*got, [&](const nlmsghdr& header, Bytes payload) {
            const auto verdict = verdict_in(header, payload);
            if (verdict && verdict->failure != 0 && (!first || verdict->sequence < first_sequence) && verdict->sequence < messages.size()) {
                first = refusal(messages[verdict->sequence].what(), *verdict);
                first_sequence = verdict->sequence;
            }
            return true;
        });
    if (first) return std::move(*first);
    return {};
}

}  // namespace skiff::kernel
