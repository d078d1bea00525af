// SPDX-License-Identifier: Apache-2.0
#include "engine/container_images.hpp"

#include "base/text.hpp"
#include "engine/host_facts.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {

Result<image::ImageStore> open_images(Engine::House& house) {
    auto transfer = TRY(transfer_program());
    return image::ImageStore::open(house.paths.root, house.store.database(), std::move(transfer));
}

Result<ImageSettings> read_settings(const codec::Json& document) {
    ImageSettings settings;
    const auto read = [&]() -> Result<> {
        const auto fields = TRY(codec::JsonFields::of(document, "image"));
        const auto config = TRY(fields.object("config"));
        if (!config) return {};
        settings.environment = TRY(config->texts("Env"));
        if (config->has("Entrypoint")) settings.entrypoint = TRY(config->texts("Entrypoint"));
        settings.command = TRY(config->texts("Cmd"));
        settings.workdir = TRY(config->text("WorkingDir"));
        settings.user = TRY(config->text("User"));
        settings.stop_signal = TRY(config->text("StopSignal"));
        for (auto& [key, value] : TRY(config->text_map("Labels"))) settings.labels.emplace(std::move(key), std::move(value));
        if (const auto volumes = TRY(config->object("Volumes")))
            for (const auto& [path, nothing] : volumes->json().members()) settings.volumes.push_back(path);
        return {};
    };
    if (auto done = read(); !done) return std::move(done).error().as(Kind::corrupt);
    return settings;
}

Result<Origin> find_origin(Engine::House& house, const CreateRequest& request) {
    Origin origin;
    if (request.image.empty() == request.rootfs.empty()) return Error::invalid("an image or --rootfs is needed, and not both");
    if (!request.rootfs.empty()) {
        if (!request.rootfs.starts_with('/')) return Error::invalid("--rootfs {}: an absolute path is needed", quoted(request.rootfs));
        (void)TRY_DOING(kernel::open_directory(request.rootfs), "--rootfs {}", request.rootfs);
        return origin;
    }
    auto images = TRY(open_images(house));
    const auto image = TRY(images.find(request.image));
    const auto config = TRY(images.config(image));
    origin.settings = TRY_DOING(read_settings(config), "image {}", request.image);
    origin.image_id = image.id;
    origin.layers = TRY(images.layer_directories(image));
    return origin;
}

Result<bool> has_layers(Engine::House& house, const Origin& origin) {
    auto images = TRY(open_images(house));
    image::Image image;
    image.id = origin.image_id;
    return TRY(images.layer_directories(image)) == origin.layers;
}

}  // namespace skiff::engine
