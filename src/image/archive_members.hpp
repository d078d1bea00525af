// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"
#include "image/archive_frames.hpp"
#include "image/keep.hpp"
#include "oci/digest.hpp"

namespace skiff::image {

/// A member of an archive that is a layer.
struct ArchivedLayer {
    oci::Digest stored;                  ///< of its bytes as they stand in the archive
    uint64_t stored_size = 0;
    std::optional<oci::Digest> diff_id;  ///< of the tar that they are; nothing where they are none
    std::optional<Error> problem;        ///< why not
    std::optional<size_t> fresh;         ///< in ArchiveMembers::fresh; nothing for a layer that the store has
};

/// What is told of a layer that was taken in.
struct TakenLayer { std::string digest; uint64_t size = 0; };

/// Everything in an archive of images, taken in from front to back in one reading, for an archive may come through a pipe and
/// its table of contents may stand last: documents are kept, and what may be a layer is unpacked into staging at once.
/// Nothing of it is visible, and what nobody asks for goes with this.
class ArchiveMembers {
public:
    /// Error (corrupt): cut short, too many or too large documents, no archive of images at all.
    static Result<ArchiveMembers> read(const std::string& root, database::Database& database, const std::string& transfer, FrameReader& frames,
                                       const std::function<void(const TakenLayer&)>& tell);

    /// A document by its name, links followed inside the archive. Error (corrupt): there is none; a blob (blobs/sha256/HEX) is
    /// not what its name says.
    Result<std::string> document(const std::string& name) const;
    bool has(const std::string& name) const { return documents_.contains(resolve(name)); }
    /// The same for a layer.
    Result<const ArchivedLayer*> layer(const std::string& name) const;

    std::vector<NewLayer> fresh;

private:
    Result<> take_file(const Frame& frame, FrameReader& frames);
    Result<> take_layer(const std::string& name, const ByteFeed& feed, bool is_compressed);
    std::string resolve(const std::string& name) const;

    std::string root_, transfer_;
    database::Database* database_ = nullptr;
    std::function<void(const TakenLayer&)> tell_;
    std::map<std::string, std::string> documents_, links_;
    std::map<std::string, ArchivedLayer> layers_;
    size_t document_bytes_ = 0, members_ = 0, strangers_ = 0;
};

/// "./a//b/../c" → "a/c"; a name that leads out of the archive stays inside.
std::string member_name(std::string_view name);

}  // namespace skiff::image
