// SPDX-License-Identifier: Apache-2.0
// One tar archive → one layer → one image. The order of steps is the promise: unpacked, hashed, on disk, in its place,
// documents on disk, and only then a row that makes it visible.
#include "base/time.hpp"
#include "image/change.hpp"
#include "image/keep.hpp"
#include "image/names.hpp"
#include "image/staging.hpp"
#include "image/store.hpp"
#include "image/unpack.hpp"
#include "oci/image_config.hpp"

namespace skiff::image {
namespace {

oci::ImageConfig config_for(const oci::Digest& diff_id, const ImportOptions& options, oci::Platform platform, oci::ImageSettings settings) {
    const std::string now = to_rfc3339(wall_ns());
    oci::ImageConfig config;
    config.created = now;
    config.platform = std::move(platform);
    config.config = std::move(settings);
    config.diff_ids = {diff_id};
    oci::HistoryEntry step;
    step.created = now;
    step.comment = options.message.empty() ? "Imported from -" : options.message;
    config.history.push_back(std::move(step));
    return config;
}

}  // namespace

Result<std::string> ImageStore::import_archive(kernel::FdView archive, const ImportOptions& options) {
    std::optional<oci::Reference> name;
    if (!options.reference.empty()) name = TRY(parse_new_name(options.reference));
    auto platform = options.platform.empty() ? oci::Platform::of_this_machine() : TRY(oci::Platform::parse(options.platform));
    if (platform.os != "linux") return Error::unsupported("--platform {}: images of skiff are for linux", platform.string());
    oci::ImageSettings settings;
    for (const std::string& change : options.changes) TRY_DOING(apply_change(change, settings), "change {}", change);
    TRY(sweep());

    const auto bring_in = [&]() -> Result<std::string> {
        auto staged = TRY(StagedLayer::begin(root_));
        Unpacked unpacked = TRY(unpack_archive(transfer_, archive, staged, ArchiveKind::root_filesystem));
        TRY(staged.settle());
        const std::string config = oci::to_json(config_for(unpacked.diff_id, options, std::move(platform), std::move(settings)));
        NewLayer layer{std::move(staged), std::move(unpacked)};
        std::vector<oci::Reference> names;
        if (name) names.push_back(*name);
        return keep_image(root_, *database_, config, {&layer}, names, "import");
    };
    auto id = bring_in();
    if (!id) return saying_which_disk(std::move(id).error(), root_);
    return id;
}

}  // namespace skiff::image
