// SPDX-License-Identifier: Apache-2.0
#include "monitor/client.hpp"

#include <algorithm>
#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/packet_socket.hpp"

namespace skiff::monitor {
namespace {

Error unexpected() { return Error::internal("the monitor gave an answer that makes no sense here"); }
Error hung_up() { return Error::unavailable("the monitor has ended"); }

/// A refusal or failure as the error that it tells of.
const Saying* unless_refused(const std::optional<Saying>& said, std::optional<Error>& why) {
    if (!said) why = hung_up();
    else if (const auto* refused = std::get_if<SayRefused>(&*said)) why = Error::make(refused->kind, "{}", refused->text);
    else if (const auto* failed = std::get_if<SayFailed>(&*said)) why = Error::make(failed->kind, "{}", failed->text);
    return why ? nullptr : &*said;
}

template <class Message> Result<Message> expect(const std::optional<Saying>& said) {
    std::optional<Error> why;
    const Saying* saying = unless_refused(said, why);
    if (!saying) return std::move(*why);
    if (const auto* message = std::get_if<Message>(saying)) return *message;
    return unexpected();
}

}  // namespace

Result<Client> Client::connect(const std::string& run_directory) {
    auto directory = kernel::open_directory(run_directory);
    if (!directory && directory.error().is_errno(ENOENT)) return Error::not_found("no monitor is there: {} does not exist", run_directory);
    if (!directory) return std::move(directory).error();
    kernel::Fd connection = TRY(kernel::connect_for_packets(*directory, k_control_socket));
    return Client(std::move(connection));
}

Result<Client::Ends> Client::make_ends() {
    auto pair = TRY(kernel::make_packet_pair());
    return Ends{std::move(pair.one), std::move(pair.other)};
}

Result<std::optional<Saying>> Client::next() {
    // The longest saying is a failure's text; streams come in pieces of k_piece.
    buffer_.resize(k_piece + 64);
    auto packet = kernel::receive_packet(connection_, buffer_);
    // A monitor that leaves before it has read all we sent: what it said before is still to be read.
    if (!packet && packet.error().is_errno(ECONNRESET)) packet = kernel::receive_packet(connection_, buffer_);
    if (!packet && packet.error().is_errno(ECONNRESET)) return std::optional<Saying>();
    if (!packet) return std::move(packet).error();
    if (packet->size == 0) return std::optional<Saying>();
    return std::optional<Saying>(TRY(decode_saying(Bytes(buffer_).first(packet->size))));
}

Result<> Client::send(const Request& request) {
    const std::string packet = encode(request);
    if (packet.size() > k_longest_packet) return Error::invalid("a message to the monitor of {} bytes is too long", packet.size());
    auto sent = kernel::send_packet(connection_, bytes_of(packet));
    if (!sent && (sent.error().is_errno(EPIPE) || sent.error().is_errno(ECONNRESET))) return hung_up();
    return sent;
}

Result<> Client::attach(Streams streams, TerminalSize size) { return send(AskAttach{streams, size}); }
Result<> Client::ask_wait() { return send(AskWait{}); }
Result<> Client::resize(TerminalSize size) { return send(AskResize{size}); }
Result<> Client::signal(int number) { return send(AskSignal{number}); }
Result<> Client::exec(std::string id, std::string process_json) { return send(AskExec{std::move(id), std::move(process_json)}); }
Result<> Client::end_input() { return send(EndInput{}); }
Result<> Client::ask_memory(bool lets_be) { return send(AskMemory{lets_be}); }
Result<> Client::say_cleaned_up() { return send(CleanedUp{}); }

Result<> Client::give_input(Bytes bytes) {
    while (!bytes.empty()) {
        const Bytes piece = bytes.first(std::min(bytes.size(), k_piece));
        TRY(send(GiveInput{text_of(piece)}));
        bytes = bytes.subspan(piece.size());
    }
    return {};
}

Result<> Client::expect_attached() {
    (void)TRY(expect<SayAttached>(TRY(next())));
    return {};
}

Result<> Client::expect_done() {
    (void)TRY(expect<SayDone>(TRY(next())));
    return {};
}

Result<SayStarted> Client::expect_started(const runtime::Listener& listener) {
    while (true) {
        const auto said = TRY(next());
        const auto* told = said ? std::get_if<SayTold>(&*said) : nullptr;
        if (!told) return expect<SayStarted>(said);
        if (listener) listener(told->told);
    }
}

Result<ExitRecord> Client::expect_exited() { return TRY(expect<SayExited>(TRY(next()))).record; }

}  // namespace skiff::monitor
