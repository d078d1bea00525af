// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/poll.hpp"
#include "kernel/signal_queue.hpp"
#include "monitor/guests.hpp"
#include "monitor/intake.hpp"
#include "monitor/memory_watch.hpp"
#include "monitor/world.hpp"

namespace skiff::monitor {

/// The process that works: output into the log and to clients, input to the container, requests, the end. One loop over
/// poll(2), no thread, no timer but the one that limits how long a client may take to clean up.
class Worker {
public:
    /// The other half of the pair. `is_parent`: the container's first process is (or will be) its child.
    struct Keeper { kernel::Fd pidfd; bool is_parent = false; };

    static Result<Worker> open(World& world, Keeper keeper);
    /// The same with a log that was opened before (open_log).
    static Result<Worker> open(World& world, Keeper keeper, std::optional<LogFile> log);
    /// The log that the order asks for, if any: a first worker opens it while nothing is born yet that a full disk would orphan.
    static Result<std::optional<LogFile>> open_log(const World& world);
    /// The spawner's connection, attached from the start.
    void welcome_spawner(kernel::Fd connection, Streams streams) { guests_.welcome_spawner(std::move(connection), streams); }
    /// A connection that is told of the end.
    void welcome_witness(kernel::Fd connection) { guests_.welcome_witness(std::move(connection)); }

    /// Until the container has ended, everybody knows, and it is cleaned up.
    Result<> run();

private:
    Worker(World& world, Keeper keeper, Intake intake)
        : world_(&world), keeper_(std::move(keeper)), intake_(std::move(intake)), memory_(world), init_has_ended_(!world.init) {}

    // worker.cpp: the loop
    Result<> serve_once(int timeout_ms);
    Result<> rest_until_something_happens(std::vector<kernel::Watched>& watched, int timeout_ms);
    Result<> take_output(bool is_error);
    Result<> replace_keeper();

    // worker_end.cpp: the container's end
    Result<bool> learn_fate();
    Result<> drain();
    Result<> record_end();
    Result<> say_goodbye();
    void leave(bool is_cleaned_up);
    void inherit();

    // worker_requests.cpp: what clients ask
    void hear(Guest& guest);
    void answer(Guest& guest, const Request& request);
    void run_exec(Guest& guest);
    void take_input(Guest& guest, std::string_view bytes);
    void push_input();
    void end_input();
    void farewell(Guest& guest);
    kernel::FdView input_target() const;

    World* world_;
    Keeper keeper_;
    Intake intake_;
    Guests guests_;
    MemoryWatch memory_;
    std::optional<kernel::SignalQueue> signals_;
    std::string pending_input_;        ///< taken from a client, not yet by the container
    bool input_has_ended_ = false;     ///< nothing follows pending_input_
    bool input_is_broken_ = false;     ///< the container has closed its end
    bool init_has_ended_ = false;
    bool is_cleaned_up_ = false;       ///< a client says so
    std::optional<int> oom_score_;     ///< what it was before this process guarded itself
};

}  // namespace skiff::monitor
