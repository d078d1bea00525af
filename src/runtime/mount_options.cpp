// SPDX-License-Identifier: Apache-2.0
// The option words of mounts as a table.
#include "runtime/mount_options.hpp"

#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace skiff::runtime {
namespace {

struct AttributeWord { std::string_view word; uint64_t set, clear; };

constexpr std::array k_attributes = {
    AttributeWord{"ro", MOUNT_ATTR_RDONLY, 0},           AttributeWord{"rw", 0, MOUNT_ATTR_RDONLY},
    AttributeWord{"nosuid", MOUNT_ATTR_NOSUID, 0},       AttributeWord{"suid", 0, MOUNT_ATTR_NOSUID},
    AttributeWord{"nodev", MOUNT_ATTR_NODEV, 0},         AttributeWord{"dev", 0, MOUNT_ATTR_NODEV},
    AttributeWord{"noexec", MOUNT_ATTR_NOEXEC, 0},       AttributeWord{"exec", 0, MOUNT_ATTR_NOEXEC},
    AttributeWord{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0}, AttributeWord{"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    AttributeWord{"nodiratime", MOUNT_ATTR_NODIRATIME, 0},   AttributeWord{"diratime", 0, MOUNT_ATTR_NODIRATIME},
    AttributeWord{"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"norelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    AttributeWord{"nostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
};

struct PropagationWord { std::string_view word; uint64_t flags; };
constexpr uint64_t k_recursive = 16384;  // MS_REC
constexpr uint64_t k_unbindable = 1 << 17, k_private = 1 << 18, k_slave = 1 << 19, k_shared = 1 << 20;
constexpr std::array k_propagations = {
    PropagationWord{"private", k_private},       PropagationWord{"rprivate", k_private | k_recursive},
    PropagationWord{"slave", k_slave},           PropagationWord{"rslave", k_slave | k_recursive},
    PropagationWord{"shared", k_shared},         PropagationWord{"rshared", k_shared | k_recursive},
    PropagationWord{"unbindable", k_unbindable}, PropagationWord{"runbindable", k_unbindable | k_recursive},
};

/// Words that say what is so anyway.
constexpr std::array<std::string_view, 5> k_idle = {"defaults", "loud", "silent", "async", "noiversion"};
/// The superblock's own switches: fsconfig(2) flags by the same names.
constexpr std::array<std::string_view, 7> k_superblock = {"sync", "dirsync", "lazytime", "nolazytime", "mand", "nomand", "iversion"};

const AttributeWord* find_attribute(std::string_view word) {
    const auto found = std::find_if(k_attributes.begin(), k_attributes.end(), [&](const AttributeWord& entry) { return entry.word == word; });
    return found == k_attributes.end() ? nullptr : &*found;
}

template <class List>
bool contains(const List& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

/// Later words undo earlier ones.
void apply(uint64_t& set, uint64_t& clear, const AttributeWord& word) {
    set = (set & ~(word.clear | word.set)) | word.set;
    clear = (clear & ~word.set) | word.clear;
    if (word.clear == MOUNT_ATTR__ATIME) clear |= MOUNT_ATTR__ATIME;  // one of three: the kernel wants the field cleared first
}

}  // namespace

std::optional<uint64_t> propagation_of(std::string_view word) {
    for (const PropagationWord& entry : k_propagations)
        if (entry.word == word) return entry.flags;
    return std::nullopt;
}

std::string propagation_words(uint64_t flags) {
    for (const PropagationWord& entry : k_propagations)
        if (entry.flags == flags) return std::string(entry.word);
    return format("{:#x}", flags);
}

MountOptions parse_mount_options(const std::vector<std::string>& options) {
    MountOptions parsed;
    for (const std::string& option : options) {
        const std::string_view word = option;
        if (word == "bind") {
            parsed.is_bind = true;
        } else if (word == "rbind") {
            parsed.is_bind = parsed.is_recursive = true;
        } else if (word == "idmap" || word == "ridmap") {
            parsed.ids = word == "idmap" ? MountOptions::Ids::of_the_mount : MountOptions::Ids::of_the_tree;
        } else if (const auto flags = propagation_of(word)) {
            parsed.propagation.push_back(*flags);
        } else if (const AttributeWord* attribute = find_attribute(word)) {
            apply(parsed.set, parsed.clear, *attribute);
        } else if (const AttributeWord* recursive = word.starts_with('r') ? find_attribute(word.substr(1)) : nullptr) {
            apply(parsed.set_recursive, parsed.clear_recursive, *recursive);
        } else if (word == "tmpcopyup") {
            parsed.copies_up = true;
        } else if (word == "remount") {
            parsed.is_remount = true;
        } else if (contains(k_idle, word) || word.empty()) {
            continue;
        } else if (contains(k_superblock, word)) {
            parsed.data.emplace_back(option, std::nullopt);
        } else {
            const Halves halves = split_once(word, '=');
            parsed.data.emplace_back(std::string(halves.before), halves.after ? std::optional<std::string>(*halves.after) : std::nullopt);
        }
    }
    return parsed;
}

std::vector<std::string> known_mount_options() {
    std::vector<std::string> words = {"bind", "rbind", "idmap", "ridmap", "tmpcopyup", "remount"};
    for (const AttributeWord& entry : k_attributes) {
        words.emplace_back(entry.word);
        words.push_back("r" + std::string(entry.word));
    }
    for (const PropagationWord& entry : k_propagations) words.emplace_back(entry.word);
    for (const std::string_view word : k_superblock) words.emplace_back(word);
    words.emplace_back("defaults");
    return words;
}

std::string attribute_words(uint64_t set) {
    std::vector<std::string> words;
    for (const std::string_view word : {"ro", "nosuid", "nodev", "noexec", "nosymfollow", "noatime", "nodiratime", "strictatime"}) {
        const AttributeWord* entry = find_attribute(word);
        if (entry->set != 0 && (set & entry->set) == entry->set) words.emplace_back(word);
    }
    return join(words, ",");
}

}  // namespace skiff::runtime
