// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// The only way to a path inside a tree that somebody else filled (a root filesystem, a layer, a volume).
/// What a path names is found by descriptors that never leave the tree: symlinks, absolute ones too, are followed as
/// if the tree's top were "/", and ".." at the top stays there. The caller then works on descriptors, never on a
/// path. (defence D1; openat2(2), path_resolution(7))
namespace skiff::kernel {

/// Something found inside a tree: the directory that holds it and its last name, for calls that create or remove.
/// `name` is never empty, ".", ".." nor has a slash.
struct Place { Fd parent; std::string name; };

class Root {
public:
    /// The tree whose top is `path` on the host (followed as the host sees it).
    static Result<Root> open(const std::string& path);
    /// The tree whose top `top` is (O_PATH suffices).
    static Root adopt(Fd top) { return Root(std::move(top)); }

    FdView top() const { return top_; }

    /// Opens what `path` names with `flags` (O_PATH for a handle; O_CLOEXEC is added). Magic links are refused.
    Result<Fd> open_inside(std::string_view path, int flags) const;
    /// The same, but a symlink in the last place is not followed: with O_PATH the handle is the symlink itself.
    Result<Fd> open_inside_nofollow(std::string_view path, int flags) const;

    /// The directory that `path`'s last component stands (or would stand) in. Symlinks before the last are followed;
    /// the last component is neither followed nor looked at. Error (invalid): the path ends at the top.
    Result<Place> place_of(std::string_view path) const;

    /// Like mkdir -p inside the tree; returns a handle (O_PATH) on the directory. Dangling symlinks on the way are
    /// followed and what they name is made, inside the tree. What exists stays as it is.
    Result<Fd> make_directories(std::string_view path, mode_t mode) const;
    /// A handle (O_PATH) on the regular file at `path`, made empty where it is absent, with its parents (0755).
    Result<Fd> make_file(std::string_view path, mode_t mode) const;

private:
    explicit Root(Fd top) : top_(std::move(top)) {}
    Fd top_;
};

/// Names of a path without empty ones and "." ("a//b/./c" → a b c); ".." is kept.
std::vector<std::string_view> components_of(std::string_view path);

/// The filesystem's magic number of what `fd` is (fstatfs(2)): PROC_SUPER_MAGIC and friends.
Result<uint64_t> filesystem_magic(FdView fd);

/// Opens a handle again with other flags, by /proc/self/fd of our own procfs (O_PATH → readable).
Result<Fd> reopen(FdView handle, int flags);

}  // namespace skiff::kernel
