// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "kernel/root.hpp"
#include "pack/tar_writer.hpp"
#include "transfer/layer_apply.hpp"

namespace skiff::transfer {

/// The reverse of LayerApply: a tree as entries of an archive, sorted, so that the same tree always gives the same bytes.
/// A layer's marks of overlayfs become those of image-spec layer.md. Sockets are left out: an archive cannot hold them.
class LayerPack {
public:
    /// `opaque_mark` is kernel::opaque_mark(), to be asked before the jail is entered.
    LayerPack(const kernel::Root& root, TreeKind kind, pack::TarWriter& writer, const char* opaque_mark = "trusted.overlay.opaque")
        : root_(root), kind_(kind), writer_(writer), opaque_mark_(opaque_mark) {}

    /// Everything below the top, and the end mark. Errors: `unsupported` (a directory that overlayfs moved, a tree deeper
    /// than archives may be); each says what it was.
    Result<Applied> all();

private:
    Result<> directory(kernel::FdView handle, const std::string& path, int depth);
    Result<> entry(kernel::FdView parent, const std::string& parent_path, const std::string& name, int depth);
    Result<> file(kernel::FdView handle, pack::Entry& entry);
    Result<> mark(const std::string& path);
    Result<> add(const pack::Entry& entry);

    const kernel::Root& root_;
    TreeKind kind_;
    pack::TarWriter& writer_;
    const char* opaque_mark_;
    std::map<std::pair<dev_t, ino_t>, std::string> first_names_;  // of files with several names
    Applied applied_;
};

}  // namespace skiff::transfer
