// SPDX-License-Identifier: Apache-2.0
// A container's read/write layer → one layer on top of those that it stands on. The jailed packer and the jailed unpacker
// with us between them, so that a committed layer goes the way of every other: hashed here, and nothing kept twice.
#include "base/time.hpp"
#include "image/change.hpp"
#include "image/keep.hpp"
#include "image/names.hpp"
#include "image/stage.hpp"
#include "image/store.hpp"
#include "image/unpack.hpp"
#include "kernel/pipe.hpp"

namespace skiff::image {
namespace {

/// Nothing where the container changed nothing.
Result<std::optional<NewLayer>> pack_layer(const std::string& root, const std::string& transfer, kernel::FdView tree) {
    auto staged = TRY(StagedLayer::begin(root));
    auto stream = TRY(kernel::make_pipe());
    auto packing = TRY(start_stage(transfer, {"pack", "layer"}, {{kernel::FdView(stream.writer), 1}, {tree, k_target_descriptor}}));
    stream.writer.reset();
    auto unpacked = unpack_archive(transfer, stream.reader, staged, ArchiveKind::layer);
    stream.reader.reset();
    // Where both failed: a cut stream makes the reader complain, and a reader that stopped makes the writer fail.
    auto packed = finish_stage(std::move(packing));
    if (!unpacked && (packed || !unpacked.error().is(Kind::corrupt))) return std::move(unpacked).error();
    if (!packed) return std::move(packed).error();
    if (unpacked->entries == 0) return std::optional<NewLayer>();
    TRY(staged.settle());
    return std::optional<NewLayer>(NewLayer{std::move(staged), std::move(*unpacked)});
}

}  // namespace

Result<std::string> ImageStore::commit(kernel::FdView upper, const std::string& base_id, CommitOptions options) {
    std::vector<oci::Reference> names;
    if (!options.reference.empty()) names.push_back(TRY(parse_new_name(options.reference)));
    const Image base = TRY(find(base_id));
    const auto base_config = TRY(this->config(base));
    auto config = TRY(oci::parse_image_config(base_config.to_text()));
    options.adjust(config.config);
    for (const std::string& change : options.changes) TRY_DOING(apply_change(change, config.config), "change {}", change);
    TRY(sweep());

    const auto bring_in = [&]() -> Result<std::string> {
        auto layer = TRY(pack_layer(root_, transfer_, upper));
        TRY(options.confirm());
        config.created = to_rfc3339(wall_ns());
        config.author = options.author;
        oci::HistoryEntry step;
        step.created = config.created;
        step.created_by = options.created_by;
        step.author = options.author;
        step.comment = options.message;
        step.empty_layer = !layer;
        config.history.push_back(std::move(step));
        std::vector<NewLayer*> fresh;
        if (layer) {
            config.diff_ids.push_back(layer->unpacked.diff_id);
            fresh.push_back(&*layer);
        }
        return keep_image(root_, *database_, oci::to_json(config), fresh, names, names.empty() ? "create" : "tag");
    };
    auto id = bring_in();
    if (!id) return saying_which_disk(std::move(id).error(), root_);
    return id;
}

}  // namespace skiff::image
