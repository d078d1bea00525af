// SPDX-License-Identifier: Apache-2.0
#include "monitor/guests.hpp"

#include <algorithm>

#include "kernel/packet_socket.hpp"

namespace skiff::monitor {

void Guest::send(std::string_view head, std::string_view body) {
    if (is_gone) return;
    if (queue.empty()) {
        const auto sent = kernel::try_send_packet(connection, bytes_of(head), bytes_of(body));
        if (!sent) is_gone = true;
        if (!sent || *sent) return;
    }
    queue.emplace_back(head) += body;
}

void Guest::flush() {
    while (!queue.empty() && !is_gone) {
        const auto sent = kernel::try_send_packet(connection, bytes_of(queue.front()));
        if (!sent) is_gone = true;
        else if (!*sent) return;
        else queue.pop_front();
    }
}

void Guests::welcome(kernel::Fd connection) {
    Guest& guest = all_.emplace_back();
    guest.connection = std::move(connection);
    if (all_.size() <= k_most) return;
    guest.say(SayRefused{Kind::conflict, format("{} clients are connected to this container already", k_most)});
    guest.is_gone = true;
}

void Guests::welcome_spawner(kernel::Fd connection, Streams streams) {
    Guest& guest = all_.emplace_back();
    guest.connection = std::move(connection);
    guest.streams = streams;
}

void Guests::welcome_witness(kernel::Fd connection) {
    Guest& guest = all_.emplace_back();
    guest.connection = std::move(connection);
    guest.waits = true;
}

void Guests::hand_out(bool is_error, std::string_view bytes) {
    const std::string head = encode(SayOutput{is_error, {}});
    for (Guest& guest : all_)
        if (is_error ? guest.streams.err : guest.streams.out) guest.send(head, bytes);
}

bool Guests::anyone_behind(bool is_error) const {
    return std::ranges::any_of(all_, [&](const Guest& guest) { return guest.is_behind() && !guest.is_gone && (is_error ? guest.streams.err : guest.streams.out); });
}

bool Guests::anyone_behind() const {
    return std::ranges::any_of(all_, [](const Guest& guest) { return guest.is_behind() && !guest.is_gone; });
}

void Guests::tell(const std::string& notice) {
    for (Guest& guest : all_)
        if (guest.streams.any()) guest.say(SayNotice{notice});
}

void Guests::tell_end(const ExitRecord& record) {
    for (Guest& guest : all_)
        if (guest.wants_end()) guest.say(SayExited{record});
}

void Guests::forget_gone() {
    std::erase_if(all_, [](const Guest& guest) { return guest.is_gone; });
}

}  // namespace skiff::monitor
