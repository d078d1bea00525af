// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "kernel/process.hpp"
#include "monitor/client.hpp"
#include "monitor/exit_record.hpp"
#include "monitor/order.hpp"

/// A container with its monitor, of the real skiff-runtime and busybox, that is gone with all it made when this goes.
namespace skiff::monitor::testing {

/// Why such tests cannot run here; empty: they can.
std::string why_not_here();

class Box {
public:
    /// What /bin/sh -c is given.
    explicit Box(std::string script);
    ~Box();

    Order order;               ///< may be changed before start()
    std::vector<std::string> arguments;  ///< of the first process
    TerminalSize size;                   ///< of its terminal; 0: not said
    int64_t memory = 0;                  ///< its limit in bytes; 0: none

    /// Spawns the monitor and waits for `started`. The connection stays open in `client` when order.attach asks for it.
    Result<SayStarted> start();
    std::optional<Client> client;

    const std::string& run_directory() const { return run_; }
    const std::string& folder() const { return folder_; }
    pid_t worker() const;      ///< 0: none
    pid_t keeper() const;
    /// Waits for the process called "skiff:[ROLE] BOX" that is not `other`.
    pid_t wait_for_role(const std::string& role, pid_t other) const;
    /// Waits until exit.json stands there.
    std::optional<ExitRecord> wait_for_exit_record() const;
    /// Waits until the log's texts hold `text`.
    bool wait_for_log(const std::string& text) const;
    /// The texts of the log's entries, one behind the other.
    std::string log() const;
    /// Waits until no process of the pair is left.
    bool wait_until_alone() const;
    bool runtime_knows_it() const;

private:
    pid_t find(const std::string& role, pid_t other) const;
    std::string folder_, run_;
    kernel::Child monitor_;
};

/// Everything a client hears, until `exited` or the end of the connection.
struct Heard { std::string out, err; std::optional<ExitRecord> exited; };
Heard hear_all(Client& client);

}  // namespace skiff::monitor::testing
