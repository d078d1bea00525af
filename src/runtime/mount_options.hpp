// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace skiff::runtime {

/// What the options of a mount say, sorted by the kernel interface that takes them. The last one that speaks of
/// something wins, as with mount(8). (runtime-spec config.md "Linux mount options"; mount_setattr(2))
struct MountOptions {
    uint64_t set = 0, clear = 0;                      ///< MOUNT_ATTR_… of this mount
    uint64_t set_recursive = 0, clear_recursive = 0;  ///< of it and everything below it ("rro" and the other r-forms)
    std::vector<uint64_t> propagation;                ///< MS_PRIVATE and friends, with MS_REC where recursive, in order
    bool is_bind = false, is_recursive = false;       ///< "bind", "rbind"
    bool copies_up = false;                           ///< "tmpcopyup"
    bool is_remount = false;                          ///< "remount": other attributes for what is mounted there
    enum class Ids { as_they_are, of_the_mount, of_the_tree } ids = Ids::as_they_are;  ///< "idmap", "ridmap"
    std::vector<std::pair<std::string, std::optional<std::string>>> data;  ///< for the filesystem: fsconfig(2)
};
MountOptions parse_mount_options(const std::vector<std::string>& options);

/// "nosuid,noexec,nodev": the attributes in words.
std::string attribute_words(uint64_t set);

/// "rprivate": the inverse of propagation_of().
std::string propagation_words(uint64_t flags);

/// The MS_… value of "private", "rslave", …; empty for any other word.
std::optional<uint64_t> propagation_of(std::string_view word);

/// Every word that is no filesystem's own: for the document of `features`.
std::vector<std::string> known_mount_options();

}  // namespace skiff::runtime
