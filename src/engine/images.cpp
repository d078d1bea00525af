// SPDX-License-Identifier: Apache-2.0
// Images: the image store's verbs, and which containers use what.
#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/container_images.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/inspect.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "kernel/host.hpp"
#include "monitor/event_journal.hpp"

namespace skiff::engine {
namespace {

/// "debian:12" and its manifest's digest → "debian@sha256:…".
std::vector<std::string> digests_of(const image::Image& image) {
    std::vector<std::string> digests;
    for (const auto& reference : image.references) {
        const auto slash = reference.rfind('/');
        const auto colon = reference.rfind(':');
        const bool has_tag = colon != std::string::npos && (slash == std::string::npos || colon > slash);
        auto digest = reference.substr(0, has_tag ? colon : std::string::npos) + "@" + image.manifest;
        if (std::find(digests.begin(), digests.end(), digest) == digests.end()) digests.push_back(std::move(digest));
    }
    return digests;
}

}  // namespace

Result<std::string> Engine::import_image(kernel::FdView archive, const ImportRequest& request) {
    TRY(kernel::require_calls(kernel::probe_calls()));  // a container could not run later, and unpacking needs some of them
    auto images = TRY(open_images(*house_));
    keep_reserve(house_->paths.root);
    auto intent = TRY(Intent::declare(*house_, k_images));
    auto imported = images.import_archive(archive, {request.reference, request.message, request.changes, request.platform});
    if (imported) intent.done();
    else intent.give_up();
    return imported;
}

Result<std::vector<LoadedImage>> Engine::load_images(kernel::FdView archive, const std::function<void(const std::string&, uint64_t)>& tell) {
    TRY(kernel::require_calls(kernel::probe_calls()));
    auto images = TRY(open_images(*house_));
    keep_reserve(house_->paths.root);
    auto intent = TRY(Intent::declare(*house_, k_images));
    auto loaded = images.load(archive, tell);
    if (!loaded) {
        intent.give_up();
        return std::move(loaded).error();
    }
    intent.done();
    std::vector<LoadedImage> all;
    for (auto& image : *loaded) all.push_back({std::move(image.id), std::move(image.names), std::move(image.renamed)});
    return all;
}

Result<> Engine::save_images(const std::vector<std::string>& references, kernel::FdView file) {
    auto images = TRY(open_images(*house_));
    TRY(images.save(references, file));
    for (const std::string& reference : references) {
        const auto image = TRY(images.find(reference));
        codec::Event saved{.at_ns = wall_ns(), .type = "image", .action = "save", .id = image.id, .attributes = {{"name", reference}}, .key = {}};
        (void)monitor::append_event(house_->event_journal(), saved);
    }
    return {};
}

Result<std::vector<ImageSummary>> Engine::images() {
    auto images = TRY(open_images(*house_));
    std::vector<ImageSummary> summaries;
    for (const auto& image : TRY(images.list())) {
        ImageSummary summary;
        summary.id = image.id;
        summary.references = image.references;
        summary.digests = digests_of(image);
        summary.created_ns = image.created_ns;
        summary.size = image.size;
        const auto users = TRY(house_->store.users_of_image(image.id));
        summary.containers = static_cast<int>(users.size());
        const auto config = TRY(images.config(image));
        const auto settings = TRY(read_settings(config));
        summary.labels = settings.labels;
        summaries.push_back(std::move(summary));
    }
    return summaries;
}

Result<std::string> Engine::resolve_image(const std::string& reference) {
    auto images = TRY(open_images(*house_));
    const auto image = TRY(images.find(reference));
    return image.id;
}

Result<> Engine::tag_image(const std::string& source, const std::string& target) {
    auto images = TRY(open_images(*house_));
    auto tagged = images.tag(source, target);
    if (!tagged && tagged.error().is(Kind::no_space)) return std::move(tagged).error().context("tag {} as {}", source, target);
    return tagged;
}

Result<std::vector<Removed>> Engine::remove_image(const std::string& reference, bool force) {
    auto images = TRY(open_images(*house_));
    const auto users = [this](const std::string& id) -> Result<std::vector<std::string>> {
        std::vector<std::string> ids;
        for (auto& user : TRY(house_->store.users_of_image(id))) ids.push_back(std::move(user.id));
        return ids;
    };
    auto intent = TRY(Intent::declare(*house_, k_images));
    auto removals = with_reserve(house_->paths.root, [&] { return images.remove(reference, force, users); });
    if (!removals) {
        intent.give_up();
        return std::move(removals).error();
    }
    intent.done();
    std::vector<Removed> removed;
    for (auto& removal : *removals) removed.push_back({removal.untagged, std::move(removal.name)});
    return removed;
}

Result<codec::Json> Engine::inspect_image(const std::string& reference) {
    auto images = TRY(open_images(*house_));
    const auto image = TRY(images.find(reference));
    const auto config = TRY(images.config(image));
    const auto diff_ids = TRY(images.diff_ids(image));
    return image_document(image, digests_of(image), config, diff_ids);
}

Result<std::vector<HistoryLine>> Engine::image_history(const std::string& reference) {
    auto images = TRY(open_images(*house_));
    const auto image = TRY(images.find(reference));
    std::vector<HistoryLine> lines;
    for (auto& entry : TRY(images.history(image)))
        lines.push_back({std::move(entry.image_id), std::move(entry.created_by), std::move(entry.comment), entry.created_ns, entry.size});
    return lines;
}

}  // namespace skiff::engine
