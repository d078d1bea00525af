// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "monitor/protocol.hpp"

namespace skiff::monitor {

/// A connection to a monitor, from outside. Dropping it detaches; the container lives on.
class Client {
public:
    /// Connects to RUN_DIRECTORY/control.sock. Error (not_found): no monitor listens there.
    static Result<Client> connect(const std::string& run_directory);
    /// The spawner's end of the pair whose other end is the monitor's descriptor 3.
    static Client adopt(kernel::Fd connection) { return Client(std::move(connection)); }
    /// Both ends: one for adopt(), one for kernel::Program::descriptors as number 3.
    struct Ends { kernel::Fd ours, monitors; };
    static Result<Ends> make_ends();

    /// Readable when next() has something to say.
    kernel::FdView fd() const { return connection_; }
    /// The next message; waits for it. Empty at the end of the connection. Views in it are good until the next call.
    Result<std::optional<Saying>> next();

    // Each sends one message (input: as many as it takes) and does not wait for the answer.
    Result<> attach(Streams streams, TerminalSize size);
    Result<> ask_wait();
    Result<> resize(TerminalSize size);
    Result<> signal(int number);
    Result<> exec(std::string id, std::string process_json);
    Result<> give_input(Bytes bytes);
    Result<> end_input();
    Result<> say_cleaned_up();
    Result<> ask_memory(bool lets_be);

    /// The next message, where it is to be `attached`, `done`, `started` or `exited`; a refusal or failure becomes the error.
    Result<> expect_attached();
    Result<> expect_done();
    Result<SayStarted> expect_started(const runtime::Listener& listener = {});  ///< `told` goes to `listener` meanwhile
    Result<ExitRecord> expect_exited();

private:
    explicit Client(kernel::Fd connection) : connection_(std::move(connection)) {}
    Result<> send(const Request& request);

    kernel::Fd connection_;
    std::vector<std::byte> buffer_;
};

}  // namespace skiff::monitor
