// SPDX-License-Identifier: Apache-2.0
// What `system check` asks of the image store. Rows are read first and looked at again when something is wrong, for an
// image may be removed while its layers are hashed.
#include "image/check.hpp"

#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "image/blob_store.hpp"
#include "image/layer_archive.hpp"
#include "image/staging.hpp"
#include "kernel/file.hpp"
#include "oci/image_config.hpp"

namespace skiff::image {
namespace {

using database::Database;

struct ImageRow { std::string id, manifest; };
struct LayerRow { std::string diff_id, directory; uint64_t tar_size = 0; };
struct LayerFlaw { std::string where, says; bool is_unusable = true; };

constexpr const char* k_names_of_nothing = "SELECT reference FROM image_names WHERE image NOT IN (SELECT id FROM images)";
constexpr const char* k_orders_of_nothing = "SELECT DISTINCT image FROM image_layers WHERE image NOT IN (SELECT id FROM images)";
constexpr const char* k_layers_of_nothing = "SELECT diff_id FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)";

Result<bool> has_row(Database& database, const char* sql, std::initializer_list<database::Value> values) {
    auto rows = TRY(database.query(sql, values));
    return rows.step();
}

/// Nothing where the layer is as it was imported.
Result<std::optional<LayerFlaw>> look_at_layer(const std::string& root, const std::string& transfer, const LayerRow& row, bool quick) {
    const std::string directory = format("{}/layers/{}", root, row.directory);
    for (const char* part : {"/diff", "/recipe"})
        if (!TRY(kernel::exists(directory + part))) {
            const bool is_tree = std::string_view(part) == "/diff";
            return std::optional(LayerFlaw{directory + part, is_tree ? "the layer's files are gone" : "the layer's recipe is gone, so that its archive cannot be made again", is_tree});
        }
    if (quick) return std::optional<LayerFlaw>();
    const auto digest = TRY(oci::Digest::parse(row.diff_id));
    const auto assembled = assemble_layer(transfer, {directory, digest, row.tar_size}, [](Bytes) { return Result<>(); });
    if (assembled) return std::optional<LayerFlaw>();
    if (assembled.error().is(Kind::corrupt)) return std::optional(LayerFlaw{directory, "the layer's files or its recipe are not what they were when it was imported"});
    if (assembled.error().is(Kind::not_found)) return std::optional(LayerFlaw{directory, "the layer is gone"});
    return assembled.error();
}

Result<std::vector<LayerRow>> layers_of(Database& database, const std::string& image) {
    std::vector<LayerRow> layers;
    auto rows = TRY(database.query("SELECT l.diff_id, l.directory, l.tar_size FROM image_layers i JOIN layers l USING (diff_id) WHERE i.image = ? ORDER BY i.position", {image}));
    while (TRY(rows.step())) layers.push_back({rows.text(0), rows.text(1), static_cast<uint64_t>(rows.number(2))});
    return layers;
}

/// The documents, and whether the rows name the layers that the configuration names.
Result<> look_at_documents(const std::string& root, const ImageRow& image, const std::vector<LayerRow>& layers, std::vector<Damage>& found) {
    const auto blobs = TRY(BlobStore::open(root));
    for (const std::string* name : {&image.id, &image.manifest}) {
        const bool is_config = name == &image.id;
        const auto digest = TRY(oci::Digest::parse(*name));
        const auto document = blobs.read(digest);
        const std::string where = format("{}/blobs/sha256/{}", root, name->substr(name->find(':') + 1));
        const char* what = is_config ? "the image's configuration" : "the image's manifest";
        if (!document && document.error().is(Kind::not_found)) found.push_back({image.id, where, format("{} is gone", what)});
        else if (!document && document.error().is(Kind::corrupt)) found.push_back({image.id, where, format("{} has other bytes than its name promises", what)});
        else if (!document) return document.error();
        else if (is_config) {
            const auto config = TRY(oci::parse_image_config(*document));
            bool is_same = config.diff_ids.size() == layers.size();
            for (size_t i = 0; is_same && i < layers.size(); ++i) is_same = config.diff_ids[i].string() == layers[i].diff_id;
            if (!is_same) found.push_back({image.id, root + "/skiff.db", "the database knows other layers of the image than its configuration names"});
        }
    }
    return {};
}

/// Whether nobody lives who made it: a lock that can be had, or none.
bool is_unheld(const std::string& directory) {
    const auto lock = kernel::Lock::try_take(directory + "/lock");
    return lock || !lock.error().is(Kind::conflict);
}

}  // namespace

Result<std::vector<Damage>> find_damage(const std::string& root, Database& database, const std::string& transfer, bool quick) {
    std::vector<ImageRow> images;
    auto rows = TRY(database.query("SELECT id, manifest FROM images ORDER BY id"));
    while (TRY(rows.step())) images.push_back({rows.text(0), rows.text(1)});

    std::vector<Damage> damages;
    std::map<std::string, std::optional<LayerFlaw>> looked_at;  // a layer that images share is hashed once
    for (const ImageRow& image : images) {
        const auto layers = TRY(layers_of(database, image.id));
        std::vector<Damage> found;
        TRY(look_at_documents(root, image, layers, found));
        for (const LayerRow& layer : layers) {
            if (!looked_at.contains(layer.diff_id)) looked_at[layer.diff_id] = TRY(look_at_layer(root, transfer, layer, quick));
            const auto& flaw = looked_at[layer.diff_id];
            if (flaw) found.push_back({image.id, flaw->where, flaw->says, flaw->is_unusable});
        }
        if (!found.empty() && TRY(has_row(database, "SELECT 1 FROM images WHERE id = ?", {image.id})))
            for (Damage& damage : found) damages.push_back(std::move(damage));
    }
    return damages;
}

Result<std::vector<std::string>> find_strays(const std::string& root, Database& database) {
    std::vector<std::string> strays;
    for (const std::string& name : TRY(kernel::list_directory(root + "/staging")))
        if (is_unheld(root + "/staging/" + name) && TRY(kernel::exists(root + "/staging/" + name))) strays.push_back(root + "/staging/" + name);
    for (const std::string& name : TRY(kernel::list_directory(root + "/layers"))) {
        const std::string path = root + "/layers/" + name;
        if (TRY(has_row(database, "SELECT 1 FROM layers WHERE directory = ?", {name})) || !is_unheld(path)) continue;
        // Once more: its maker may have told the database between our two looks.
        if (!TRY(has_row(database, "SELECT 1 FROM layers WHERE directory = ?", {name})) && TRY(kernel::exists(path))) strays.push_back(path);
    }
    const auto nobody_adds = kernel::Lock::try_take(root + k_blobs_lock);
    if (!nobody_adds && nobody_adds.error().is(Kind::conflict)) return strays;  // blobs come before their rows
    if (!nobody_adds) return nobody_adds.error();
    for (const std::string& hex : TRY(kernel::list_directory(root + "/blobs/sha256")))
        if (!TRY(has_row(database, "SELECT 1 FROM images WHERE id = ?1 OR manifest = ?1", {"sha256:" + hex}))) strays.push_back(root + "/blobs/sha256/" + hex);
    return strays;
}

Result<std::vector<std::string>> find_loose_rows(Database& database) {
    std::vector<std::string> sentences;
    auto names = TRY(database.query(k_names_of_nothing));
    while (TRY(names.step())) sentences.push_back(format("the name {} belongs to no image", names.text(0)));
    auto orders = TRY(database.query(k_orders_of_nothing));
    while (TRY(orders.step())) sentences.push_back(format("layers are listed for the image {}, which is not there", orders.text(0)));
    auto layers = TRY(database.query(k_layers_of_nothing));
    while (TRY(layers.step())) sentences.push_back(format("the layer {} belongs to no image", layers.text(0)));
    return sentences;
}

Result<> forget_loose_rows(Database& database) {
    auto transaction = TRY(database::Transaction::begin(database, database::Promise::survives_power_cut));
    TRY(database.run("DELETE FROM image_names WHERE image NOT IN (SELECT id FROM images)"));
    TRY(database.run("DELETE FROM image_layers WHERE image NOT IN (SELECT id FROM images)"));
    TRY(database.run("DELETE FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)"));
    return transaction.commit();
}

}  // namespace skiff::image
