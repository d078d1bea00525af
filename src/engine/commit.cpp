// SPDX-License-Identifier: Apache-2.0
// A container becomes an image: its read/write layer, and how it was run.
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "engine/adopt.hpp"
#include "engine/container_images.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/house.hpp"
#include "engine/memory_pause.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

/// A container that stands still for us, until this goes out of scope; should we die, the next command lets it go on.
class StandStill {
public:
    /// One that does not run, or that somebody has paused, is left as it is.
    static Result<StandStill> of(Engine::House& house, const ContainerRecord& record) {
        const auto running = find_running(house, record);
        if (!running && running.error().is(Kind::conflict)) return StandStill();
        if (!running) return running.error();
        if (running->is_paused) return StandStill();
        auto intent = TRY(Intent::declare(house, k_thaw + record.id));
        if (auto paused = stand_still(house, record); !paused) {
            intent.give_up();
            if (const auto now = find_running(house, record); !now && now.error().is(Kind::conflict)) return StandStill();  // it has ended meanwhile
            return std::move(paused).error().context("pause {}", shown(record)).hint("commit --pause=false takes it as it runs");
        }
        StandStill still;
        still.intent_ = std::move(intent);
        return still;
    }
    StandStill(StandStill&& other) noexcept : intent_(std::exchange(other.intent_, std::nullopt)) {}
    ~StandStill() { if (intent_) intent_->give_up(); }

    Result<> end(Engine::House& house, const ContainerRecord& record) {
        if (!intent_) return {};
        auto resumed = let_go_on(house, record);
        // Killed while it stood still, or thawed by somebody else: there is nothing to let go.
        const auto now = find_running(house, record);
        const bool has_ended = !now && now.error().is(Kind::conflict);  // and its groups may be gone, too
        if (!resumed && !has_ended && !resumed.error().is(Kind::conflict) && !resumed.error().is(Kind::not_found)) return std::move(resumed).error().context("let {} go on", shown(record));
        std::exchange(intent_, std::nullopt)->done();
        return {};
    }

private:
    StandStill() = default;
    std::optional<Intent> intent_;
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
    if (container.stop_timeout) settings.stop_timeout = *container.stop_timeout;
    for (const auto& [name, value] : container.labels) settings.labels[name] = value;
}

}  // namespace

Result<std::string> Engine::commit(const std::string& reference, const CommitRequest& request) {
    const auto record = TRY(find_attended(*house_, reference));
    if (!record.config.rootfs.empty())
        return Error::unsupported("container {} uses --rootfs: it has no layer of its own", shown(record)).hint("tar the directory and `skiff import` it");
    if (record.is_copied)
        return Error::unsupported("container {} is a copy of its image, for this host has no overlay for it: it has no layer of its own", shown(record)).hint("`skiff export` it, and `skiff import` the archive");
    auto images = TRY(open_images(*house_));
    keep_reserve(house_->paths.root);
    const auto upper = TRY(kernel::open_directory(house_->container_directory(record.id) + "/upper"));

    auto intent = TRY(Intent::declare(*house_, k_images));
    const auto bring_in = [&]() -> Result<std::string> {
        std::optional<StandStill> still;
        if (request.pause) still.emplace(TRY(StandStill::of(*house_, record)));
        image::CommitOptions options;
        options.reference = request.reference;
        options.author = request.author;
        options.message = request.message;
        options.created_by = join(record.arguments(), " ");
        options.changes = request.changes;
        options.adjust = [&](oci::ImageSettings& settings) { put_over(record.config, settings); };
        // Its row goes before its files: as long as it is there, what was packed was whole.
        options.confirm = [&]() -> Result<> {
            if (still) TRY(still->end(*house_, record));
            if (!TRY(house_->store.has(record.id))) return Error::conflict("container {} was removed meanwhile", shown(record));
            return {};
        };
        return images.commit(upper, record.image_id, std::move(options));
    };
    auto id = bring_in();
    if (id) {
        intent.done();
        note_event(*house_, record, "commit", {{"imageID", *id}, {"imageRef", request.reference}});
        return id;
    }
    intent.give_up();
    // Its files went while they were read: that is the reason, whatever was missed first.
    if (!house_->store.has(record.id).value_or(true)) return Error::conflict("container {} was removed meanwhile", shown(record));
    return id;
}

}  // namespace skiff::engine
