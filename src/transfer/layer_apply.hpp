// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/root_place.hpp"
#include "kernel/user_namespace.hpp"
#include "pack/tar_reader.hpp"

namespace skiff::transfer {

enum class TreeKind {
    root_filesystem,  ///< a whole tree (import): names that begin with ".wh." are refused
    layer,            ///< a difference (pull, load): ".wh.x" hides x, ".wh..wh..opq" hides what lower layers have
    merged,           ///< the same difference, laid over the lower layers' files themselves: what it hides is deleted
};

struct Applied { uint64_t entries = 0, bytes = 0; };

/// What may be made here. The host's root, the default, may make everything.
struct Powers {
    bool is_hosts_root = true;
    kernel::IdMaps ids = {};                          ///< of the user namespace; only without is_hosts_root
    const char* opaque_mark = "trusted.overlay.opaque";
};
/// Those of this process; to be asked before the jail is entered.
Result<Powers> probe_powers();

/// Turns the entries of an archive into files below one directory (image-spec layer.md, "Applying Changesets"), in the
/// form that overlayfs reads: a hidden name is a character device 0:0, an opaque directory has kernel::opaque_mark(). In a
/// merged tree, which has lower layers in it already, what is hidden is deleted instead.
/// In a user namespace device nodes are left out (a container has a /dev of its own), and where one id alone is mapped
/// everything belongs to it; an owner outside a larger map is an error.
/// Symlinks on the way to an entry are followed inside the tree; the entry itself replaces whatever has its name.
/// The tree must be ours alone meanwhile. On failure it is half full: the caller throws it away.
class LayerApply {
public:
    LayerApply(const kernel::Root& root, TreeKind kind, Powers powers = {}) : root_(root), kind_(kind), powers_(std::move(powers)) {}

    /// Everything, until the archive's end. Errors: `corrupt` (names with "..", a hard link to nothing, an entry that
    /// overlayfs would take for its own mark, …), `unsupported` (an attribute that images have no business with),
    /// `no_space`; each says which entry it was.
    Result<Applied> all_of(pack::TarReader& reader);

private:
    struct DirectoryTime { std::string path; int64_t seconds; uint32_t nanoseconds; };

    Result<> apply(const pack::Entry& entry, pack::TarReader& reader);
    Result<> apply_to_top(const pack::Entry& entry);
    Result<> delete_hidden(const std::string& parent, std::string_view name);
    Result<> apply_whiteout(const std::string& parent, std::string_view name);
    Result<> make_file(const kernel::Place& place, const pack::Entry& entry, pack::TarReader& reader);
    Result<> make_directory(const kernel::Place& place, const pack::Entry& entry);
    Result<> make_hard_link(const kernel::Place& place, const pack::Entry& entry);
    Result<> make_other(const kernel::Place& place, const pack::Entry& entry);
    Result<> make_way(const kernel::Place& place, pack::EntryKind kind);
    Result<> give_owner(const kernel::Place& place, const pack::Entry& entry) const;
    Result<kernel::Fd> parent_of(const std::string& path);
    Result<kernel::Place> place_in(const std::string& parent, std::string_view name);
    Result<kernel::Place> top_itself();
    Result<> set_directory_times();

    const kernel::Root& root_;
    TreeKind kind_;
    Powers powers_;
    std::string last_parent_;     // archives list a directory's files together: its descriptor is kept
    kernel::Fd last_parent_fd_;
    std::vector<DirectoryTime> times_;  // set at the end, for each new entry changes its directory's
};

}  // namespace skiff::transfer
