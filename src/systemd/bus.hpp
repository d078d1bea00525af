// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

/// systemd's own D-Bus socket, by libsystemd (sd-bus(3)), which is loaded when it is first needed.
namespace skiff::systemd {

class Bus {
public:
    /// Connects to the service manager: the system's for root, else the user's own. Errors: (unsupported) no libsystemd on
    /// this host; (unavailable) no systemd that runs it.
    static Result<Bus> connect();
    Bus(Bus&&) noexcept;
    ~Bus();

    /// Starts a transient unit with this process in it, and waits until that is done. `properties`: "NAME=SIGNATURE:VALUE".
    Result<> start_with_this_process(const std::string& unit, const std::vector<std::string>& properties);
    /// Changes properties of a unit until the next boot.
    Result<> set(const std::string& unit, const std::vector<std::string>& properties);
    /// Stops it and waits until that is done; one that is not there is success.
    Result<> stop(const std::string& unit);

private:
    struct State;
    explicit Bus(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace skiff::systemd
