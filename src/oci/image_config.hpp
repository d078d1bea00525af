// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/digest.hpp"
#include "oci/platform.hpp"

/// The image configuration (image-spec config.md, with Docker's additions) as values. Its digest is the image's id.
/// All of it comes from strangers: nothing in it may select anything of the host. (defence D14)
namespace skiff::oci {

/// How Docker asks a container whether it is well. Times are nanoseconds, 0: the default.
struct Healthcheck {
    std::vector<std::string> test;  ///< {} inherit, {"NONE"}, {"CMD", …}, {"CMD-SHELL", "…"}
    int64_t interval = 0, timeout = 0, start_period = 0, start_interval = 0;
    int64_t retries = 0;
};

/// What the image suggests for running it. An optional tells "[]" from "not said".
struct ImageSettings {
    std::string user;
    std::set<std::string> exposed_ports;             ///< "80/tcp"
    std::vector<std::string> env;                    ///< as they stand there: one without '=' sets nothing
    std::optional<std::vector<std::string>> entrypoint, cmd;
    std::set<std::string> volumes;                   ///< destinations
    std::string working_dir;
    std::map<std::string, std::string> labels;
    std::string stop_signal;
    std::optional<int64_t> stop_timeout;             ///< seconds
    std::optional<Healthcheck> healthcheck;
    std::vector<std::string> shell, on_build;
};

struct HistoryEntry {
    std::string created;                             ///< RFC 3339, or empty
    std::string created_by, author, comment;
    bool empty_layer = false;                        ///< it changed settings only
};

struct ImageConfig {
    std::string created;                             ///< RFC 3339, or empty
    std::string author;
    Platform platform;                               ///< as spelled, not normalised
    ImageSettings config;
    std::vector<Digest> diff_ids;                    ///< of the uncompressed layers, lowest first
    std::vector<HistoryEntry> history;               ///< oldest first
};

/// Reads one of at most 4 MiB. Error (invalid), path-named: a wrong type, a time that is none, a rootfs of another type
/// than "layers", more history entries with layers than there are layers.
Result<ImageConfig> parse_image_config(std::string_view json);
std::string to_json(const ImageConfig& config);

}  // namespace skiff::oci
