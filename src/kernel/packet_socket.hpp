// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Unix sockets that keep messages apart (SOCK_SEQPACKET, unix(7)): a message arrives whole or not at all.
namespace skiff::kernel {

struct PacketPair { Fd one, other; };
Result<PacketPair> make_packet_pair();

/// A socket that listens as `name` in `directory`, replacing what stood there. The path may be as long as it likes.
Result<Fd> listen_for_packets(FdView directory, const std::string& name);
/// Error (not_found): nothing listens there.
Result<Fd> connect_for_packets(FdView directory, const std::string& name);
/// The next connection, non-blocking; empty when none is waiting.
Result<std::optional<Fd>> accept_packets(FdView listener);

/// Sends one message, whose bytes are `head` and then `body`, with descriptors beside it; waits for room.
/// Error with EPIPE: nobody listens any more (never SIGPIPE).
Result<> send_packet(FdView socket, Bytes head, Bytes body, std::span<const FdView> descriptors);
inline Result<> send_packet(FdView socket, Bytes head, Bytes body = {}, std::initializer_list<FdView> descriptors = {}) {
    return send_packet(socket, head, body, std::span(descriptors.begin(), descriptors.size()));
}
/// The same without waiting: false when there is no room now.
Result<bool> try_send_packet(FdView socket, Bytes head, Bytes body = {});

struct Packet {
    size_t size = 0;              ///< bytes in the buffer; 0: the other side has closed
    std::vector<Fd> descriptors;  ///< close-on-exec
};
/// The next message; waits for it. Error (invalid): it is longer than `buffer` (it is then gone).
Result<Packet> receive_packet(FdView socket, MutableBytes buffer);
/// The same without waiting: empty when none is there.
Result<std::optional<Packet>> try_receive_packet(FdView socket, MutableBytes buffer);
/// At most `buffer.size()` bytes of the next message, which stays where it is. 0: the other side has closed.
/// Does not wait: empty when none is there.
Result<std::optional<size_t>> peek_packet(FdView socket, MutableBytes buffer);

}  // namespace skiff::kernel
