// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "oci/digest.hpp"

namespace skiff::image {

/// Bytes by what they hash to: blobs/sha256/HEX. A blob that has a name is whole and verified, after a power cut too.
class BlobStore {
public:
    /// Made where it is absent.
    static Result<BlobStore> open(const std::string& root);

    /// Keeps everything that `source` holds under `promised`. Error (corrupt): it hashes to something else, and the
    /// store is as before.
    Result<> put(const oci::Digest& promised, kernel::FdView source);
    /// Keeps a document; returns its name.
    Result<oci::Digest> put(std::string_view document);

    /// A document of at most 4 MiB, verified again. Error (not_found), (corrupt).
    Result<std::string> read(const oci::Digest& digest) const;
    /// Absent is success.
    Result<> remove(const oci::Digest& digest);

private:
    explicit BlobStore(kernel::Fd blobs) : blobs_(std::move(blobs)) {}
    kernel::Fd blobs_;
};

}  // namespace skiff::image
