// SPDX-License-Identifier: Apache-2.0
// `ps`, `inspect`, `diff` and `info`: what is only looked at.
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/container_images.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/inspect.hpp"
#include "engine/inspect_network.hpp"
#include "engine/list_filter.hpp"
#include "engine/merged_tree.hpp"
#include "engine/network_store.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/sharing.hpp"
#include "engine/spec_builder.hpp"
#include "engine/state.hpp"
#include "engine/states.hpp"
#include "engine/tree_walk.hpp"
#include "kernel/file.hpp"
#include "kernel/user_namespace.hpp"
#include "monitor/client.hpp"

namespace skiff::engine {
namespace {

ContainerSummary summary_of(const ContainerRecord& record, ContainerState state) {
    ContainerSummary summary;
    summary.id = record.id;
    summary.name = record.name;
    summary.image = record.config.image.empty() ? record.config.rootfs : record.config.image;
    summary.image_id = record.image_id;
    summary.command = record.arguments();
    summary.created_ns = record.created_ns;
    summary.state = std::move(state);
    summary.labels = record.config.labels;
    for (const auto& bind : record.config.binds) summary.mounts.push_back(bind.source);
    return summary;
}

Result<ContainerSizes> sizes_of(const Engine::House& house, const ContainerRecord& record) {
    ContainerSizes sizes;
    if (!record.config.rootfs.empty()) return sizes;
    const auto upper = TRY(kernel::Root::open(house.container_directory(record.id) + "/upper"));
    sizes.writable = TRY(size_of_tree(upper));
    sizes.total = sizes.writable;
    if (record.is_copied) return sizes;
    for (const auto& layer : record.layers) {
        const auto root = TRY(kernel::Root::open(layer));
        sizes.total += TRY(size_of_tree(root));
    }
    return sizes;
}

/// A container with --rm that has ended and whose monitor was killed before it could clean up.
bool is_forgotten(const Engine::House& house, const ContainerRecord& record, const ContainerState& state) {
    if (!record.config.auto_remove || !has_ended(state.status)) return false;
    const auto monitor = monitor::Client::connect(house.run_directory(record.id));
    return !monitor && monitor.error().is(Kind::not_found);
}

Result<std::string> hostname_for(const Engine::House& house, const ContainerRecord& record) {
    const auto text = kernel::read_whole_file(house.container_directory(record.id) + "/hostname", 4096);
    if (!text) return text.error();
    return std::string(trim(*text));
}

/// The networks that it is in.
Result<std::vector<NetworkStore::Place>> places_of(Engine::House& house, const ContainerRecord& record) {
    if (!means_networks(record.config.network)) return std::vector<NetworkStore::Place>();
    auto networks = TRY(NetworkStore::open(house.store.database()));
    return networks.places_of(record.id);
}

/// Their names, where `record` says that it has any.
Result<std::string> network_names(Engine::House& house, const ContainerRecord& record) {
    if (record.config.network.empty()) return std::string("none");
    if (!means_networks(record.config.network)) return record.config.network;
    std::vector<std::string> names;
    for (const auto& place : TRY(places_of(house, record))) names.push_back(place.network.name);
    return join(names, ",");
}

}  // namespace

Result<std::vector<ContainerSummary>> Engine::list(const ListOptions& options) {
    const auto filter = TRY(ListFilter::parse(options.filters));
    std::vector<ContainerSummary> summaries;
    const auto records = TRY(house_->store.list());
    const auto bounds = TRY(filter.find_bounds(records));
    const bool shows_all = options.all || options.last > 0 || filter.asks_for_status();
    auto seen = TRY(look_up_states(*house_, records));
    for (size_t i = 0; i < records.size(); ++i) {
        const auto& record = records[i];
        auto state = std::move(seen[i].state);
        if (seen[i].is_orphaned) {
            // Who starts or removes it at this moment sees to that himself.
            const auto adopted = adopt_orphan(*house_, record, {}, WhenBusy::skip);
            if (!adopted && adopted.error().is(Kind::not_found)) continue;
            if (adopted && !is_up(state.status)) state = TRY(look_up_state(*house_, record));
        }
        if (is_forgotten(*house_, record, state)) {
            if (engine::clean_up(*house_, record.id)) continue;
        } else if (TRY(needs_tending(*house_, record, state)) && engine::clean_up(*house_, record.id)) {
            state = TRY(look_up_state(*house_, record));
        }
        if (!shows_all && !is_up(state.status) && state.status != ContainerStatus::restarting) continue;
        auto summary = summary_of(record, std::move(state));
        summary.network = TRY(network_names(*house_, record));
        if (!filter.accepts(summary, bounds)) continue;
        if (options.size) {
            const auto sizes = TRY(sizes_of(*house_, record));
            summary.size_writable = sizes.writable;
            summary.size_total = sizes.total;
        }
        summaries.push_back(std::move(summary));
        if (options.last > 0 && summaries.size() == static_cast<size_t>(options.last)) break;
    }
    return summaries;
}

Result<codec::Json> Engine::inspect_container(const std::string& reference, bool size) {
    const auto record = TRY(find_attended(*house_, reference));
    auto state = TRY(look_up_state(*house_, record));
    if (TRY(needs_tending(*house_, record, state)) && engine::clean_up(*house_, record.id)) state = TRY(look_up_state(*house_, record));
    const auto restarts = TRY(read_restart_record(*house_, record.id));
    std::optional<ContainerSizes> sizes;
    if (size) sizes = TRY(sizes_of(*house_, record));
    const auto hostname = TRY(hostname_for(*house_, record));
    return container_document(record, state, {house_->container_directory(record.id), house_->log_file(record.id)}, hostname, restarts ? restarts->count : 0, sizes,
                              network_settings_document(record, TRY(places_of(*house_, record))));
}

Result<std::string> Engine::resolve_container(const std::string& reference) {
    const auto record = TRY(house_->store.find(reference));
    return record.id;
}

Result<std::vector<Change>> Engine::diff(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    if (!record.config.rootfs.empty()) return Error::unsupported("container {} uses --rootfs: there is no layer to compare it with", shown(record));
    if (record.is_copied) return Error::unsupported("container {} is a copy of its image, for this host has no overlay for it: nobody noted what it changed", shown(record));
    const auto upper = TRY(kernel::Root::open(house_->container_directory(record.id) + "/upper"));
    const auto lower = TRY(MergedTree::open(record.layers));
    return compare_layers(upper, lower);
}

Result<codec::Json> Engine::info() {
    int running = 0, paused = 0, stopped = 0;
    const auto records = TRY(house_->store.list());
    for (const auto& record : records) {
        const auto state = TRY(look_up_state(*house_, record));
        if (state.status == ContainerStatus::running || state.status == ContainerStatus::restarting) ++running;
        else if (state.status == ContainerStatus::paused) ++paused;
        else ++stopped;
    }
    auto images = TRY(open_images(*house_));
    const auto all_images = TRY(images.list());
    utsname names{};
    (void)uname(&names);  // cannot fail with a valid address
    const bool is_unified = TRY(kernel::exists("/sys/fs/cgroup/cgroup.controllers"));
    using codec::Json;
    return Json::object({
        {"Containers", static_cast<int64_t>(records.size())},
        {"ContainersRunning", running},
        {"ContainersPaused", paused},
        {"ContainersStopped", stopped},
        {"Images", static_cast<int64_t>(all_images.size())},
        {"Driver", "overlay"},
        {"LoggingDriver", "json-file"},
        {"CgroupDriver", kernel::in_first_user_namespace() ? "cgroupfs" : "none"},
        {"CgroupVersion", is_unified ? "2" : "1"},
        {"KernelVersion", names.release},
        {"OSType", "linux"},
        {"Architecture", names.machine},
        {"NCPU", static_cast<int64_t>(sysconf(_SC_NPROCESSORS_ONLN))},
        {"MemTotal", static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE)},
        {"Name", names.nodename},
        {"SkiffRootDir", house_->paths.root},
        {"SkiffRunRoot", house_->paths.runroot},
        {"ServerVersion", SKIFF_VERSION},
    });
}

}  // namespace skiff::engine
