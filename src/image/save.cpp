// SPDX-License-Identifier: Apache-2.0
// Images → one archive that is a docker-archive and an OCI image layout at once: the same blobs, two tables of contents.
// The tar is written by the jailed program, from frames; the layers' archives are made again on the way, one after the
// other, and nothing is kept in memory or on disk.
#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "image/archive_frames.hpp"
#include "image/blob_store.hpp"
#include "image/layer_archive.hpp"
#include "image/stage.hpp"
#include "image/store.hpp"
#include "kernel/byte_channel.hpp"
#include "oci/archive.hpp"
#include "oci/reference.hpp"

namespace skiff::image {
namespace {

/// An image and the names under which it is saved.
struct Chosen { Image image; std::vector<oci::Reference> names; };

/// "debian", which in Docker's way means all tags of it.
bool is_without_tag(std::string_view typed) {
    const size_t slash = typed.rfind('/');
    return typed.find('@') == std::string_view::npos && typed.find(':', slash == std::string_view::npos ? 0 : slash) == std::string_view::npos;
}

Result<std::vector<oci::Reference>> tags_of(database::Database& database, const oci::Reference& reference) {
    std::vector<oci::Reference> tags;
    auto rows = TRY(database.query("SELECT reference FROM image_names WHERE substr(reference, 1, length(?1) + 1) = ?1 || ':' ORDER BY reference", {reference.name()}));
    while (TRY(rows.step())) tags.push_back(TRY(oci::Reference::parse(rows.text(0))));
    return tags;
}

void add(std::vector<Chosen>& all, Image image, const std::optional<oci::Reference>& name) {
    auto known = std::find_if(all.begin(), all.end(), [&](const Chosen& chosen) { return chosen.image.id == image.id; });
    if (known == all.end()) {
        all.push_back({std::move(image), {}});
        known = all.end() - 1;
    }
    if (name && std::find(known->names.begin(), known->names.end(), *name) == known->names.end()) known->names.push_back(*name);
}

Result<std::vector<Chosen>> choose(ImageStore& store, database::Database& database, const std::vector<std::string>& typed) {
    std::vector<Chosen> all;
    for (const std::string& text : typed) {
        const auto reference = oci::Reference::parse(text);
        if (reference && is_without_tag(text)) {
            const auto tags = TRY(tags_of(database, *reference));
            for (const auto& tag : tags) add(all, TRY(store.find(tag.string())), tag);
            if (!tags.empty()) continue;
        }
        Image image = TRY(store.find(text));
        const bool is_name = reference && std::find(image.references.begin(), image.references.end(), reference->familiar()) != image.references.end();
        add(all, std::move(image), is_name ? std::optional(*reference) : std::nullopt);
    }
    return all;
}

std::string blob_path(const oci::Digest& digest) { return "blobs/sha256/" + digest.hex(); }

/// The archive that the jailed program writes.
class Archive {
public:
    static Result<Archive> begin(const std::string& transfer, kernel::FdView file) {
        auto channel = TRY(kernel::make_byte_channel());
        auto stage = TRY(start_stage(transfer, {"join"}, {{channel.theirs, 0}, {file, 1}}));
        return Archive(std::move(channel.ours), std::move(stage));
    }
    Result<> document(const std::string& name, std::string_view text) {
        TRY(begin_file(name, text.size()));
        return data(bytes_of(text));
    }
    Result<> begin_file(const std::string& name, uint64_t size) { return writer_.add({.kind = Frame::Kind::file, .name = name, .target = {}, .size = size}); }
    Result<> data(Bytes bytes) { return writer_.data(bytes); }
    Result<> finish() {
        TRY(writer_.finish());
        return end();
    }
    /// Why the program stopped taking what it was sent, where it did.
    Error cause_of(Error failure) {
        if (!failure.is_errno(EPIPE) && !failure.is_errno(ECONNRESET)) return failure;
        auto ended = end();
        return ended ? failure : std::move(ended).error();
    }

private:
    Archive(kernel::Fd channel, Stage stage)
        : channel_(std::make_unique<kernel::Fd>(std::move(channel))), stage_(std::move(stage)),
          writer_([sender = channel_.get()](Bytes bytes) { return kernel::send_all(*sender, bytes); }) {}
    Result<> end() {
        channel_->reset();
        (void)TRY(finish_stage(std::move(stage_)));
        return {};
    }
    std::unique_ptr<kernel::Fd> channel_;  // where the writer finds it whoever moves this
    Stage stage_;
    FrameWriter writer_;
};

}  // namespace

Result<> ImageStore::save(const std::vector<std::string>& typed, kernel::FdView file) {
    const auto chosen = TRY(choose(*this, *database_, typed));
    const auto blobs = TRY(BlobStore::open(root_));

    std::vector<oci::ArchivedImage> contents;
    oci::Index index;
    index.media_type = oci::media_type::k_index;
    std::vector<std::pair<oci::Digest, std::string>> documents;
    std::vector<StoredLayer> layers;
    std::set<std::string> known_layers;
    for (const Chosen& one : chosen) {
        const auto id = TRY(oci::Digest::parse(one.image.id)), manifest = TRY(oci::Digest::parse(one.image.manifest));
        documents.emplace_back(id, TRY(blobs.read(id)));
        documents.emplace_back(manifest, TRY(blobs.read(manifest)));
        oci::ArchivedImage entry{.config = blob_path(id), .repo_tags = {}, .layers = {}};
        for (const auto& name : one.names) entry.repo_tags.push_back(name.familiar());
        auto rows = TRY(database_->query("SELECT diff_id, directory, tar_size FROM image_layers JOIN layers USING (diff_id) WHERE image = ? ORDER BY position", {one.image.id}));
        while (TRY(rows.step())) {
            const auto diff_id = TRY(oci::Digest::parse(rows.text(0)));
            entry.layers.push_back(blob_path(diff_id));
            if (known_layers.insert(diff_id.string()).second) layers.push_back({format("{}/layers/{}", root_, rows.text(1)), diff_id, static_cast<uint64_t>(rows.number(2))});
        }
        contents.push_back(std::move(entry));

        oci::Descriptor pointer{.media_type = std::string(oci::media_type::k_manifest), .digest = manifest, .size = documents.back().second.size(),
                                .annotations = {}, .platform = {}, .artifact_type = {}, .urls = {}};
        if (one.names.empty()) index.manifests.push_back(pointer);
        for (const auto& name : one.names) {
            pointer.annotations = oci::name_annotations(name.string());
            index.manifests.push_back(pointer);
        }
    }

    auto archive = TRY(Archive::begin(transfer_, file));
    const auto write = [&]() -> Result<> {
        // What tells the rest stands in front: whoever reads the archive from a pipe knows what comes.
        TRY(archive.document("oci-layout", oci::layout_marker()));
        TRY(archive.document("index.json", oci::to_json(index)));
        TRY(archive.document("manifest.json", oci::to_json(contents)));
        for (const auto& [digest, text] : documents) TRY(archive.document(blob_path(digest), text));
        for (const StoredLayer& layer : layers) {
            TRY(archive.begin_file(blob_path(layer.diff_id), layer.tar_size));
            TRY(assemble_layer(transfer_, layer, [&](Bytes bytes) { return archive.data(bytes); }));
        }
        return archive.finish();
    };
    auto written = write();
    if (!written) return archive.cause_of(std::move(written).error());
    return written;
}

}  // namespace skiff::image
