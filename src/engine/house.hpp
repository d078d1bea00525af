// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/id.hpp"
#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/engine.hpp"
#include "engine/store.hpp"
#include "kernel/fd.hpp"
#include "runtime/state.hpp"

namespace skiff::engine {

inline constexpr const char* k_last_exit_file = "last_exit.json";

/// What every verb works with: where things are, and the store.
struct Engine::House {
    Paths paths;
    Store store;
    runtime::StateDir states;
    kernel::Fd containers;  ///< directory of the container directories, for paths below it
    kernel::Fd runs;        ///< the same of the run directories
    std::string boot_id;

    static Result<std::unique_ptr<House>> open(Paths paths);

    /// Durable: layers, the engine's files, log, exit.json.
    std::string container_directory(const std::string& id) const { return paths.root + "/containers/" + id; }
    /// Until the next boot: bundle, order, the monitor's socket.
    std::string run_directory(const std::string& id) const { return paths.runroot + "/containers/" + id; }
    std::string exit_file(const std::string& id) const { return container_directory(id) + "/exit.json"; }
    /// The same of the life before this one, of a container with a restart policy: for `why`.
    std::string last_exit_file(const std::string& id) const { return container_directory(id) + "/" + k_last_exit_file; }
    std::string log_file(const std::string& id) const { return container_directory(id) + "/container.log"; }
    /// What has happened (monitor/event_journal.hpp).
    std::string event_journal() const { return paths.root + "/events/journal"; }

private:
    House(Paths where, Store records, runtime::StateDir runtimes, kernel::Fd durable, kernel::Fd fleeting, std::string boot)
        : paths(std::move(where)), store(std::move(records)), states(std::move(runtimes)), containers(std::move(durable)), runs(std::move(fleeting)), boot_id(std::move(boot)) {}
};

/// "container web" and its id for a sentence: the name it was called by.
inline std::string shown(const ContainerRecord& record) { return record.name; }

/// The id as the runtime wants it. MUST: the store holds only such ids.
ContainerId runtime_id(const ContainerRecord& record);

}  // namespace skiff::engine
