// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/root.hpp"
#include "pack/byte_source.hpp"
#include "pack/tar_reader.hpp"

/// A recipe is a tar archive without its files' data: what stands in the headers, and for the data where in which file it
/// is. With the unpacked files it gives the archive again, byte for byte. Records, numbers little-endian:
///
///     'B' u32 size, bytes         these bytes
///     'F' u16 size, path          the file that the next pieces are of
///     'D' u64 offset, u64 size    this piece of it
namespace skiff::pack {

/// Writes the recipe of the archive that a TarReader reads.
class RecipeWriter final : public TarListener {
public:
    explicit RecipeWriter(kernel::FdView file) : file_(file) {}
    Result<> begin(const Entry& entry) override;
    Result<> rest(Bytes bytes) override;
    Result<> data(uint64_t offset, Bytes bytes) override;
    /// After the archive's end.
    Result<> finish();

private:
    Result<> end_bytes();
    Result<> end_piece();
    Result<> put(std::string_view text);
    kernel::FdView file_;
    std::string path_, bytes_, out_;
    uint64_t offset_ = 0, size_ = 0;  // the piece that is not written yet
    bool is_named_ = false;
};

/// Makes the archive again. Nothing of `recipe` is trusted: paths are found inside `tree` only, and whether the result is
/// the archive of old the caller finds out by its digest. Error (corrupt): no recipe, or a file of it is not there.
Result<> follow_recipe(ByteSource& recipe, const kernel::Root& tree, const std::function<Result<>(Bytes)>& sink);

}  // namespace skiff::pack
