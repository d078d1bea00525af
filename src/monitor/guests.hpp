// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <list>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "monitor/protocol.hpp"

namespace skiff::monitor {

/// One connection to the worker.
struct Guest {
    kernel::Fd connection;
    Streams streams;              ///< what it is attached to
    bool waits = false;           ///< wants to hear of the end
    bool gave_input = false;
    bool is_gone = false;
    std::deque<std::string> queue;  ///< messages that had no room in the kernel's buffer, oldest first

    bool wants_end() const { return waits || streams.any(); }
    bool is_behind() const { return !queue.empty(); }

    void say(const Saying& saying) { send(encode(saying), {}); }
    /// Sends head and body as one message, or keeps it until there is room.
    void send(std::string_view head, std::string_view body);
    /// Sends what is kept, as far as there is room.
    void flush();
};

/// Everybody who is connected.
class Guests {
public:
    static constexpr size_t k_most = 64;

    /// Refused when there are too many.
    void welcome(kernel::Fd connection);
    /// The spawner, attached from the start.
    void welcome_spawner(kernel::Fd connection, Streams streams);
    /// One who only waits for the end.
    void welcome_witness(kernel::Fd connection);

    /// The same piece of output to each who wants it.
    void hand_out(bool is_error, std::string_view bytes);
    /// Whether somebody who gets this stream has not read what it was given: then no more is taken from the container.
    bool anyone_behind(bool is_error) const;
    bool anyone_behind() const;
    /// A sentence to each who is attached.
    void tell(const std::string& notice);
    void tell_end(const ExitRecord& record);
    void forget_gone();

    std::list<Guest>& all() { return all_; }

private:
    std::list<Guest> all_;
};

}  // namespace skiff::monitor
