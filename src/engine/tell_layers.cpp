// SPDX-License-Identifier: Apache-2.0
#include "engine/tell_layers.hpp"

#include <algorithm>

#include "engine/container_images.hpp"
#include "runtime/birth.hpp"

namespace skiff::engine {
namespace {

using runtime::Chapter;

/// How many other containers have this directory among their layers.
size_t others_with(const std::string& directory, const std::vector<ContainerRecord>& all, const std::string& id) {
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [&](const ContainerRecord& other) {
        return other.id != id && std::find(other.layers.begin(), other.layers.end(), directory) != other.layers.end();
    }));
}

std::string counted(int64_t count, const char* noun) { return format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

/// "sha256:1f0a2b3c4d5e": enough to be found by.
std::string brief(const std::string& digest) { return digest.substr(0, 19); }

std::string size_of(int64_t bytes) {
    if (bytes < 10'000) return format("{} bytes", bytes);
    return bytes < 10'000'000 ? format("{} kB", bytes / 1000) : format("{} MB", bytes / 1'000'000);
}

}  // namespace

Result<> tell_layers(Engine::House& house, const ContainerRecord& record, const runtime::Overlay& overlay, const runtime::Listener& listener) {
    const runtime::Teller teller(listener);
    int64_t begun = boottime_ns();
    auto images = TRY(open_images(house));
    const auto layers = TRY(images.layers(record.image_id));
    const auto containers = TRY(house.store.list());

    if (!overlay.upper.empty())
        teller.tell(Chapter::root, format("upper: read/write layer {}", overlay.upper), "topmost: what the container writes lands here and hides what is below", begun);
    size_t position = overlay.lower.size();
    for (const std::string& directory : overlay.lower) {
        begun = boottime_ns();
        const auto layer = std::find_if(layers.begin(), layers.end(), [&](const auto& known) { return known.directory == directory; });
        if (layer == layers.end()) {
            teller.tell(Chapter::root, format("lower {}: init layer {}", position--, directory), "above the image: mount points it lacks; below upper: `diff` shows none", begun);
            continue;
        }
        const auto others = static_cast<int64_t>(others_with(directory, containers, record.id));
        const auto level = layers.end() - layer;
        std::string why = format("{} of the image: {}; ", level == 1 ? "the base" : "a later change", size_of(layer->size));
        why += others == 0 && layer->images == 1 ? "not shared" : format("shared with {} and {}", counted(others, "other container"), counted(layer->images - 1, "other image"));
        teller.tell(Chapter::root, format("lower {}: image layer {} {}", position--, brief(layer->diff_id), directory), std::move(why), begun);
    }
    return {};
}

}  // namespace skiff::engine
