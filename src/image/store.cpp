// SPDX-License-Identifier: Apache-2.0
// Opening, looking up and reading; each verb that changes something has a file of its own.
#include "image/store.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "image/blob_store.hpp"
#include "image/schema.hpp"
#include "kernel/file.hpp"
#include "oci/image_config.hpp"
#include "oci/reference.hpp"

namespace skiff::image {
namespace {

constexpr std::string_view k_prefix = "sha256:";
constexpr std::string_view k_columns = "SELECT id, manifest, created, size FROM images";

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A row of k_columns, without its names.
Image image_in(const database::Statement& row) {
    return {.id = row.text(0), .manifest = row.text(1), .references = {}, .created_ns = row.number(2), .size = row.number(3)};
}

Result<> add_names(database::Database& database, Image& image) {
    auto names = TRY(database.query("SELECT reference FROM image_names WHERE image = ?", {image.id}));
    while (TRY(names.step())) image.references.push_back(TRY(oci::Reference::parse(names.text(0))).familiar());
    std::sort(image.references.begin(), image.references.end());
    return {};
}

Result<oci::ImageConfig> config_of(const std::string& root, const Image& image) {
    const auto blobs = TRY(BlobStore::open(root));
    return oci::parse_image_config(TRY(blobs.read(TRY(oci::Digest::parse(image.id)))));
}

}  // namespace

Result<ImageStore> ImageStore::open(const std::string& root, database::Database& database, std::string transfer) {
    for (const char* folder : {"/blobs/sha256", "/layers", "/staging", "/trash"})
        if (!TRY(kernel::exists(root + folder))) TRY(kernel::make_directories(root + folder, 0700));
    TRY(database.migrate("image", k_schema));
    return ImageStore(root, database, std::move(transfer));
}

Result<Image> ImageStore::find(const std::string& text) {
    const auto whole = [&](database::Statement row) -> Result<Image> {
        Image image = image_in(row);
        TRY(add_names(*database_, image));
        return image;
    };

    auto reference = oci::Reference::parse(text);
    std::string shown = reference ? reference->familiar() : text;
    if (reference) {
        auto named = reference->digest()
            ? TRY(database_->query(format("{} WHERE manifest = ? AND EXISTS (SELECT 1 FROM image_names WHERE image = images.id AND "
                                          "substr(reference, 1, length(?) + 1) = ? || ':')", k_columns),
                                   {reference->digest()->string(), reference->name(), reference->name()}))
            : TRY(database_->query(format("{} WHERE id = (SELECT image FROM image_names WHERE reference = ?)", k_columns), {reference->string()}));
        if (TRY(named.step())) return whole(std::move(named));
    }

    // An id or the beginning of one. What is a name and the beginning of an id is the name.
    std::string_view digits = text;
    if (digits.starts_with(k_prefix)) digits.remove_prefix(k_prefix.size());
    if (digits.size() <= 64 && is_hex(digits)) {
        const std::string from = format("{}{}", k_prefix, digits);
        auto found = TRY(database_->query(format("{} WHERE id >= ? AND id < ? LIMIT 2", k_columns), {from, from + "g"}));
        if (TRY(found.step())) {
            Image image = image_in(found);
            if (TRY(found.step())) return Error::invalid("more than one image has an id that begins with {}", digits);
            TRY(add_names(*database_, image));
            return image;
        }
        if (!reference) return Error::not_found("no such image: {}", text);
    }
    if (!reference) return std::move(reference).error();
    return Error::not_found("no such image: {}", shown);
}

Result<std::vector<Image>> ImageStore::list() {
    std::vector<Image> images;
    auto rows = TRY(database_->query(format("{} ORDER BY created DESC, id", k_columns)));
    while (TRY(rows.step())) images.push_back(image_in(rows));
    for (Image& image : images) TRY(add_names(*database_, image));
    return images;
}

Result<codec::Json> ImageStore::config(const Image& image) {
    const auto blobs = TRY(BlobStore::open(root_));
    return codec::parse_json(TRY(blobs.read(TRY(oci::Digest::parse(image.id)))));
}

Result<std::vector<std::string>> ImageStore::layer_directories(const Image& image) {
    std::vector<std::string> directories;
    auto rows = TRY(database_->query("SELECT directory FROM image_layers JOIN layers USING (diff_id) WHERE image = ? GROUP BY diff_id ORDER BY max(position) DESC", {image.id}));
    while (TRY(rows.step())) directories.push_back(format("{}/layers/{}/diff", root_, rows.text(0)));
    return directories;
}

Result<std::vector<ImageStore::Layer>> ImageStore::layers(const std::string& image_id) {
    std::vector<Layer> layers;
    auto rows = TRY(database_->query("SELECT diff_id, directory, size, (SELECT count(DISTINCT image) FROM image_layers AS others WHERE others.diff_id = layers.diff_id) "
                                     "FROM image_layers JOIN layers USING (diff_id) WHERE image = ? GROUP BY diff_id ORDER BY max(position) DESC", {image_id}));
    while (TRY(rows.step())) {
        Layer layer;
        layer.diff_id = rows.text(0);
        layer.directory = format("{}/layers/{}/diff", root_, rows.text(1));
        layer.size = rows.number(2);
        layer.images = rows.number(3);
        layers.push_back(std::move(layer));
    }
    return layers;
}

Result<std::vector<std::string>> ImageStore::diff_ids(const Image& image) {
    std::vector<std::string> ids;
    auto rows = TRY(database_->query("SELECT diff_id FROM image_layers WHERE image = ? ORDER BY position", {image.id}));
    while (TRY(rows.step())) ids.push_back(rows.text(0));
    return ids;
}

Result<std::vector<HistoryEntry>> ImageStore::history(const Image& image) {
    const auto config = TRY(config_of(root_, image));
    std::vector<int64_t> sizes;
    auto rows = TRY(database_->query("SELECT layers.size FROM image_layers JOIN layers USING (diff_id) WHERE image = ? ORDER BY position", {image.id}));
    while (TRY(rows.step())) sizes.push_back(rows.number(0));

    std::vector<HistoryEntry> entries;
    size_t layer = 0;
    for (const oci::HistoryEntry& step : config.history) {
        HistoryEntry entry{.image_id = "", .created_by = step.created_by, .comment = step.comment};
        if (!step.created.empty()) entry.created_ns = TRY(parse_rfc3339(step.created));
        if (!step.empty_layer && layer < sizes.size()) entry.size = sizes[layer++];
        entries.push_back(std::move(entry));
    }
    // Layers that the history does not tell of come last, as Docker shows them.
    for (; layer < sizes.size(); ++layer) entries.push_back({.image_id = "", .created_by = "", .comment = "", .created_ns = 0, .size = sizes[layer]});
    std::reverse(entries.begin(), entries.end());
    if (!entries.empty()) entries.front().image_id = image.id;
    return entries;
}

}  // namespace skiff::image
