// SPDX-License-Identifier: Apache-2.0
// The decision and the rows go in one transaction; the files after it, so that no crash leaves a row without its files.
#include <algorithm>
#include <set>

#include "image/blob_store.hpp"
#include "image/names.hpp"
#include "image/staging.hpp"
#include "image/store.hpp"
#include "kernel/file.hpp"
#include "oci/reference.hpp"

namespace skiff::image {
namespace {

using database::Database;

std::string_view brief(std::string_view id) { return id.substr(id.starts_with("sha256:") ? 7 : 0).substr(0, 12); }

/// The name among the image's that was meant; empty when it was named by its id.
std::string name_meant(const Image& image, const std::string& typed) {
    const auto reference = oci::Reference::parse(typed);
    if (!reference) return {};
    const std::string familiar = reference->familiar();
    return std::find(image.references.begin(), image.references.end(), familiar) != image.references.end() ? familiar : std::string();
}

Result<size_t> repositories_of(const Image& image) {
    std::set<std::string> names;
    for (const std::string& text : image.references) {
        const auto reference = TRY(oci::Reference::parse(text));
        names.insert(reference.name());
    }
    return names.size();
}

Result<> forget_name(Database& database, const Image& image, const std::string& familiar, std::vector<Removal>& done) {
    const auto reference = TRY(oci::Reference::parse(familiar));
    TRY(database.run("DELETE FROM image_names WHERE reference = ?", {reference.string()}));
    TRY(note_image_event(database, "untag", image.id, familiar));
    done.push_back({true, familiar});
    return {};
}

/// The image's rows, and those of layers that nobody has any more, whose directories it returns.
Result<std::vector<std::string>> forget_image(Database& database, const Image& image, std::vector<Removal>& done) {
    TRY(database.run("DELETE FROM images WHERE id = ?", {image.id}));
    TRY(note_image_event(database, "delete", image.id, ""));
    done.push_back({false, image.id});
    std::vector<std::string> directories;
    auto orphans = TRY(database.query("SELECT diff_id, directory FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)"));
    while (TRY(orphans.step())) {
        done.push_back({false, orphans.text(0)});
        directories.push_back(orphans.text(1));
    }
    TRY(database.run("DELETE FROM layers WHERE diff_id NOT IN (SELECT diff_id FROM image_layers)"));
    return directories;
}

/// Deletes the image's documents, unless an import has made the same image again meanwhile.
Result<> remove_documents(const std::string& root, Database& database, const Image& image) {
    const auto nobody_adds = TRY(kernel::Lock::take(root + k_blobs_lock));
    auto blobs = TRY(BlobStore::open(root));
    for (const std::string& digest : {image.id, image.manifest}) {
        auto used = TRY(database.query("SELECT 1 FROM images WHERE id = ? OR manifest = ?", {digest, digest}));
        if (!TRY(used.step())) TRY(blobs.remove(TRY(oci::Digest::parse(digest))));
    }
    return {};
}

}  // namespace

Result<std::vector<Removal>> ImageStore::remove(const std::string& typed, bool force, const UsersOfImage& users) {
    std::vector<Removal> done;
    std::vector<std::string> directories;
    bool is_gone = false;
    auto transaction = TRY(database::Transaction::begin(*database_, database::Promise::survives_power_cut));
    const Image image = TRY(find(typed));
    const std::string name = name_meant(image, typed);

    if (!name.empty() && image.references.size() > 1) {
        TRY(forget_name(*database_, image, name, done));
    } else {
        const auto containers = TRY(users(image.id));
        if (!containers.empty() && !force) {
            const auto error = name.empty()
                ? Error::conflict("unable to delete {}: container {} was made from it", brief(image.id), brief(containers.front()))
                : Error::conflict("unable to remove {}: container {} was made from its image {}", name, brief(containers.front()), brief(image.id));
            return Error(error).hint("remove the container first, or use force");
        }
        if (name.empty() && !force && TRY(repositories_of(image)) > 1)
            return Error::conflict("unable to delete {}: it has names in more than one repository", brief(image.id)).hint("use force");
        for (const std::string& reference : image.references) TRY(forget_name(*database_, image, reference, done));
        is_gone = containers.empty();
        if (is_gone) directories = TRY(forget_image(*database_, image, done));
    }
    TRY(transaction.commit());

    // From here on it is gone whatever happens; what a crash leaves, sweep() finds.
    for (const std::string& directory : directories) TRY(discard(root_, "layers", directory));
    if (is_gone) TRY(remove_documents(root_, *database_, image));
    return done;
}

}  // namespace skiff::image
