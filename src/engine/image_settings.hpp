// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/requests.hpp"

namespace skiff::engine {

/// What an image says about how it wants to be run. It comes from strangers: it fills in what the user left open, and
/// selects nothing of the host. (defence D14)
struct ImageSettings {
    std::vector<std::string> environment;  ///< "NAME=value"
    std::optional<std::vector<std::string>> entrypoint;
    std::vector<std::string> command;
    std::string workdir, user, stop_signal;
    std::map<std::string, std::string> labels;
    std::vector<std::string> volumes;      ///< destinations
};

/// The request with the image's settings where the user gave none, by Docker's rules: an entrypoint on the command line
/// drops the image's command too; the user's variables come first, then the image's others; of labels the user's win.
/// An image's variable without "=" is dropped: it would mean a variable of the host (CVE-2026-57231).
/// Error (invalid): neither gives a command, a workdir that is not absolute, no such stop signal.
Result<CreateRequest> join_image(CreateRequest request, const ImageSettings& image);

/// Adds or replaces the variable in place, as "NAME=value".
void set_variable(std::vector<std::string>& environment, const std::string& name, const std::string& value);
bool has_variable(const std::vector<std::string>& environment, std::string_view name);

}  // namespace skiff::engine
