// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "codec/json.hpp"
#include "database/database.hpp"
#include "kernel/fd.hpp"
#include "oci/image_config.hpp"

/// Images: what they are called, what they consist of, and where their layers stand on disk. An image that is listed is
/// whole, after a power cut too; what an interrupted operation left is swept by the next. docs/formats/images.md
namespace skiff::image {

/// An image as the database knows it.
struct Image {
    std::string id;                       ///< "sha256:…": the digest of its config document, as Docker
    std::string manifest;                 ///< "sha256:…": the digest of its manifest
    std::vector<std::string> references;  ///< familiar form ("debian:12"), sorted
    int64_t created_ns = 0;               ///< wall clock
    int64_t size = 0;                     ///< bytes of all its files, unpacked
};

struct ImportOptions {
    std::string reference;             ///< "name[:tag]"; empty: untagged
    std::string message;               ///< goes into the history
    std::vector<std::string> changes;  ///< Containerfile instructions (--change), applied in order
    std::string platform;              ///< "linux/arm64"; empty: this machine's
};

struct CommitOptions {
    std::string reference;             ///< "name[:tag]"; empty: untagged
    std::string author, message;
    std::string created_by;            ///< for the history: what ran in the container
    std::vector<std::string> changes;  ///< as of ImportOptions; after `adjust`
    std::function<void(oci::ImageSettings&)> adjust;  ///< puts the container's settings over its image's
    std::function<Result<>()> confirm;                ///< called when the directory has been read: was it whole all the time?
};

/// What `load` brought: an image, its names, and names that another image has lost by that, with its id.
struct LoadedImage {
    std::string id;
    std::vector<std::string> names;  ///< familiar form
    std::vector<std::pair<std::string, std::string>> renamed;
};

/// What `remove` did, in order: "Untagged: debian:12", "Deleted: sha256:…".
struct Removal { bool untagged; std::string name; };

/// The ids of containers that were made from an image. Asked inside the transaction that removes, on the same database.
using UsersOfImage = std::function<Result<std::vector<std::string>>(const std::string& image_id)>;

/// One line of `history`, newest first. Layers that are only settings have size 0.
struct HistoryEntry { std::string image_id, created_by, comment; int64_t created_ns = 0, size = 0; };

class ImageStore {
public:
    /// The store below `root` (made where it is absent), with its tables in `database`. Both must outlive it.
    /// `transfer`: the program skiff-transfer.
    static Result<ImageStore> open(const std::string& root, database::Database& database, std::string transfer);

    /// Makes an image of one layer from a tar archive (plain, gzip or zstd), read to its end from `archive`; returns its
    /// id. Error kinds: `invalid` (reference, change), `corrupt` (archive), `no_space`, `unsupported` (compression).
    /// Nothing of a failed import remains.
    Result<std::string> import_archive(kernel::FdView archive, const ImportOptions& options);

    /// Makes an image of `base_id`'s layers and one more, packed from the directory `upper` (overlayfs' form). The base's are
    /// shared. The same tree gives the same layer. Nothing of a failed commit remains.
    Result<std::string> commit(kernel::FdView upper, const std::string& base_id, CommitOptions options);

    /// Writes these images into an archive that is a docker-archive and an OCI image layout at once; the same images
    /// always give the same bytes. By reference or id; a name without a tag means all its tags, an image meant by its id is
    /// saved without names. On failure what was written is worthless.
    Result<> save(const std::vector<std::string>& references, kernel::FdView file);

    /// Brings in the images of an archive (docker-archive or OCI image layout; plain, gzip or zstd; layers likewise), read to
    /// its end. Every digest is looked at before anything is visible. `tell` hears of each layer that was unpacked. Errors:
    /// `corrupt`, `unsupported`, `invalid` (a name), `no_space`. Nothing of a failed load remains.
    Result<std::vector<LoadedImage>> load(kernel::FdView archive, const std::function<void(const std::string& layer, uint64_t size)>& tell);

    /// By reference ("debian", "debian:12", "docker.io/library/debian:12", "name@sha256:…"), id or unambiguous prefix of
    /// it, with or without "sha256:". Error: `not_found` ("no such image: x:latest"), `invalid` (not a reference, ambiguous).
    Result<Image> find(const std::string& reference);
    /// Newest first.
    Result<std::vector<Image>> list();

    /// The config document (OCI image configuration, specs-go v1). It comes from strangers.
    Result<codec::Json> config(const Image& image);
    /// Its layers' directories on the host, topmost first: overlayfs' lowerdir order. Made to be short. A layer that the image
    /// has twice is named once, at its upper place: what it says there, it need not say further down.
    Result<std::vector<std::string>> layer_directories(const Image& image);
    /// The same layers in the same order, with what is known of each. For whoever explains them.
    struct Layer {
        std::string diff_id, directory;  ///< "sha256:…" of its uncompressed tar; as layer_directories() names it
        int64_t size = 0;                ///< bytes of its files
        int64_t images = 0;              ///< how many images have it
    };
    Result<std::vector<Layer>> layers(const std::string& image_id);
    /// "sha256:…" of the uncompressed layers, lowest first.
    Result<std::vector<std::string>> diff_ids(const Image& image);
    Result<std::vector<HistoryEntry>> history(const Image& image);

    /// Gives `source` the further name `target`, which another image may lose by that.
    Result<> tag(const std::string& source, const std::string& target);
    /// A reference is untagged; with the last one, or named by its id, the image goes too, and each layer that no other
    /// image has. Error (conflict): a container uses it, or an id with several names, without `force`. With `force` an
    /// image that containers use loses its names and stays until they are gone.
    Result<std::vector<Removal>> remove(const std::string& reference, bool force, const UsersOfImage& users);

    /// Deletes what processes that are gone left in staging/, layers/, blobs/ and trash/. Costs four directory listings
    /// when there is nothing to do. Every import begins with it.
    Result<> sweep();

private:
    ImageStore(std::string root, database::Database& database, std::string transfer)
        : root_(std::move(root)), database_(&database), transfer_(std::move(transfer)) {}
    std::string root_;
    database::Database* database_;
    std::string transfer_;
};

}  // namespace skiff::image
