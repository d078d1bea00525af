// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/mount_overlay.hpp"
#include "kernel/process.hpp"
#include "oci/runtime_spec.hpp"
#include "runtime/bundle.hpp"
#include "runtime/state.hpp"

/// The life of a container, a verb a file (runtime-spec runtime.md, "Lifecycle"). Everything is decided before
/// anything is touched, and a verb that fails leaves nothing behind.
namespace skiff::runtime {

/// What a step is about: the headings of `--explain`. `talk` is what parent and child say to each other on the way.
enum class Chapter : uint8_t { plan, group, root, namespaces, mounts, devices, masks, identity, program, cleanup, talk };

/// One step of a plan that was carried out, for `--explain`.
struct Told {
    Chapter chapter = Chapter::plan;
    bool by_child = false;      ///< in the container's first process, or in the runtime
    std::string what;           ///< "mount proc at /proc (nosuid,noexec,nodev)"
    std::string why;            ///< "so that ps sees only this container"
    int64_t microseconds = 0;
};
using Listener = std::function<void(const Told&)>;

/// A root filesystem that is mounted as an overlay inside the container's own mount namespace: it dies with it.
using Overlay = kernel::OverlayLayers;

/// Told what this host could not give ("…, carrying on without it"), before the program runs.
using Warner = std::function<void(const std::string& sentence)>;

struct CreateOptions {
    kernel::FdView in = kernel::FdView::of(0), out = kernel::FdView::of(1), err = kernel::FdView::of(2);  ///< unless process.terminal
    kernel::FdView console_socket;        ///< process.terminal: the pty's master is sent there (SCM_RIGHTS)
    kernel::FdView pidfd_socket;          ///< a pidfd of the first process is sent there (SCM_RIGHTS)
    bool keep_terminal = false;           ///< process.terminal: the master is returned in Created instead
    int preserve_fds = 0;                 ///< descriptors 3 to 3+n-1 reach the first process (with LISTEN_FDS)
    int listen_fds = 0;                   ///< the first of them are sockets that the first process is told of (sd_listen_fds(3))
    std::optional<Overlay> overlay;       ///< mounted as the root filesystem instead of a bind of root.path
    std::string pid_file;                 ///< written before create returns; relative to the caller's directory
    bool pivot = true;                    ///< false: --no-pivot (MS_MOVE and chroot)
    bool new_keyring = true;
    bool systemd_cgroup = false;          ///< systemd makes the group: cgroupsPath is "SLICE:PREFIX:NAME"
    bool keeps_bundle = false;            ///< what others may write into config.json later does not count: it is copied
    bool starts = false;                  ///< create and start in one: the user's program runs when create returns, else all is undone
    Listener listener;                    ///< told each step, if set
    Warner warner;                        ///< told each warning, if set
};

/// A container whose first process waits for `start`, or runs already where CreateOptions say so.
struct Created {
    pid_t pid = 0;
    kernel::Child init;                   ///< dropping it kills the container: release() it to let it live
    kernel::Fd terminal;                  ///< keep_terminal: the pty's master
    kernel::Fd root_mount;                ///< overlay: keeps it mounted until closed, so that unmounting is off the exit's path
};
/// Brings a bundle to "created", or to "running" where `options.starts` (with start's errors). On failure nothing remains.
Result<Created> create(const ContainerId& id, const Bundle& bundle, const StateDir& states, const CreateOptions& options);

/// Lets the first process execute the user's program. An execve that fails is this call's error (kinds no_command and
/// bad_command), and the container is then stopped. Any process may call it.
Result<> start(const ContainerId& id, const StateDir& states, const Listener& listener = {});

struct ExecOptions {
    kernel::FdView in = kernel::FdView::of(0), out = kernel::FdView::of(1), err = kernel::FdView::of(2);
    kernel::FdView console_socket, pidfd_socket;
    bool keep_terminal = false;
    int preserve_fds = 0;
    bool ignore_paused = false;
    std::string pid_file;
    std::vector<std::string> cgroup;      ///< sub-groups: "PATH" or "controller,…:PATH"
    Warner warner;
};
struct Executed {
    pid_t pid = 0;
    kernel::Child process;
    kernel::Fd terminal;
};
/// One more process in a running container. The execve has succeeded when it returns.
Result<Executed> exec(const ContainerId& id, const oci::Process& process, const StateDir& states, const ExecOptions& options);

/// A signal to the first process (to every process of the container where it shares the host's or another's PID
/// namespace and the signal is SIGKILL). Error (conflict) "container not running".
Result<> kill(const ContainerId& id, const StateDir& states, int signal);
/// A signal to every process of the container, also where its first one has ended; nobody there is success then.
Result<> kill_all(const ContainerId& id, const StateDir& states, int signal);

/// Forgets a stopped container: its cgroups (and those it made itself), its state, its poststop hooks.
/// `force` kills first, and an unknown id is then success. A poststop hook that fails becomes a warning.
Result<> remove(const ContainerId& id, const StateDir& states, bool force, std::vector<std::string>* warnings = nullptr);

/// Gives a created, running or paused container other limits, those in `resources`: all or none. Errors: conflict (it
/// does not run; more is in use than a limit allows), unsupported (version 1: device rules other than those that it was
/// created with) and cgroup::plan_limits'.
Result<> update(const ContainerId& id, const StateDir& states, const oci::Resources& resources);

Result<> pause(const ContainerId& id, const StateDir& states);
Result<> resume(const ContainerId& id, const StateDir& states);
/// Pids (as the caller sees them) of every process of the container.
Result<std::vector<pid_t>> processes(const ContainerId& id, const StateDir& states);

}  // namespace skiff::runtime
