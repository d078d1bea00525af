// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/namespace.hpp"

/// Namespaces with a name, kept alive without a process.
namespace skiff::engine {

/// One of a name's namespaces.
struct KeptNamespace {
    std::string kind;
    uint64_t inode = 0;     ///< may be another's by now unless is_there
    std::string path;       ///< where its handle is mounted
    bool is_there = false;  ///< false: a command died half-way, or somebody unmounted it
};
struct KeptName { std::string name; std::vector<KeptNamespace> namespaces; };

/// Letters, digits, "_", "." and "-", not first "." or "-"; at most 64. Error (invalid).
Result<> check_kept_name(std::string_view name);

/// Below RUNROOT/namespaces a directory per name: `record` says what was intended before anything is mounted, so that a
/// name survives a kill at any moment and `remove` finds all of it. Network namespaces are mounted at /run/netns/NAME as
/// well, where `ip netns` looks. docs/formats/containers.md
class KeptNamespaces {
public:
    explicit KeptNamespaces(const std::string& runroot) : directory_(runroot + "/namespaces") {}

    /// Keeps these. Errors: exists; conflict (`ip netns` has a network namespace of that name). Nothing remains then.
    Result<> keep(const std::string& name, const std::vector<kernel::NamespaceHandle>& handles) const;
    /// Sorted; none where we may not look. What a killed command left without a name goes.
    Result<std::vector<KeptName>> list() const;
    /// Error (not_found).
    Result<KeptName> find(const std::string& name) const;
    /// Where the handle of one kind is. Errors: not_found; conflict: it is not mounted any more.
    Result<std::string> path_of(const std::string& name, std::string_view kind) const;
    /// Takes the name away; what is in use by processes lives on without it. Error (not_found).
    Result<> remove(const std::string& name) const;

private:
    /// One command at a time makes and removes names: held as long as the descriptor, which is the directory's.
    Result<kernel::Fd> lock() const;
    Result<> mount_all(const std::string& name, const std::vector<kernel::NamespaceHandle>& handles) const;
    Result<> take_away(kernel::FdView directory, const std::string& name) const;
    std::string directory_;
};

}  // namespace skiff::engine
