// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::monitor {

/// Which streams a client wants: its bytes to the container's input, the container's output and errors to it.
struct Streams {
    bool in = false, out = false, err = false;

    bool any() const { return in || out || err; }
    bool operator==(const Streams&) const = default;
};

struct TerminalSize {
    uint16_t rows = 0, columns = 0;  ///< 0: unknown

    bool operator==(const TerminalSize&) const = default;
};

enum class LogDriver { json_file, none };

struct LogOrder {
    LogDriver driver = LogDriver::json_file;
    std::string path;                  ///< absolute; rotated files stand beside it as PATH.1, PATH.2, …
    std::optional<int64_t> max_size;   ///< bytes; absent: never rotated
    int max_file = 1;                  ///< files that are kept, the current one included
};

/// Where the monitor notes what happens to its container (event_journal.hpp).
struct EventOrder {
    std::string journal;                            ///< absolute; empty: nobody wants to know
    std::map<std::string, std::string> attributes;  ///< of every event: name, image, labels

    bool operator==(const EventOrder&) const = default;
};

/// What the monitor does when memory gets short (memory_watch.hpp). The promised limit is always the kernel's less
/// `headroom`: `update` changes the one, and nobody the other.
struct MemoryOrder {
    enum class Policy { kill, notify, pause };
    Policy policy = Policy::kill;        ///< kill: the kernel does it, nothing is watched
    uint64_t headroom = 0;               ///< bytes
    std::optional<int64_t> deadline_ns;  ///< how long a paused container may stand; absent: for ever
    std::string pressure;                ///< "low", "medium", "critical": an event for each; empty: none
    bool swap_follows = true;            ///< nobody chose a limit for memory and swap: for the advice

    bool operator==(const MemoryOrder&) const = default;
};

/// What a monitor is told to do: RUNDIR/order.json, written by the engine before it spawns the monitor.
/// Every path is absolute. docs/formats/monitor.md
struct Order {
    ContainerId id;
    std::string name;                  ///< how the processes call themselves in `ps`
    std::string bundle;                ///< directory with config.json
    std::string states;                ///< runtime::StateDir's directory
    std::optional<runtime::Overlay> overlay;
    bool terminal = false;             ///< must equal process.terminal of the bundle
    bool stdin_open = false;           ///< without it, and without a terminal, standard input is /dev/null
    bool stdin_once = false;           ///< input ends when the first client that gives input closes it or leaves
    Streams attach;                    ///< streams of the spawner's connection (descriptor 3); none: it is closed after `started`
    LogOrder log;
    EventOrder events;
    std::optional<MemoryOrder> memory;  ///< absent: nothing is watched
    std::string exit_file;             ///< ExitRecord, written when it has ended
    std::vector<std::string> cleanup;  ///< argv of what is run after the end unless a client says `cleaned_up`; empty: nothing
    std::vector<std::string> leftovers;  ///< trees that the worker deletes as its last deed if it is made their heir (below)
    std::string heir_file;             ///< HEIR_FILE.PID.STARTTICKS, of the worker: there after a client's `cleaned_up`, and it
                                       ///< is the heir; removed when `leftovers` are gone. Empty: nobody makes it one
    bool explain = false;              ///< the spawner is sent `told` messages
    std::string pid_file;              ///< empty: none

    explicit Order(ContainerId container) : id(std::move(container)) {}
};

/// Error (invalid): not such a document; a member that is missing, unknown or of the wrong kind is named.
Result<Order> parse_order(std::string_view text);
std::string to_text(const Order& order);

/// The name of an order's file in the container's run directory.
inline constexpr const char* k_order_file = "order.json";
/// The name of the monitor's socket there.
inline constexpr const char* k_control_socket = "control.sock";

}  // namespace skiff::monitor
