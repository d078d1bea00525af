// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "pack/entry.hpp"

namespace skiff::pack {

/// Whether the extents are ascending, apart, inside the file, and add up to the bytes that the archive stores for it.
/// Error (corrupt): they are not; two readers of such an entry would see two files.
Result<> check_sparse(const Entry& entry, uint64_t stored);

/// The map of GNU's sparse format 1.0: lines of decimal numbers, the count of extents first, then offset and size of
/// each; taken a block at a time.
class SparseMapText {
public:
    explicit SparseMapText(size_t most_extents) : most_(most_extents) {}
    Result<> add(std::string_view block);
    bool is_complete() const { return count_ && extents_.size() == *count_ && !offset_; }
    std::vector<Extent> take() && { return std::move(extents_); }

private:
    Result<> take_number(uint64_t number);
    size_t most_;
    std::string line_;  // begun in an earlier block
    std::optional<uint64_t> count_, offset_;
    std::vector<Extent> extents_;
};

}  // namespace skiff::pack
