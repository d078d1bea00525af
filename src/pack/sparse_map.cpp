// SPDX-License-Identifier: Apache-2.0
#include "pack/sparse_map.hpp"

#include "base/text.hpp"

namespace skiff::pack {

Result<> check_sparse(const Entry& entry, uint64_t stored) {
    const auto refuse = [&](std::string_view why) { return Error::corrupt("the map of the sparse file {} is wrong: {}", quoted(entry.path), why); };
    uint64_t end = 0, sum = 0;
    for (const Extent& extent : entry.extents) {
        if (extent.offset < end) return refuse("its pieces overlap");
        if (extent.size > entry.size || extent.offset > entry.size - extent.size) return refuse("a piece lies behind the end");
        end = extent.offset + extent.size;
        sum += extent.size;
    }
    if (sum != stored) return refuse(format("its pieces have {} bytes, the archive holds {}", sum, stored));
    return {};
}

Result<> SparseMapText::add(std::string_view block) {
    constexpr size_t k_longest_number = 20;
    for (const char c : block) {
        if (is_complete()) return {};  // the rest of the block is filling
        if (c != '\n') {
            line_ += c;
            if (line_.size() > k_longest_number) return Error::corrupt("the map of a sparse file is no list of numbers");
            continue;
        }
        const auto number = parse_uint(line_);
        if (!number || *number > uint64_t{INT64_MAX}) return Error::corrupt("the map of a sparse file is no list of numbers");
        line_.clear();
        TRY(take_number(*number));
    }
    return {};
}

Result<> SparseMapText::take_number(uint64_t number) {
    if (!count_) {
        if (number > most_) return Error::corrupt("a sparse file has {} pieces; at most {} are read", number, most_);
        count_ = number;
    } else if (!offset_) {
        offset_ = number;
    } else {
        extents_.push_back({*offset_, number});
        offset_.reset();
    }
    return {};
}

}  // namespace skiff::pack
