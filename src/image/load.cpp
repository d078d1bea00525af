// SPDX-License-Identifier: Apache-2.0
// An archive of images → images. One reading takes everything in, unseen; then the tables of contents say which images
// there are, every digest is looked at, and only what fits becomes visible.
#include <algorithm>

#include "base/text.hpp"
#include "image/archive_members.hpp"
#include "image/names.hpp"
#include "image/store.hpp"
#include "oci/archive.hpp"
#include "oci/image_spec.hpp"

namespace skiff::image {
namespace {

/// An image that the archive has.
struct Offered {
    std::string config;               ///< the document
    std::vector<std::string> layers;  ///< names of members, lowest first
    std::vector<std::string> names;
};

std::string blob_name(const oci::Digest& digest) { return "blobs/sha256/" + digest.hex(); }

/// A document that a descriptor points at, of the size that it says.
Result<std::string> pointed_at(const ArchiveMembers& members, const oci::Descriptor& descriptor) {
    std::string text = TRY(members.document(blob_name(descriptor.digest)));
    if (text.size() != descriptor.size) return Error::corrupt("{} in the archive has {} bytes, and its descriptor says {}", quoted(blob_name(descriptor.digest)), text.size(), descriptor.size);
    return text;
}

Result<std::vector<Offered>> offered_by_docker(const ArchiveMembers& members) {
    std::vector<Offered> offered;
    const std::string manifest = TRY(members.document("manifest.json"));
    for (auto& image : TRY_DOING(oci::parse_archive_manifest(manifest), "manifest.json in the archive")) {
        std::string config = TRY(members.document(image.config));
        offered.push_back({std::move(config), std::move(image.layers), std::move(image.repo_tags)});
    }
    return offered;
}

/// The manifest that an index's entry leads to; indexes in between are asked for this machine's. Nothing for what is no image.
Result<std::optional<oci::Manifest>> follow(const ArchiveMembers& members, oci::Descriptor descriptor) {
    for (int depth = 0; depth < 4; ++depth) {
        if (!oci::is_manifest_type(descriptor.media_type) && !oci::is_index_type(descriptor.media_type)) return std::optional<oci::Manifest>();
        const std::string text = TRY(pointed_at(members, descriptor));
        auto document = TRY_DOING(oci::parse_image_document(text, descriptor.media_type), "{} in the archive", quoted(blob_name(descriptor.digest)));
        if (auto* manifest = std::get_if<oci::Manifest>(&document)) {
            if (!oci::is_config_type(manifest->config.media_type)) return std::optional<oci::Manifest>();
            return std::optional(std::move(*manifest));
        }
        const auto host = oci::Platform::of_this_machine();
        const oci::Descriptor* chosen = std::get<oci::Index>(document).find_for(host);
        if (!chosen) return Error::unsupported("the archive has no image for {}", host.string());
        oci::Descriptor next = *chosen;
        descriptor = std::move(next);
    }
    return Error::corrupt("the archive's indexes lead from one to the next without an end");
}

Result<std::vector<Offered>> offered_by_layout(const ArchiveMembers& members) {
    TRY_DOING(oci::check_layout_marker(TRY(members.document("oci-layout"))), "oci-layout in the archive");
    const std::string text = TRY(members.document("index.json"));
    const auto index = TRY_DOING(oci::parse_index(text), "index.json in the archive");
    std::vector<Offered> offered;
    for (const oci::Descriptor& entry : index.manifests) {
        if (entry.platform && entry.platform->os == "unknown") continue;  // an attestation
        const auto manifest = TRY(follow(members, entry));
        if (!manifest) continue;
        Offered image;
        image.config = TRY(pointed_at(members, manifest->config));
        for (const oci::Descriptor& layer : manifest->layers) {
            (void)TRY(oci::layer_form(layer.media_type));
            const auto* found = TRY(members.layer(blob_name(layer.digest)));
            if (found->stored_size != layer.size) return Error::corrupt("the layer {} in the archive has {} bytes, and its descriptor says {}", layer.digest.brief(), found->stored_size, layer.size);
            image.layers.push_back(blob_name(layer.digest));
        }
        if (auto name = oci::annotated_name(entry.annotations)) image.names.push_back(std::move(*name));
        const auto same = std::find_if(offered.begin(), offered.end(), [&](const Offered& other) { return other.config == image.config; });
        if (same == offered.end()) offered.push_back(std::move(image));
        else same->names.insert(same->names.end(), image.names.begin(), image.names.end());
    }
    if (offered.empty()) return Error::corrupt("index.json in the archive names no image");
    return offered;
}

Result<std::vector<Offered>> offered_by(const ArchiveMembers& members) {
    if (members.has("manifest.json")) return offered_by_docker(members);
    if (members.has("index.json")) return offered_by_layout(members);
    if (members.has("repositories"))
        return Error::unsupported("this archive was saved by a docker older than 1.10, and has no manifest.json").hint("load it into a docker of before 2024 and save it again");
    return Error::corrupt("this is no archive of images: it has neither a manifest.json nor an index.json").hint("the archive of a filesystem is brought in by `skiff import`");
}

/// An image whose parts fit: each layer is what its config says.
struct Fitting { std::string config; std::vector<size_t> fresh; std::vector<oci::Reference> names; };

Result<Fitting> check(const ArchiveMembers& members, Offered offered) {
    const auto config = TRY_DOING(oci::parse_image_config(offered.config), "an image's config in the archive");
    if (config.diff_ids.size() != offered.layers.size())
        return Error::corrupt("the archive gives an image {} layers, and its config says {}", offered.layers.size(), config.diff_ids.size());
    Fitting image;
    for (size_t i = 0; i < offered.layers.size(); ++i) {
        const auto* layer = TRY(members.layer(offered.layers[i]));
        if (layer->diff_id != config.diff_ids[i])
            return Error::corrupt("the layer {} in the archive is {}, and its image's config says {}", quoted(offered.layers[i]),
                                  layer->diff_id ? layer->diff_id->string() : "nothing", config.diff_ids[i]);
        if (layer->fresh) image.fresh.push_back(*layer->fresh);
    }
    for (const std::string& name : offered.names) image.names.push_back(TRY_DOING(parse_new_name(name), "the archive names an image {}", quoted(name)));
    image.config = std::move(offered.config);
    return image;
}

/// Everything in the archive, and how its jailed readers fared.
Result<ArchiveMembers> take_in(const std::string& root, database::Database& database, const std::string& transfer, kernel::FdView archive,
                               const std::function<void(const TakenLayer&)>& tell) {
    auto stream = TRY(open_tar(transfer, archive));
    auto pipe = TRY(kernel::make_pipe());
    auto splitting = TRY(start_stage(transfer, {"split"}, {{stream.tar, 0}, {kernel::FdView(pipe.writer), 1}}));
    pipe.writer.reset();
    stream.pipe.reset();
    bool is_cut = false;
    FrameReader frames([&](MutableBytes buffer) -> Result<size_t> {
        const size_t size = TRY_DOING(kernel::read_some(pipe.reader, buffer), "read the archive");
        is_cut = is_cut || size == 0;
        return size;
    });
    auto members = ArchiveMembers::read(root, database, transfer, frames, tell);
    if (!members && !is_cut) return members;
    // The first of the readers that failed tells the cause; one that merely lost its reader has no report.
    const auto split = finish_stage(std::move(splitting));
    if (stream.inflating) {
        const auto inflated = finish_stage(std::move(*stream.inflating));
        if (!inflated && (split || !inflated.error().is(Kind::internal))) return inflated.error();
    }
    if (!split) return split.error();
    return members;
}

}  // namespace

Result<std::vector<LoadedImage>> ImageStore::load(kernel::FdView archive, const std::function<void(const std::string& layer, uint64_t size)>& tell) {
    TRY(sweep());
    const auto bring_in = [&]() -> Result<std::vector<LoadedImage>> {
        auto members = TRY(take_in(root_, *database_, transfer_, archive, [&](const TakenLayer& layer) { if (tell) tell(layer.digest, layer.size); }));
        std::vector<Fitting> images;
        std::vector<bool> is_wanted(members.fresh.size());
        for (Offered& offered : TRY(offered_by(members))) {
            images.push_back(TRY(check(members, std::move(offered))));
            for (const size_t layer : images.back().fresh) is_wanted[layer] = true;
        }
        std::vector<StagedLayer*> settled;
        for (size_t i = 0; i < members.fresh.size(); ++i)
            if (is_wanted[i]) settled.push_back(&members.fresh[i].staged);
        TRY(StagedLayer::settle_all(settled));

        std::vector<LoadedImage> loaded;
        for (Fitting& image : images) {
            LoadedImage one;
            for (const auto& name : image.names) {
                one.names.push_back(name.familiar());
                if (auto before = find(name.string()); before) one.renamed.emplace_back(name.familiar(), before->id);
            }
            std::vector<NewLayer*> layers;
            for (const size_t layer : image.fresh) layers.push_back(&members.fresh[layer]);
            one.id = TRY(keep_image(root_, *database_, image.config, layers, image.names, "load"));
            std::erase_if(one.renamed, [&](const auto& renamed) { return renamed.second == one.id; });
            loaded.push_back(std::move(one));
        }
        return loaded;
    };
    auto loaded = bring_in();
    if (!loaded) return saying_which_disk(std::move(loaded).error(), root_);
    return loaded;
}

}  // namespace skiff::image
