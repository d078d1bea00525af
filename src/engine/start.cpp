// SPDX-License-Identifier: Apache-2.0
// `start`: writes the bundle and the order below the run directory and spawns the monitor, which makes the container
// and tells when its program was executed.
#include <fcntl.h>
#include <stdlib.h>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/adopt.hpp"
#include "engine/attachment_link.hpp"
#include "engine/bring_up.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/host_facts.hpp"
#include "engine/house.hpp"
#include "engine/memory_pause.hpp"
#include "engine/merged_tree.hpp"
#include "engine/network_space.hpp"
#include "engine/recover.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/rootless.hpp"
#include "engine/spec_builder.hpp"
#include "engine/state.hpp"
#include "engine/tell_layers.hpp"
#include "kernel/file.hpp"
#include "kernel/file_pipe.hpp"
#include "kernel/process.hpp"
#include "monitor/client.hpp"
#include "monitor/monitor.hpp"
#include "monitor/order.hpp"
#include "monitor/world.hpp"

namespace skiff::engine {
namespace {

/// Where the overlay goes, and what is its topmost layer; without one, the root itself.
std::string root_path(const Engine::House& house, const ContainerRecord& record) {
    return record.config.rootfs.empty() ? house.container_directory(record.id) + "/upper" : record.config.rootfs;
}

/// Who the first process is, as the container's own files say at this moment: its layer, then the image's.
Result<ResolvedUser> find_user(const Engine::House& house, const ContainerRecord& record) {
    std::vector<std::string> layers;
    if (record.has_overlay()) layers = record.layers;
    layers.insert(layers.begin(), root_path(house, record));
    const auto tree = TRY(MergedTree::open(layers));
    return resolve_user(record.config.user, record.config.extra_groups, [&](std::string_view path) { return tree.read_file(path); });
}

/// /dev/shm where it is shared: the host's own, or that of the container that offers it, as its first process sees it.
std::string shm_source(const SharingModes& modes, const JoinedPaths& joined) {
    if (modes.ipc.with == Sharing::With::host) return "/dev/shm";
    if (modes.ipc.with != Sharing::With::container) return {};
    return joined.ipc.substr(0, joined.ipc.rfind("/ns/")) + "/root/dev/shm";
}

Result<MountSources> mount_sources(Engine::House& house, const ContainerRecord& record, const SharingModes& modes, const JoinedPaths& joined) {
    MountSources sources;
    TRY(probe_mount_sources(sources));
    // With another's network come its names.
    std::string owner = record.id;
    if (modes.network.with == Sharing::With::container) {
        const auto other = TRY(house.store.find(modes.network.value));
        owner = other.id;
    }
    const auto own = house.container_directory(owner);
    sources.hosts = own + "/hosts", sources.hostname = own + "/hostname", sources.resolv_conf = own + "/resolv.conf";
    sources.shm = shm_source(modes, joined);
    if (record.config.init) sources.init_program = TRY(runtime_program());
    return sources;
}

Result<> make_bind_sources(const CreateRequest& config) {
    for (const auto& bind : config.binds)
        if (!TRY(kernel::exists(bind.source))) TRY_DOING(kernel::make_directories(bind.source, 0755), "-v {}", bind.source);
    return {};
}

Result<> write_file(kernel::FdView directory, const char* name, std::string_view text) {
    const auto file = TRY(kernel::open_at(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0600));
    return kernel::write_all(file, bytes_of(text));
}

Result<oci::RuntimeSpec> spec_for(Engine::House& house, const ContainerRecord& record, const SharingModes& modes, const StartOptions& options) {
    auto facts = TRY(probe_facts(record.config));
    facts.user = TRY(find_user(house, record));
    facts.joined = TRY(find_joined(house, modes));
    if (modes.network.with == Sharing::With::networks) facts.joined.network = monitor::k_given_space;
    facts.mounts = TRY(mount_sources(house, record, modes, facts.joined));
    facts.root_path = root_path(house, record);
    if (options.attach) facts.rows = options.attach->rows, facts.columns = options.attach->columns;
    return build_spec(record, facts);
}

Result<monitor::Order> order_for(const Engine::House& house, const ContainerRecord& record, const StartOptions& options) {
    const auto& config = record.config;
    const auto own = house.container_directory(record.id);
    monitor::Order order(runtime_id(record));
    order.name = record.name;
    order.bundle = house.run_directory(record.id);
    order.states = house.states.path();
    if (record.has_overlay()) {
        order.overlay.emplace();
        order.overlay->lower = record.layers;
        order.overlay->upper = own + "/upper";
        order.overlay->work = own + "/work";
        order.overlay->is_volatile = config.auto_remove;  // nobody will mount such a layer a second time
    }
    order.terminal = config.terminal;
    order.stdin_open = config.stdin_open;
    order.stdin_once = config.stdin_once;
    if (options.attach) order.attach = {options.attach->in, options.attach->out, options.attach->err};
    order.log.driver = config.log.driver == "none" ? monitor::LogDriver::none : monitor::LogDriver::json_file;
    order.log.path = house.log_file(record.id);
    order.log.max_size = config.log.max_size;
    order.log.max_file = config.log.max_file.value_or(1);
    order.events.journal = house.event_journal();
    order.events.attributes = event_about(record, "").attributes;
    order.memory = memory_order(record);
    order.exit_file = house.exit_file(record.id);
    const auto program = TRY(own_program());
    order.cleanup = {program, "--root", house.paths.root, "--runroot", house.paths.runroot, "container", "cleanup", record.id};
    if (config.auto_remove) order.leftovers = leftovers_of(house, record.id), order.heir_file = Intent::path_of(house, record.id);
    order.explain = options.explain;
    return order;
}

int failure_code_of(const Error& error) {
    if (error.is(Kind::no_command)) return 127;
    if (error.is(Kind::bad_command)) return 126;
    return 128;
}

/// An input that ends with its client does not end with the monitor: the client, too, holds the pipe.
kernel::Fd hold_input(const Engine::House& house, const ContainerRecord& record) {
    if (!record.config.stdin_once || record.config.terminal) return {};
    const auto directory = kernel::open_directory(house.run_directory(record.id));
    auto pipe = directory ? kernel::open_named_pipe(*directory, monitor::k_input_pipe, kernel::PipeEnd::writing) : Result<kernel::Fd>(directory.error());
    return pipe ? std::move(*pipe) : kernel::Fd();  // the container has closed its end
}

std::unique_ptr<Attachment::Link> link_to(Engine::House& house, const ContainerRecord& record, monitor::Client client, const AttachOptions& options) {
    auto link = std::make_unique<Attachment::Link>(std::move(client));
    if (!options.is_first) return link;
    if (options.in) link->held_input = hold_input(house, record);
    if (!record.config.restart.is_set()) link->on_end = [&house, id = record.id] { return engine::clean_up(house, id).has_value(); };
    return link;
}

/// So many monitors may be killed under one who attaches.
constexpr int k_most_monitors = 1000;

Result<monitor::Client> ask_for_streams(const Engine::House& house, const ContainerRecord& record, const monitor::Streams& wanted, const AttachOptions& options) {
    auto client = TRY_DOING(monitor::Client::connect(house.run_directory(record.id)), "attach to {}", shown(record));
    TRY_DOING(client.attach(wanted, {options.rows, options.columns}), "attach to {}", shown(record));
    TRY_DOING(client.expect_attached(), "attach to {}", shown(record));
    return client;
}

/// How the life before ended is kept beside: it may be why this one begins.
Result<> keep_last_exit(const Engine::House& house, const ContainerRecord& record) {
    if (!record.config.restart.is_set()) return {};
    const auto text = kernel::read_whole_file(house.exit_file(record.id));
    if (!text && text.error().is_errno(ENOENT)) return {};
    if (!text) return text.error();
    const auto directory = TRY(kernel::open_directory(house.container_directory(record.id)));
    return kernel::replace_file(directory, k_last_exit_file, *text, 0600, kernel::Durability::visible);
}

/// Everything from an idle container to an executed program. Called with the container's lock held.
Result<Launched> launch(Engine::House& house, const ContainerRecord& record, const StartOptions& options, const runtime::Listener& listener) {
    TRY(check_memory_watch(record.config.oom));
    const auto run = house.run_directory(record.id);
    TRY(kernel::remove_tree(run));  // of an earlier start
    TRY(kernel::make_directories(run, 0700));
    TRY(make_bind_sources(record.config));
    const StartMark mark{house.boot_id, wall_ns(), boottime_ns(), std::nullopt, ""};
    const auto modes = TRY(parse_sharing(record.config));
    auto spec = TRY(spec_for(house, record, modes, options));
    spec.annotations[k_started_annotation] = format("{}", mark.started_ns);
    const auto order = TRY(order_for(house, record, options));
    if (options.explain && order.overlay) TRY(tell_layers(house, record, *order.overlay, listener));
    const auto directory = TRY(kernel::open_directory(run));
    TRY(write_file(directory, "config.json", oci::to_json(spec)));
    TRY(write_file(directory, monitor::k_order_file, monitor::to_text(order)));

    kernel::Fd space;
    if (modes.network.with == Sharing::With::networks) space = TRY(make_network_space(house, record));

    TRY(keep_last_exit(house, record));
    // The end of an earlier life stays on record until the monitor begins: killed before that, we have changed nothing.
    TRY(write_start_mark(house, record.id, mark));
    auto ends = TRY(monitor::Client::make_ends());
    const auto worker = TRY(spawn_monitor(house, record, {run}, {ends.monitors, space}));
    ends.monitors.reset();  // so that its end is seen when the monitor dies
    space.reset();
    auto client = monitor::Client::adopt(std::move(ends.ours));
    auto started = TRY(client.expect_started(listener));
    return Launched{std::move(client), worker, started};
}

}  // namespace

Result<Launched> bring_up(Engine::House& house, const ContainerRecord& record, const StartOptions& options, const runtime::Listener& listener) {
    TRY(forget_runtime(house, record.id));
    auto launched = launch(house, record, options, listener);
    if (launched) return launched;
    if (launched.error().is(Kind::no_space)) launched = std::move(launched).error().context("start container {}", shown(record));
    const auto& error = launched.error();
    if (record.config.auto_remove) (void)remove_container(house, record);  // the failure is what counts
    else (void)write_start_mark(house, record.id, {house.boot_id, wall_ns(), boottime_ns(), failure_code_of(error), error.text()});
    return launched;
}

Result<StartedContainer> Engine::start(const std::string& reference, const StartOptions& options, const runtime::Listener& listener) {
    House& house = *house_;
    const auto record = TRY(find_attended(house, reference));
    std::optional<kernel::Lock> lock = TRY(lock_container(house, record));
    const auto state = TRY(look_up_state(house, record));
    if (state.status == ContainerStatus::paused)
        return Error::conflict("cannot start container {}: it is paused", shown(record)).hint("unpause it");
    if (state.status == ContainerStatus::running) {
        StartedContainer already{record.id, state.pid, std::nullopt};
        lock.reset();
        if (options.attach) already.attachment = TRY(attach(record.id, *options.attach));
        return already;
    }
    if (record.config.restart.is_set()) TRY(cancel_restart(house, record));
    if (state.life_ns != 0) TRY(forget_restarts(house, record.id));  // from here on it is counted anew

    auto launched = TRY(bring_up(house, record, options, listener));
    StartedContainer started{record.id, launched.started.pid, std::nullopt};
    if (options.attach) {
        auto link = std::make_unique<Attachment::Link>(std::move(launched.client));
        if (options.attach->in) link->held_input = hold_input(house, record);
        // What may start again is left to the monitor's own cleaning up: its client has gone by then.
        if (!record.config.restart.is_set())
            link->on_end = [&house, id = record.id, worker = launched.worker, listener = options.explain ? listener : runtime::Listener()] {
                return engine::clean_up(house, id, listener, worker).has_value();
            };
        started.attachment.emplace(std::move(link));
    }
    return started;
}

Result<Attachment> Engine::attach(const std::string& reference, const AttachOptions& options) {
    const auto record = TRY(house_->store.find(reference));
    const monitor::Streams wanted{options.in, options.out, options.err};
    const bool has_terminal = record.config.terminal;  // which an adopted one has lost: that is for the monitor to say
    for (int tries = 1;; ++tries) {
        if (auto adopted = TRY(adopt_orphan(*house_, record, has_terminal ? monitor::Streams() : wanted, WhenBusy::wait)); adopted && wanted.any() && !has_terminal)
            return Attachment(link_to(*house_, record, std::move(*adopted), options));
        const auto running = TRY(find_running(*house_, record));
        if (running.is_paused) return Error::conflict("container {} is paused", shown(record)).hint("unpause it before attaching");
        auto client = ask_for_streams(*house_, record, wanted, options);
        if (client) {
            note_event(*house_, record, "attach");
            return Attachment(link_to(*house_, record, std::move(*client), options));
        }
        // A monitor that is killed while we talk to it has a successor, or gets one by us.
        const bool was_lost = client.error().is(Kind::unavailable) || TRY(is_orphaned(*house_, record.id)) ||
                              (client.error().is(Kind::not_found) && TRY(is_between_monitors(*house_, record.id)));
        if (!was_lost || tries == k_most_monitors) return std::move(client).error();
    }
}

}  // namespace skiff::engine
