// SPDX-License-Identifier: Apache-2.0
// `create`: a record, its directories and its name. Everything is checked before anything is made; the row in the
// store comes last and is what makes the container exist.
#include <fcntl.h>
#include <sys/random.h>

#include <functional>

#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/container_files.hpp"
#include "engine/container_images.hpp"
#include "engine/engine.hpp"
#include "engine/host_facts.hpp"
#include "engine/house.hpp"
#include "engine/init_layer.hpp"
#include "engine/memory_pause.hpp"
#include "engine/merged_tree.hpp"
#include "engine/names.hpp"
#include "engine/network_space.hpp"
#include "engine/overlay_trial.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "engine/resource_limits.hpp"
#include "engine/spec_builder.hpp"
#include "image/copy.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

constexpr int k_most_name_attempts = 100;

bool is_file(const std::string& source) {
    const auto handle = kernel::open_file(source, O_PATH);
    if (!handle) return false;
    const auto status = kernel::status_of(*handle);
    return status && !S_ISDIR(status->st_mode);
}

Result<> check_bind_sources(const CreateRequest& config) {
    for (const auto& bind : config.binds)
        if (!bind.create_source && !TRY(kernel::exists(bind.source))) return Error::invalid("bind source path does not exist: {}", bind.source);
    return {};
}

/// The copy instead, where the kernel has no overlay for these layers.
Result<> copy_without_overlay(ContainerRecord& record, kernel::FdView directory, const std::string& path, std::vector<std::string>& warnings) {
    const auto why = TRY(why_no_overlay(directory, path, record.layers));
    if (!why) return {};
    const auto transfer = TRY(transfer_program());
    const auto upper = TRY(kernel::open_at(directory, "upper", O_RDONLY | O_DIRECTORY));
    TRY(image::copy_layers(transfer, record.layers, upper));
    record.is_copied = true;
    warnings.push_back("the container is a copy of its image, which takes time and room: " + *why);
    return {};
}

/// The read/write layer, overlayfs' work directory, and the init layer where one is needed.
Result<> make_layers(Engine::House& house, ContainerRecord& record, const SharingModes& modes, kernel::FdView directory, std::vector<std::string>& warnings) {
    const auto image = TRY(MergedTree::open(record.layers));
    if (!record.config.user.empty() || !record.config.extra_groups.empty())
        (void)TRY(resolve_user(record.config.user, record.config.extra_groups, [&](std::string_view path) { return image.read_file(path); }));

    TRY(kernel::make_directory_at(directory, "upper", 0755));
    TRY(kernel::make_directory_at(directory, "work", 0700));
    // The top of the read/write layer is what the container sees as "/".
    if (!record.layers.empty()) {
        const auto top = TRY(image.reach("/"));
        const auto upper = TRY(kernel::open_at(directory, "upper", O_RDONLY | O_DIRECTORY));
        TRY(copy_directory_attributes(top.found.status, upper));
    }

    MountSources sources;
    TRY(probe_mount_sources(sources));
    const auto own = house.container_directory(record.id);
    sources.hosts = own + "/hosts", sources.hostname = own + "/hostname", sources.resolv_conf = own + "/resolv.conf";
    if (record.config.init) sources.init_program = TRY(runtime_program());
    const auto mounts = TRY(plan_mounts(record.config, modes, sources));
    if (TRY(make_init_layer(directory, "init", image, stubs_for(mounts, is_file)))) record.layers.insert(record.layers.begin(), own + "/init");
    return copy_without_overlay(record, directory, own, warnings);
}

Result<> make_directories(Engine::House& house, ContainerRecord& record, const SharingModes& modes, const SpecFacts& facts, std::vector<std::string>& warnings) {
    const auto all = TRY(kernel::open_directory(house.paths.root + "/containers"));
    TRY(kernel::make_directory_at(all, record.id, 0700));
    const auto own = TRY(kernel::open_at(all, record.id, O_RDONLY | O_DIRECTORY));
    TRY(write_container_files(house.container_directory(record.id), modes, hostname_of(record, modes, facts)));
    if (record.config.rootfs.empty()) TRY(make_layers(house, record, modes, own, warnings));
    return {};
}

/// The row, under the name that was asked for or the first free one of ours.
Result<> insert_with_a_name(Store& store, ContainerRecord& record, const std::function<Result<>()>& confirm) {
    if (!record.name.empty()) return store.insert(record, confirm);
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = static_cast<uint64_t>(boottime_ns());
    for (int attempt = 0;; ++attempt) {
        record.name = name_from(seed, attempt);
        auto inserted = store.insert(record, confirm);
        if (inserted || !inserted.error().is(Kind::exists) || attempt == k_most_name_attempts) return inserted;
    }
}

/// In the transaction that makes its row.
Result<> join_networks(Engine::House& house, const ContainerRecord& record) {
    auto networks = TRY(NetworkStore::open(house.store.database()));
    for (const auto& wish : record.config.networks) (void)TRY(networks.join(record.id, wish.network, wish));
    return {};
}

std::vector<std::string> warnings_for(const Origin& origin, const CreateRequest& config) {
    std::vector<std::string> warnings;
    for (const auto& path : origin.settings.volumes)
        warnings.push_back("the image declares a volume at " + quoted(path) + ": volumes are not there yet, so it is kept in the container's own layer");
    for (const auto& bind : config.binds)
        if (bind.relabel_shared || bind.relabel_private) warnings.push_back("-v " + bind.source + ": \"z\" and \"Z\" have no effect on a host without SELinux");
    return warnings;
}

}  // namespace

Result<CreatedContainer> Engine::create(const CreateRequest& request) {
    House& house = *house_;
    ContainerRecord record;
    record.id = ContainerId::random().string();
    if (!request.name.empty()) record.name = TRY(checked_name(request.name));
    record.created_ns = wall_ns();

    auto origin = TRY(find_origin(house, request));
    record.image_id = origin.image_id;
    record.layers = origin.layers;
    record.config = TRY(join_image(request, origin.settings));
    record.config.name = record.name;
    if (record.config.log.driver != "json-file" && record.config.log.driver != "none")
        return Error::unsupported("--log-driver {}: this version of skiff has json-file and none", quoted(record.config.log.driver));

    if (record.config.auto_remove && record.config.restart.is_set())
        return Error::invalid("conflicting options: cannot specify both --restart and --rm: what is removed when it has ended cannot start again");

    const auto modes = TRY(parse_sharing(record.config));
    for (const auto* sharing : {&modes.network, &modes.pid, &modes.ipc})
        if (sharing->with == Sharing::With::container) (void)TRY(house.store.find(sharing->value));
    const bool joins = modes.network.with == Sharing::With::networks;
    if (joins) TRY(check_networks(house, record.config.networks));
    const auto facts = TRY(probe_facts(record.config));
    // Fixed once: the monitor knows what was promised by the kernel's limit, less this.
    if (record.config.oom.watches() && !record.config.oom.headroom) record.config.oom.headroom = usual_headroom(record.config.memory.value_or(0));
    TRY(check_request(record, facts));
    TRY(check_memory_watch(record.config.oom));
    TRY(check_bind_sources(record.config));

    // Until there is a row, nothing keeps rmi from taking the layers away.
    const auto confirm = [&]() -> Result<> {
        if (origin.image_id.empty() || TRY(has_layers(house, origin))) return {};
        return Error::conflict("image {} was removed meanwhile", request.image);
    };
    const auto settle_in = [&]() -> Result<> {
        TRY(confirm());
        if (joins) TRY(join_networks(house, record));
        return {};
    };
    auto intent = TRY(Intent::declare(house, record.id));
    keep_reserve(house.paths.root);
    auto warnings = warnings_for(origin, record.config);
    auto made = make_directories(house, record, modes, facts, warnings);
    if (!made) made = std::move(made).error().context("create container {}", record.name.empty() ? record.id.substr(0, 12) : record.name);
    if (made) made = insert_with_a_name(house.store, record, settle_in);
    if (!made) {
        if (auto still = confirm(); !still) made = std::move(still);  // that is the reason, whatever was missed first
        intent.give_up();
        return std::move(made).error();
    }
    intent.done();
    return CreatedContainer{record.id, record.name, std::move(warnings)};
}

}  // namespace skiff::engine
