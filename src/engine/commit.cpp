// SPDX-License-Identifier: Apache-2.0
// A container becomes an image: its read/write layer, and how it was run.
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "engine/container_images.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

/// Lets a container go on that stands still for us.
class StandStill {
public:
    static Result<StandStill> of(Engine::House& house, const ContainerRecord& record) {
        const auto running = find_running(house, record);
        if (!running && running.error().is(Kind::conflict)) return StandStill(nullptr, record);
        if (!running) return running.error();
        if (running->is_paused) return StandStill(nullptr, record);
        TRY_DOING(runtime::pause(runtime_id(record), house.states), "pause {}", shown(record));
        return StandStill(&house, record);
    }
    StandStill(StandStill&& other) noexcept : house_(std::exchange(other.house_, nullptr)), record_(other.record_) {}
    ~StandStill() { (void)end(); }
    Result<> end() {
        if (!house_) return {};
        return runtime::resume(runtime_id(*record_), std::exchange(house_, nullptr)->states);
    }

private:
    StandStill(Engine::House* house, const ContainerRecord& record) : house_(house), record_(&record) {}
    Engine::House* house_;
    const ContainerRecord* record_;
};

/// How the container was run is how the image wants to be run.
void put_over(const CreateRequest& container, oci::ImageSettings& settings) {
    settings.env.clear();
    for (const auto& [name, value] : container.environment) settings.env.push_back(name + "=" + value);
    settings.entrypoint = container.entrypoint;
    settings.cmd.reset();
    if (!container.command.empty()) settings.cmd = container.command;
    settings.user = container.user;
    settings.working_dir = container.workdir;
    settings.stop_signal = container.stop_signal;
    for (const auto& [name, value] : container.labels) settings.labels[name] = value;
}

}  // namespace

Result<std::string> Engine::commit(const std::string& reference, const CommitRequest& request) {
    const auto record = TRY(house_->store.find(reference));
    if (!record.config.rootfs.empty())
        return Error::unsupported("container {} uses --rootfs: it has no layer of its own", shown(record)).hint("tar the directory and `skiff import` it");
    auto images = TRY(open_images(*house_));
    keep_reserve(house_->paths.root);
    const auto upper = TRY(kernel::open_directory(house_->container_directory(record.id) + "/upper"));

    auto intent = TRY(Intent::declare(*house_, k_images));
    std::optional<StandStill> still;
    if (request.pause) {
        auto paused = StandStill::of(*house_, record);
        if (!paused) {
            intent.give_up();
            return std::move(paused).error();
        }
        still.emplace(std::move(*paused));
    }
    image::CommitOptions options;
    options.reference = request.reference;
    options.author = request.author;
    options.message = request.message;
    options.created_by = join(record.arguments(), " ");
    options.changes = request.changes;
    options.adjust = [&](oci::ImageSettings& settings) { put_over(record.config, settings); };
    auto id = images.commit(upper, record.image_id, std::move(options));
    if (id) intent.done();
    else intent.give_up();
    if (still) TRY_DOING(still->end(), "let {} go on", shown(record));
    return id;
}

}  // namespace skiff::engine
