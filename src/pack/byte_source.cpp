// SPDX-License-Identifier: Apache-2.0
#include "pack/byte_source.hpp"

#include <algorithm>

#include "kernel/file.hpp"

namespace skiff::pack {

Result<size_t> FdSource::read(MutableBytes buffer) { return kernel::read_some(fd_, buffer); }

Result<size_t> MemorySource::read(MutableBytes buffer) {
    const size_t size = std::min({buffer.size(), rest_.size(), piece_});
    std::copy_n(rest_.begin(), size, buffer.begin());
    rest_ = rest_.subspan(size);
    return size;
}

}  // namespace skiff::pack
