// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

namespace skiff::runtime {

/// What a container is, derived from kernel facts each time it is asked for (runtime-spec runtime.md, "State").
enum class Status { creating, created, running, paused, stopped };
std::string_view name_of(Status status);

/// What is written down about a container: facts that the kernel cannot tell. docs/formats/runtime-state.md
struct Record {
    std::string id, bundle, rootfs, owner;
    std::string boot_id;                                ///< of the boot that it was made in
    std::optional<kernel::ProcessIdentity> init;        ///< absent while creating
    kernel::ProcessIdentity creator;                    ///< who makes it; "creating" needs him alive
    int64_t created_ns = 0;                             ///< wall clock, for showing
    std::string cgroup;                                 ///< path below the hierarchies' roots; empty: none of its own
    std::vector<std::string> cgroup_directories;
    std::string unit;                     ///< the scope of systemd's that the group is; empty: the group is our own        ///< every directory made, recorded before it was made
    std::map<std::string, std::string> annotations;
    bool shares_keyring = false;                        ///< it has the session keyring of whoever created it, as its execs have of theirs
    bool shares_pid_namespace = false;                  ///< its processes do not die with the first one
};

/// The directory of all records (runc's --root), mode 0700.
class StateDir {
public:
    /// Made where it is absent.
    static Result<StateDir> open(const std::string& path);

    const std::string& path() const { return path_; }
    std::string path_of(const ContainerId& id) const { return path_ + "/" + id.string(); }
    /// It, opened for paths below it (O_PATH): whoever asks about a thousand containers walks to it once.
    kernel::FdView directory() const { return *directory_; }

    /// Error (not_found): "container web does not exist".
    Result<Record> load(const ContainerId& id) const;
    /// Makes the container's directory. Error (exists): the id is taken.
    Result<> reserve(const ContainerId& id) const;
    /// Replaces the container's record at once.
    Result<> save(const ContainerId& id, const Record& record) const;
    /// Forgets the container; absent is success.
    Result<> forget(const ContainerId& id) const;
    /// Ids that have a record, sorted.
    Result<std::vector<ContainerId>> list() const;

private:
    StateDir(std::string path, kernel::Fd directory) : path_(std::move(path)), directory_(std::make_shared<const kernel::Fd>(std::move(directory))) {}
    std::string path_;
    std::shared_ptr<const kernel::Fd> directory_;
};

/// Asks the kernel what became of it.
Result<Status> look_up_status(const ContainerId& id, const Record& record, const StateDir& states);
/// The letter of its state in /proc/PID/stat (proc_pid_stat(5)); none where it has ended or is a zombie.
Result<std::optional<char>> look_up_letter(const kernel::ProcessIdentity& identity);
/// Whether a process is there and no zombie.
Result<bool> is_alive(const kernel::ProcessIdentity& identity);

/// The specification's state document: ociVersion, id, status, pid, bundle, annotations (and runc's extra fields
/// rootfs, created, owner), one line a member as `runc state` prints.
std::string state_document(const Record& record, Status status, std::string_view oci_version);
/// The specification's container process state, which goes to a seccomp agent beside the listener of process `pid`
/// (config-linux.md, "The Container Process State").
std::string process_state_document(const Record& record, Status status, std::string_view oci_version, pid_t pid, const std::string& metadata);

}  // namespace skiff::runtime
