// SPDX-License-Identifier: Apache-2.0
// One tar archive → one layer → one image. The order of steps is the promise: unpacked, hashed, on disk, in its place,
// documents on disk, and only then a row that makes it visible.
#include "base/time.hpp"
#include "image/blob_store.hpp"
#include "image/change.hpp"
#include "image/names.hpp"
#include "image/staging.hpp"
#include "image/store.hpp"
#include "image/unpack.hpp"
#include "oci/image_config.hpp"
#include "oci/image_spec.hpp"

namespace skiff::image {
namespace {

oci::ImageConfig config_for(const oci::Digest& diff_id, const ImportOptions& options, oci::ImageSettings settings) {
    const std::string now = to_rfc3339(wall_ns());
    oci::ImageConfig config;
    config.created = now;
    config.platform = oci::Platform::of_this_machine();
    config.config = std::move(settings);
    config.diff_ids = {diff_id};
    oci::HistoryEntry step;
    step.created = now;
    step.comment = options.message.empty() ? "Imported from -" : options.message;
    config.history.push_back(std::move(step));
    return config;
}

/// The layer is described by its uncompressed tar: that is what we verified and can make again from the tree.
oci::Manifest manifest_for(const oci::Digest& config, size_t config_size, const Unpacked& layer) {
    oci::Manifest manifest{.media_type = std::string(oci::media_type::k_manifest),
                           .artifact_type = {},
                           .config = {.media_type = std::string(oci::media_type::k_config), .digest = config, .size = config_size, .annotations = {}, .platform = {}, .artifact_type = {}, .urls = {}},
                           .layers = {},
                           .subject = {},
                           .annotations = {}};
    manifest.layers.push_back({.media_type = std::string(oci::media_type::k_layer), .digest = layer.diff_id, .size = layer.tar_size, .annotations = {}, .platform = {}, .artifact_type = {}, .urls = {}});
    return manifest;
}

Error saying_which_disk(Error error, const std::string& root) {
    if (!error.is(Kind::no_space)) return error;
    return std::move(error).context("the filesystem of {} is full", root);
}

}  // namespace

Result<std::string> ImageStore::import_archive(kernel::FdView archive, const ImportOptions& options) {
    std::optional<oci::Reference> name;
    if (!options.reference.empty()) name = TRY(parse_new_name(options.reference));
    oci::ImageSettings settings;
    for (const std::string& change : options.changes) TRY_DOING(apply_change(change, settings), "change {}", change);
    TRY(sweep());

    const auto bring_in = [&]() -> Result<std::string> {
        auto staged = TRY(StagedLayer::begin(root_));
        const Unpacked layer = TRY(unpack_archive(transfer_, archive, staged.tree(), ArchiveKind::root_filesystem));
        TRY(staged.settle());

        const auto nobody_deletes = TRY(kernel::Lock::take(root_ + k_blobs_lock, kernel::Lock::Kind::shared));
        auto blobs = TRY(BlobStore::open(root_));
        const std::string config = oci::to_json(config_for(layer.diff_id, options, std::move(settings)));
        const auto id = TRY(blobs.put(config));
        const std::string manifest = oci::to_json(manifest_for(id, config.size(), layer));
        const auto manifest_digest = TRY(blobs.put(manifest));

        auto transaction = TRY(database::Transaction::begin(*database_, database::Promise::survives_power_cut));
        const std::string diff_id = layer.diff_id.string();
        TRY(database_->run("INSERT OR IGNORE INTO layers (diff_id, directory, size, tar_size) VALUES (?, ?, ?, ?)",
                           {diff_id, staged.name(), layer.content_size, layer.tar_size}));
        const bool is_new = database_->rows_changed() == 1;  // else the same layer is there, and ours is thrown away
        TRY(database_->run("INSERT OR IGNORE INTO images (id, manifest, created, size) VALUES (?, ?, ?, ?)",
                           {id.string(), manifest_digest.string(), wall_ns(), layer.content_size}));
        TRY(database_->run("INSERT OR IGNORE INTO image_layers (image, position, diff_id) VALUES (?, 0, ?)", {id.string(), diff_id}));
        if (name) TRY(give_name(*database_, *name, id.string()));
        TRY(transaction.commit());
        if (is_new) staged.keep();
        return id.string();
    };
    auto id = bring_in();
    if (!id) return saying_which_disk(std::move(id).error(), root_);
    return id;
}

}  // namespace skiff::image
