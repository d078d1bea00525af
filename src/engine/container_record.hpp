// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/requests.hpp"
#include "monitor/exit_record.hpp"
#include "monitor/memory_mark.hpp"

namespace skiff::engine {

/// What is kept about a container: what the user asked for, joined with what the image says. How it fares is not
/// kept; it is derived (see ContainerState).
struct ContainerRecord {
    std::string id;                      ///< 64 hexadecimal digits
    std::string name;
    std::string image_id;                ///< "sha256:…"; empty with --rootfs
    std::vector<std::string> layers;     ///< read-only directories, topmost first, as the image store names them
    int64_t created_ns = 0;              ///< wall clock
    bool is_copied = false;              ///< the read/write layer is a copy of all layers: the kernel had no overlay for it
    CreateRequest config;                ///< with the image's settings joined in (join_image)

    /// Whether its root is layers with a read/write one on top: else it is --rootfs, or the copy.
    bool has_overlay() const { return config.rootfs.empty() && !is_copied; }
    /// What will be executed: the entrypoint, then the command.
    std::vector<std::string> arguments() const;
};

/// Its form in the store: members that have their default are left out. docs/formats/containers.md
std::string to_json_text(const ContainerRecord& record);
/// Error (corrupt): not what to_json_text() writes.
Result<ContainerRecord> parse_record(std::string_view json);

enum class ContainerStatus {
    created, running, paused,
    restarting,  ///< it has ended, and starts again by itself
    exited,   ///< and the exit code is known, or the host went down meanwhile
    unknown,  ///< it has ended in this boot, and nobody saw how
    dead, removing
};
std::string_view name_of(ContainerStatus status);
inline bool is_up(ContainerStatus status) { return status == ContainerStatus::running || status == ContainerStatus::paused; }
inline bool has_ended(ContainerStatus status) { return status == ContainerStatus::exited || status == ContainerStatus::unknown; }

/// What the kernel and exit.json say about it at this moment.
struct ContainerState {
    ContainerStatus status = ContainerStatus::created;
    int pid = 0;
    std::optional<int> exit_code;        ///< exited: always; absent where it is unknown
    bool oom_killed = false, oom_deadline = false;  ///< oom_deadline: paused for want of memory until then
    std::optional<monitor::MemoryMark> out_of_memory;  ///< paused: because it needs more memory
    std::string error;                   ///< why it could not be started
    int64_t started_ns = 0, finished_ns = 0;  ///< wall clock; 0: never
    int64_t life_ns = 0;                 ///< which of its lives: when it was started, as start.json says; 0: never
    int64_t restart_due_ns = 0;          ///< restarting: when, of the boot clock; 0: it has ended just now
    bool host_went_down = false;         ///< exited: it ran in an earlier boot, and nobody saw its end; the code is 255
    std::optional<monitor::Accounting> used;  ///< exited: what it had used
};

/// What to type for one that is paused for want of memory, the best first.
std::vector<std::string> advise_on_memory(const std::string& name, const ResourceLimits& limits);

/// One line of `ps`.
struct ContainerSummary {
    std::string id, name, image, image_id;   ///< image: as typed, or the short id where that name is now another image
    std::vector<std::string> command;
    int64_t created_ns = 0;
    ContainerState state;
    std::map<std::string, std::string> labels;
    std::vector<std::string> mounts;         ///< destinations' sources, as docker shows
    std::string network;
    std::optional<int64_t> size_writable, size_total;  ///< bytes, with ListOptions::size
};

/// One line of `top`: a process of the container as the host sees it.
struct ProcessLine {
    std::string user;                        ///< name on the host, or the number
    int pid = 0, ppid = 0, cpu_percent = 0;  ///< C of ps -ef
    int64_t started_ns = 0;                  ///< wall clock
    std::string terminal;                    ///< "?" or "pts/0"
    int64_t cpu_seconds = 0;
    std::string command;                     ///< with arguments
};

/// One line of `stats`: what it has used since its start, and what it uses now.
struct UsageSample {
    std::string id, name;
    bool runs = false;
    int64_t taken_ns = 0;                    ///< of the boot clock
    uint64_t cpu_ns = 0;                     ///< of all processors together
    uint64_t memory = 0, memory_limit = 0;   ///< bytes; without the page cache that goes first; the host's where there is no limit
    uint64_t received = 0, sent = 0;         ///< bytes on network interfaces of its own, but for lo
    uint64_t read = 0, written = 0;          ///< bytes of block I/O
    uint64_t processes = 0;
};

/// One line of `diff`.
struct Change { char kind; std::string path; };  // 'A', 'C' or 'D'

struct LogLine { bool is_error; int64_t time_ns; std::string_view text; };  // text with its newline, if it had one

/// One line of `images`: an image without a tag has no references.
struct ImageSummary {
    std::string id;                          ///< "sha256:…"
    std::vector<std::string> references;     ///< familiar form: "debian:12"
    std::vector<std::string> digests;        ///< "debian@sha256:…"
    int64_t created_ns = 0, size = 0;        ///< size in bytes, unpacked
    int containers = 0;                      ///< how many use it
    std::map<std::string, std::string> labels;
};

/// One line of `network ls`.
struct NetworkSummary {
    std::string id, name, driver;
    int64_t created_ns = 0;
    bool is_internal = false, has_ipv6 = false;
    std::map<std::string, std::string> labels;
};

struct HistoryLine { std::string id, created_by, comment; int64_t created_ns = 0, size = 0; };

/// What `load` brought: an image, its names, and names that another image (by its id) has lost by that.
struct LoadedImage { std::string id; std::vector<std::string> names; std::vector<std::pair<std::string, std::string>> renamed; };

/// What `rmi` did, in order.
struct Removed { bool untagged; std::string name; };  // "Untagged: debian:12", "Deleted: sha256:…"

}  // namespace skiff::engine
