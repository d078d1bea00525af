// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/house.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

/// Creating and removing a container touch several places. An intent, written before the first of them, names the
/// container and whoever is at it; the row in the store is the one thing that decides:
///
///     create:  intent → directories → ROW → intent gone
///     remove:  intent → no ROW → directories gone → intent gone
///
/// So an intent whose writer is dead is settled in one way: without a row, everything of that container goes; with a
/// row, nothing needs to be done. An intent is an empty file whose name says all (ID.PID.STARTTICKS), so that it appears
/// at once or not at all. Import, commit, load and rmi write one in the name of all images (k_images): it is settled by a
/// sweep of what no image's row knows. A commit that lets its container stand still writes "thaw-ID" before: it is settled
/// by letting it go on. One of "restart-ID" or "again-ID" is settled by whatever the end of that container calls for; one of
/// "net-ID" by giving it the interfaces that its places in networks say. Intents live below the run directory; after a boot, when they are gone, directories
/// are compared with rows once.
///
/// Where a full disk has no inode left for an intent, the file `spare`, made while there was room, is renamed to be one:
/// `rm` works then, too.
namespace skiff::engine {

/// Stands where a container's id would, for what import and rmi may leave.
inline constexpr const char* k_images = "images";
/// What is renamed to be an intent where nothing new can be made; it names nobody, and so is none.
inline constexpr const char* k_spare_intent = "spare";
/// Stands in front of the id of a container that somebody lets stand still for a moment.
inline constexpr const char* k_thaw = "thaw-";
/// Of one that waits to start again by itself (restarting.hpp), and of one that `skiff restart` is about to start.
inline constexpr const char* k_restart = "restart-";
inline constexpr const char* k_again = "again-";
/// Of a running container whose interfaces are changed (network_space.hpp).
inline constexpr const char* k_net = "net-";

/// An intent of ours. Dropping it without done() leaves it to be settled by the next command, or at once by give_up().
class Intent {
public:
    static Result<Intent> declare(Engine::House& house, const std::string& id);
    /// The operation is complete.
    void done();
    /// What is left of it is the heir's to do; should the heir die, the next command does it.
    Result<> hand_over(const kernel::ProcessIdentity& heir);
    /// Where the intents of one container stand: such a path, then ".PID.STARTTICKS".
    static std::string path_of(const Engine::House& house, const std::string& id);
    /// It failed: settles what was begun.
    void give_up();

private:
    Intent(Engine::House& house, std::string id, std::string name, bool is_spare)
        : house_(&house), id_(std::move(id)), name_(std::move(name)), is_spare_(is_spare) {}
    Engine::House* house_;
    std::string id_, name_;
    bool is_spare_;
};

/// The intents of one subject ("ID", "restart-ID"), their writers alive or not.
struct FoundIntent { std::string path; kernel::ProcessIdentity writer; };
Result<std::vector<FoundIntent>> find_intents(const Engine::House& house, const std::string& subject);

/// Settles what dead commands left. Costs a readdir of an empty directory where there is nothing to do.
Result<> recover(Engine::House& house);

/// Removes all that a container has outside the store: the runtime's state and cgroups (its processes are killed), its
/// run directory, its layers. Absent parts are success.
Result<> remove_everything_of(Engine::House& house, const std::string& id);

/// The first half of it for what is no longer alive: its layers are moved out of sight. What is left to be deleted then
/// is told by leftovers_of().
Result<> put_out_of_sight(Engine::House& house, const std::string& id);
std::vector<std::string> leftovers_of(const Engine::House& house, const std::string& id);

}  // namespace skiff::engine
