// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

/// netlink(7): messages of a header, a family's fixed part and attributes; several of them in one send.
namespace skiff::kernel {

/// A message under construction. `what` says for a sentence what it asks for: "make the bridge skiff0".
class NetlinkMessage {
public:
    /// `flags` are NLM_F_…; NLM_F_REQUEST is added.
    template <class Fixed>
    NetlinkMessage(std::string what, uint16_t type, uint16_t flags, const Fixed& fixed) : NetlinkMessage(std::move(what), type, flags) { append(&fixed, sizeof fixed); }

    /// Attributes alone, to be put into a message later.
    static NetlinkMessage bare() { return NetlinkMessage({}, 0, 0); }

    NetlinkMessage& add(uint16_t attribute, Bytes value);
    /// A whole number as the processor has it.
    template <class Number> NetlinkMessage& number(uint16_t attribute, Number value) { return add(attribute, Bytes(reinterpret_cast<const std::byte*>(&value), sizeof value)); }
    /// The same with its highest byte first: nfnetlink's.
    NetlinkMessage& big_number(uint16_t attribute, uint32_t value);
    /// With a zero byte at its end.
    NetlinkMessage& text(uint16_t attribute, std::string_view value);
    /// An attribute that consists of those that `fill` adds.
    NetlinkMessage& nest(uint16_t attribute, const std::function<void(NetlinkMessage&)>& fill);
    /// Another fixed part, in front of the attributes of a nest.
    template <class Fixed> NetlinkMessage& fixed(const Fixed& part) { append(&part, sizeof part); return *this; }

    /// Those of a bare one.
    NetlinkMessage& append_attributes(const NetlinkMessage& bare) { append(bare.bytes_.data(), bare.bytes_.size()); return *this; }

    const std::string& what() const { return what_; }
    uint16_t type() const { return type_; }
    bool is_dump() const;
    void set_flags(uint16_t more) { flags_ = static_cast<uint16_t>(flags_ | more); }
    /// The whole message under this number.
    std::string to_bytes(uint32_t sequence) const;

private:
    NetlinkMessage(std::string what, uint16_t type, uint16_t flags);
    void append(const void* data, size_t size);
    std::string what_, bytes_;
    uint16_t type_, flags_;
};

/// One attribute of an answer; the bytes are the answer's.
struct NetlinkAttribute { uint16_t type = 0; Bytes value; };
/// The attributes one behind the other in `bytes`; what is cut off at the end is left out.
std::vector<NetlinkAttribute> read_attributes(Bytes bytes);
/// The value of the first of that type; empty where there is none.
Bytes find_attribute(Bytes attributes, uint16_t type);
/// A number as the processor has it; 0 where the value is shorter.
uint32_t number_of(Bytes value);
/// Without the zero byte.
std::string text_of_attribute(Bytes value);

/// An answer: its type, and what stands behind the header.
struct NetlinkAnswer { uint16_t type = 0; Bytes payload; };

/// A conversation with one of the kernel's netlink families, of the network namespace in which it was opened.
class NetlinkSocket {
public:
    /// `protocol`: NETLINK_ROUTE, NETLINK_NETFILTER.
    static Result<NetlinkSocket> open(int protocol);
    /// In the namespace `network`, where this thread is for the moment of the call.
    static Result<NetlinkSocket> open_in(FdView network, int protocol);

    /// Asks for one thing and shows each message of the answer to `visit` until the kernel says that this was all.
    Result<> ask(NetlinkMessage message, const std::function<void(const NetlinkAnswer&)>& visit = {}) const;
    /// All of them in one send: the kernel does one after the other before anything else of ours, a kill included, happens.
    /// Error: the first that was refused, with its `what`; of rtnetlink those behind it were tried all the same.
    Result<> send(std::span<const NetlinkMessage> messages) const;
    /// The same where only some of them ask to be answered (nfnetlink's batches).
    Result<> send_unanswered(std::span<const NetlinkMessage> messages) const;

private:
    explicit NetlinkSocket(Fd socket) : socket_(std::move(socket)) {}
    Result<> deliver(std::span<const NetlinkMessage> messages) const;
    Fd socket_;
};

}  // namespace skiff::kernel
