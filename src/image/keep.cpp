// SPDX-License-Identifier: Apache-2.0
#include "image/keep.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "image/blob_store.hpp"
#include "image/names.hpp"
#include "oci/image_spec.hpp"

namespace skiff::image {
namespace {

oci::Descriptor descriptor_of(std::string_view media_type, const oci::Digest& digest, uint64_t size) {
    return {.media_type = std::string(media_type), .digest = digest, .size = size, .annotations = {}, .platform = {}, .artifact_type = {}, .urls = {}};
}

/// What the database, or whoever just made it, says of a layer's tar.
Result<uint64_t> tar_size_of(database::Database& database, const oci::Digest& diff_id, const std::vector<NewLayer*>& fresh) {
    for (const NewLayer* layer : fresh)
        if (layer->unpacked.diff_id == diff_id) return layer->unpacked.tar_size;
    auto row = TRY(database.query("SELECT tar_size FROM layers WHERE diff_id = ?", {diff_id.string()}));
    if (!TRY(row.step())) return Error::not_found("the layer {} is not in the store any more", diff_id.brief());
    return static_cast<uint64_t>(row.number(0));
}

}  // namespace

Result<std::string> keep_image(const std::string& root, database::Database& database, const std::string& config,
                               const std::vector<NewLayer*>& fresh, const std::vector<oci::Reference>& names, const std::string& event) {
    const auto parsed = TRY(oci::parse_image_config(config));
    const auto& diff_ids = parsed.diff_ids;
    const int64_t created = parsed.created.empty() ? 0 : TRY(parse_rfc3339(parsed.created));
    const auto nobody_deletes = TRY(kernel::Lock::take(root + k_blobs_lock, kernel::Lock::Kind::shared));
    auto blobs = TRY(BlobStore::open(root));
    const auto id = TRY(blobs.put(config));
    // A layer is described by its uncompressed tar: that is what we verified and can make again from the tree.
    oci::Manifest manifest{.media_type = std::string(oci::media_type::k_manifest), .artifact_type = {}, .config = descriptor_of(oci::media_type::k_config, id, config.size()), .layers = {}, .subject = {}, .annotations = {}};
    for (const auto& diff_id : diff_ids) {
        const uint64_t size = TRY(tar_size_of(database, diff_id, fresh));
        manifest.layers.push_back(descriptor_of(oci::media_type::k_layer, diff_id, size));
    }
    const auto manifest_digest = TRY(blobs.put(oci::to_json(manifest)));

    auto transaction = TRY(database::Transaction::begin(database, database::Promise::survives_power_cut));
    std::vector<StagedLayer*> kept;
    for (NewLayer* each : fresh) {
        NewLayer& layer = *each;
        TRY(database.run("INSERT OR IGNORE INTO layers (diff_id, directory, size, tar_size) VALUES (?, ?, ?, ?)",
                         {layer.unpacked.diff_id.string(), layer.staged.name(), layer.unpacked.content_size, layer.unpacked.tar_size}));
        if (database.rows_changed() == 1) kept.push_back(&layer.staged);  // else the same layer is there, and ours is thrown away
    }
    uint64_t size = 0;
    for (const auto& diff_id : diff_ids) {
        auto row = TRY(database.query("SELECT size FROM layers WHERE diff_id = ?", {diff_id.string()}));
        if (!TRY(row.step())) return Error::not_found("the layer {} is not in the store any more", diff_id.brief());
        size += static_cast<uint64_t>(row.number(0));
    }
    TRY(database.run("INSERT OR IGNORE INTO images (id, manifest, created, size) VALUES (?, ?, ?, ?)", {id.string(), manifest_digest.string(), created, size}));
    uint64_t position = 0;
    for (const auto& diff_id : diff_ids)
        TRY(database.run("INSERT OR IGNORE INTO image_layers (image, position, diff_id) VALUES (?, ?, ?)", {id.string(), position++, diff_id.string()}));
    for (const auto& name : names) TRY(give_name(database, name, id.string()));
    if (names.empty()) TRY(note_image_event(database, event, id.string(), ""));
    for (const auto& name : names) TRY(note_image_event(database, event, id.string(), name.familiar()));
    TRY(transaction.commit());
    for (StagedLayer* layer : kept) layer->keep();
    return id.string();
}

Error saying_which_disk(Error error, const std::string& root) {
    if (!error.is(Kind::no_space)) return error;
    return std::move(error).context("the filesystem of {} is full", root);
}

}  // namespace skiff::image
