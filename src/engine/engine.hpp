// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "codec/event.hpp"
#include "codec/json.hpp"
#include "engine/attachment.hpp"
#include "engine/check.hpp"
#include "engine/container_record.hpp"
#include "engine/post_mortem.hpp"
#include "engine/requests.hpp"
#include "engine/wait_condition.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

/// The façade that all doors call. There is no daemon: each call reads what is on disk and in the kernel, does one
/// thing and leaves nothing in memory that anybody would miss.
namespace skiff::engine {

/// Where everything lives (--root, --runroot); absolute.
struct Paths {
    std::string root = "/var/lib/skiff";
    std::string runroot = "/run/skiff";
};

/// What `create` made. Warnings are sentences for the user: what was survived or has no effect here.
struct CreatedContainer { std::string id, name; std::vector<std::string> warnings; };

/// A started container; `attachment` where one was asked for.
struct StartedContainer { std::string id; int pid = 0; std::optional<Attachment> attachment; };

/// What a wait has come to: how the container ended, where that is what was waited for.
struct Waited { std::optional<Ended> ended; };

/// `reference` is a container's name, its id or an unambiguous prefix of its id, and for images a reference or (short)
/// id. Errors: not_found "no such container: web"; conflict where the state forbids it.
class Engine {
public:
    /// Makes the directories where they are absent (0700), and finishes or undoes what dead commands left behind.
    static Result<Engine> open(Paths paths);
    Engine(Engine&&) noexcept;
    Engine& operator=(Engine&&) noexcept;
    ~Engine();

    const Paths& paths() const;

    // Containers
    /// A record, its directories and its name; nothing runs yet. On failure nothing remains.
    Result<CreatedContainer> create(const CreateRequest& request);
    /// Returns when the program was executed. Error kinds no_command and bad_command: 127 and 126.
    /// With StartOptions::explain the steps until then are told to `listener`, later ones as events.
    Result<StartedContainer> start(const std::string& reference, const StartOptions& options,
                                   const runtime::Listener& listener = {});
    Result<Attachment> attach(const std::string& reference, const AttachOptions& options);
    /// An attached exec: a process of ours with our standard streams, whose exit code is the command's. Its standard
    /// streams are the caller's; with ExecRequest::terminal it copies between them and the new terminal.
    Result<kernel::Child> exec(const std::string& reference, const ExecRequest& request);
    /// A detached one, a child of the container's monitor. Returns when the program was executed.
    Result<> exec_detached(const std::string& reference, const ExecRequest& request);
    Result<> stop(const std::string& reference, const StopOptions& options);
    Result<> kill(const std::string& reference, int signal);
    /// Stops it where it runs, and starts it.
    Result<> restart(const std::string& reference, const StopOptions& options);
    /// The restart that was planned (restarting.hpp): called by the process that has waited for its moment.
    Result<> restart_due(const std::string& id);
    /// After a boot: starts what its policy wants running. `tell` hears of each, by name, and how that went.
    Result<> start_restartable(const std::function<void(const std::string&, const Result<>&)>& tell);
    Result<> remove(const std::string& reference, const RemoveOptions& options);
    Result<> rename(const std::string& reference, const std::string& name);
    /// Until each of them, in their order, has or had one of `conditions` since this began; `tell` hears how each one went.
    /// Errors of one (told): not_found, also where it was removed meanwhile.
    Result<> wait(const std::vector<std::string>& references, const std::vector<WaitCondition>& conditions,
                  const std::function<Result<>(const std::string&, const Result<Waited>&)>& tell);
    /// Until it has ended (of one that is restarting: the next end); at once when it does not run.
    Result<Ended> wait(const std::string& reference);
    Result<> pause(const std::string& reference);
    Result<> unpause(const std::string& reference);
    /// Other limits, at once and for every later start: all that `change` says, or nothing. Another restart policy from
    /// the next end on; a restart that it does not allow is not waited for any longer.
    Result<> update(const std::string& reference, const UpdateRequest& change);
    /// What the containers use at this moment, in the order of the references; of all that run (all that are there)
    /// where none is given. Those that do not run have no figures.
    Result<std::vector<UsageSample>> usage(const std::vector<std::string>& references, bool all);
    Result<std::vector<ProcessLine>> top(const std::string& reference);
    Result<std::vector<Change>> diff(const std::string& reference);
    /// Calls `take` for each line; with `follow` until the container has ended for good: a restart is waited for. `take` returns false to stop.
    Result<> logs(const std::string& reference, const LogOptions& options, const std::function<bool(const LogLine&)>& take);
    /// What has happened and happens, in the order of time; each once. `take` returns false to stop; `reader` is looked at
    /// meanwhile: when nobody reads it any more, this ends. Error (invalid): a filter.
    Result<> events(const EventOptions& options, kernel::FdView reader, const std::function<bool(const codec::Event&)>& take);
    /// What is known about its end.
    Result<PostMortem> post_mortem(const std::string& reference);
    /// Newest first.
    Result<std::vector<ContainerSummary>> list(const ListOptions& options);
    /// The document of `docker inspect` for one container. `size`: with SizeRw and SizeRootFs.
    Result<codec::Json> inspect_container(const std::string& reference, bool size = false);
    /// The 64 digits that `reference` means.
    Result<std::string> resolve_container(const std::string& reference);
    /// What is to be done after a container has ended: called by its monitor, harmless at any other time.
    Result<> clean_up(const std::string& id);

    // Images
    /// `archive`: tar, plain or compressed by gzip or zstd. Returns the image's id.
    Result<std::string> import_image(kernel::FdView archive, const ImportRequest& request);
    /// An image of a container's layers and its own changes on top. Returns its id. Error (unsupported): it uses --rootfs.
    Result<std::string> commit(const std::string& reference, const CommitRequest& request);
    /// Writes what a container's layers show together as a tar archive; what is mounted in it is left out. On failure what was
    /// written is worthless.
    Result<> export_container(const std::string& reference, kernel::FdView file);
    /// Brings in the images of an archive. `tell` hears of each layer that was unpacked: its digest and size.
    Result<std::vector<LoadedImage>> load_images(kernel::FdView archive, const std::function<void(const std::string&, uint64_t)>& tell);
    /// Writes images into an archive (ImageStore::save). On failure what was written is worthless.
    Result<> save_images(const std::vector<std::string>& references, kernel::FdView file);
    Result<std::vector<ImageSummary>> images();
    /// Error (not_found): "no such image: debian:12".
    Result<std::string> resolve_image(const std::string& reference);
    Result<> tag_image(const std::string& source, const std::string& target);
    /// Error (conflict): a container uses it (a running one even with `force`).
    Result<std::vector<Removed>> remove_image(const std::string& reference, bool force);
    Result<codec::Json> inspect_image(const std::string& reference);
    Result<std::vector<HistoryLine>> image_history(const std::string& reference);

    // Networks. Errors: not_found "no such network: lab"; unsupported: not root's.
    /// Returns its id; its bridge is there. Errors: exists; invalid and unsupported name what was typed; conflict: a subnet or
    /// link is somebody else's.
    Result<std::string> create_network(const NetworkRequest& request);
    /// By name.
    Result<std::vector<NetworkSummary>> networks();
    /// The document of `docker network inspect`.
    Result<codec::Json> inspect_network(const std::string& reference);
    /// With its bridge. Error (conflict): a container is in it.
    Result<> remove_network(const std::string& reference);
    /// Removes the networks that no container is in and that `accepts`, but for the default one; returns their names.
    Result<std::vector<std::string>> prune_networks(const std::function<bool(const NetworkSummary&)>& accepts);
    /// A running container has another interface then. Errors: conflict: it has no network of its own; exists: it is in there.
    Result<> connect_network(const NetworkWish& wish, const std::string& container);
    Result<> disconnect_network(const std::string& network, const std::string& container);

    /// The facts of `info`: counts of containers by status, images, paths, kernel and cgroup facts.
    Result<codec::Json> info();
    /// What is wrong with all that is kept, and with CheckOptions::repair what became of it. Error (corrupt): the database.
    Result<std::vector<Fault>> check(const CheckOptions& options);

    struct House;                        // store, directories, image store: engine/house.hpp
private:
    explicit Engine(std::unique_ptr<House> house);
    std::unique_ptr<House> house_;
};

}  // namespace skiff::engine
