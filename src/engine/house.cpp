// SPDX-License-Identifier: Apache-2.0
#include "engine/house.hpp"

#include "engine/recover.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"

namespace skiff::engine {
namespace {

Result<> make_house(const Paths& paths) {
    for (const auto& directory : {paths.root, paths.root + "/containers", paths.root + "/trash", paths.runroot, paths.runroot + "/containers",
                                  paths.runroot + "/intents", paths.runroot + "/namespaces", paths.root + "/events", paths.runroot + "/runtime"})
        TRY(kernel::make_directories(directory, 0700));
    return {};
}

}  // namespace

Result<std::unique_ptr<Engine::House>> Engine::House::open(Paths paths) {
    for (const auto* path : {&paths.root, &paths.runroot})
        if (!path->starts_with('/')) return Error::invalid("{}: --root and --runroot need absolute paths", *path);
    // The folders that are made last stand for all of them: the usual start asks twice and makes nothing.
    if (!TRY(kernel::exists(paths.root + "/events")) || !TRY(kernel::exists(paths.runroot + "/runtime"))) TRY(make_house(paths));

    auto store = TRY(Store::open(paths.root + "/skiff.db"));
    auto states = TRY(runtime::StateDir::open(paths.runroot + "/runtime"));
    auto containers = TRY(kernel::open_directory(paths.root + "/containers"));
    auto runs = TRY(kernel::open_directory(paths.runroot + "/containers"));
    auto boot = TRY(kernel::boot_id());
    auto house = std::unique_ptr<House>(new House(std::move(paths), std::move(store), std::move(states), std::move(containers), std::move(runs), std::move(boot)));
    TRY(recover(*house));
    return house;
}

Engine::Engine(std::unique_ptr<House> house) : house_(std::move(house)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::open(Paths paths) { return Engine(TRY(House::open(std::move(paths)))); }

const Paths& Engine::paths() const { return house_->paths; }

ContainerId runtime_id(const ContainerRecord& record) {
    auto id = ContainerId::parse(record.id);
    MUST(id.has_value(), "the store holds an id that is none");
    return std::move(*id);
}

}  // namespace skiff::engine
