// SPDX-License-Identifier: Apache-2.0
#include "image/blob_store.hpp"

#include <vector>

#include "base/hash.hpp"
#include "kernel/file.hpp"
#include "kernel/file_draft.hpp"

namespace skiff::image {
namespace {

constexpr size_t k_longest_document = 4 << 20;

}  // namespace

Result<BlobStore> BlobStore::open(const std::string& root) {
    const std::string path = root + "/blobs/sha256";
    TRY(kernel::make_directories(path, 0700));
    return BlobStore(TRY(kernel::open_directory(path)));
}

Result<> BlobStore::put(const oci::Digest& promised, kernel::FdView source) {
    auto draft = TRY(kernel::Draft::in(blobs_));
    Sha256 hash;
    std::vector<std::byte> buffer(256 << 10);
    for (size_t size = TRY(kernel::read_some(source, buffer)); size > 0; size = TRY(kernel::read_some(source, buffer))) {
        const Bytes piece(buffer.data(), size);
        hash.add(piece);
        TRY(draft.write(piece));
    }
    if (const auto found = oci::Digest::from_sum(hash.finish_hex()); found != promised)
        return Error::corrupt("the blob promised {} but its bytes are {}", promised, found);
    TRY(draft.publish(blobs_, promised.hex()));
    return kernel::sync_directory(blobs_);
}

Result<oci::Digest> BlobStore::put(std::string_view document) {
    auto digest = oci::Digest::of(bytes_of(document));
    auto draft = TRY(kernel::Draft::in(blobs_));
    TRY(draft.write(bytes_of(document)));
    TRY(draft.publish(blobs_, digest.hex()));
    TRY(kernel::sync_directory(blobs_));
    return digest;
}

Result<std::string> BlobStore::read(const oci::Digest& digest) const {
    std::string document = TRY_DOING(kernel::read_whole_file_at(blobs_, digest.hex(), k_longest_document), "read the blob {}", digest.brief());
    if (const auto found = oci::Digest::of(bytes_of(document)); found != digest)
        return Error::corrupt("the blob {} is damaged: its bytes are {}", digest, found);
    return document;
}

Result<> BlobStore::remove(const oci::Digest& digest) { return kernel::remove_file_at(blobs_, digest.hex()); }

}  // namespace skiff::image
