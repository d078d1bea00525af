// SPDX-License-Identifier: Apache-2.0
// Entry after entry into the tree. Each path goes through kernel::Root; nothing of an archive reaches the kernel as a
// path of more than one name.
#include "transfer/layer_apply.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_overlay.hpp"

namespace skiff::transfer {
namespace {

using kernel::Fd;
using kernel::Place;
using pack::Entry;
using pack::EntryKind;

constexpr std::string_view k_whiteout = ".wh.", k_opaque = ".wh..wh..opq", k_aufs = ".wh..wh.";

/// The names of an entry's path. "/" in front is passed over, as everywhere; ".." is refused rather than resolved: no
/// archive of ours needs it, and readers differ in what they make of it.
Result<std::vector<std::string_view>> names_of(std::string_view path) {
    auto names = kernel::components_of(path);
    if (std::find(names.begin(), names.end(), "..") != names.end()) return Error::corrupt("its name has \"..\" in it");
    return names;
}

std::string joined(const std::vector<std::string_view>& names, size_t count) {
    std::string path;
    for (size_t i = 0; i < count; ++i) (path += names[i]) += i + 1 < count ? "/" : "";
    return path;
}

enum class Attribute { set, passed_over, refused };

/// What images may say about a file beyond its mode. The host's labels are the host's business, and overlayfs reads its
/// own marks from the layers: one in an archive could redirect a directory to another place.
Attribute judge(std::string_view name) {
    if (name.starts_with("user.overlay.")) return Attribute::refused;
    if (name.starts_with("user.") || name == "security.capability") return Attribute::set;
    if (name == "system.posix_acl_access" || name == "system.posix_acl_default") return Attribute::set;
    if (name == "security.selinux" || name == "security.ima" || name == "security.evm") return Attribute::passed_over;
    return Attribute::refused;
}

Result<> check_attributes(const Entry& entry) {
    const bool can_have = entry.kind == EntryKind::file || entry.kind == EntryKind::directory;
    for (const auto& [name, value] : entry.xattrs) {
        const Attribute judgement = judge(name);
        if (judgement == Attribute::refused) return Error::unsupported("it has the attribute {}, which an image may not set", quoted(name));
        if (judgement == Attribute::set && !can_have && entry.kind != EntryKind::hard_link)
            return Error::unsupported("it has the attribute {}, which only files and directories can have", quoted(name));
    }
    return {};
}

Result<> set_attributes(kernel::FdView file, const Entry& entry) {
    for (const auto& [name, value] : entry.xattrs)
        if (judge(name) == Attribute::set) TRY(kernel::set_attribute(file, name, bytes_of(value)));
    return {};
}

bool is_zero(Bytes bytes) { return bytes.front() == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0; }

/// Into a new file: pages of zeros stay holes, for archives write out the holes of a sparse file. Returns where the last
/// byte that was written ends.
Result<uint64_t> write_but_zeros(kernel::FdView file, Bytes bytes, uint64_t offset) {
    constexpr uint64_t k_page = 4096;
    uint64_t end = 0;
    size_t begun = 0, at = 0;  // between them: not zeros, and not written yet
    while (at < bytes.size()) {
        const size_t size = std::min<uint64_t>(bytes.size() - at, k_page - (offset + at) % k_page);
        if (is_zero(bytes.subspan(at, size))) {
            if (begun < at) TRY(kernel::write_at(file, bytes.subspan(begun, at - begun), offset + begun));
            if (begun < at) end = offset + at;
            begun = at + size;
        }
        at += size;
    }
    if (begun == at) return end;
    TRY(kernel::write_at(file, bytes.subspan(begun), offset + begun));
    return offset + at;
}

mode_t type_of(EntryKind kind) {
    return kind == EntryKind::character_device ? S_IFCHR : kind == EntryKind::block_device ? S_IFBLK : S_IFIFO;
}

}  // namespace

Result<Powers> probe_powers() {
    Powers powers;
    powers.is_hosts_root = kernel::in_first_user_namespace();
    powers.opaque_mark = kernel::opaque_mark();
    if (!powers.is_hosts_root) powers.ids = TRY(kernel::own_id_maps());
    return powers;
}

Result<Applied> LayerApply::all_of(pack::TarReader& reader) {
    while (auto entry = TRY(reader.next()))
        TRY_DOING(apply(*entry, reader), "unpack {}", quoted(entry->path));
    TRY(set_directory_times());
    return Applied{reader.entries(), reader.bytes()};
}

Result<> LayerApply::apply(const Entry& entry, pack::TarReader& reader) {
    const auto names = TRY(names_of(entry.path));
    TRY(check_attributes(entry));
    if (names.empty()) return apply_to_top(entry);

    const std::string parent = joined(names, names.size() - 1);
    if (names.back().starts_with(k_whiteout)) {
        if (kind_ == TreeKind::root_filesystem)
            return Error::corrupt("names that begin with \".wh.\" are the marks of image layers; a root filesystem has none");
        return kind_ == TreeKind::merged ? delete_hidden(parent, names.back()) : apply_whiteout(parent, names.back());
    }

    const Place place = TRY(place_in(parent, names.back()));
    TRY(make_way(place, entry.kind));
    switch (entry.kind) {
        case EntryKind::file: return make_file(place, entry, reader);
        case EntryKind::directory:
            TRY(make_directory(place, entry));
            times_.push_back({joined(names, names.size()), entry.mtime, entry.mtime_ns});
            return {};
        case EntryKind::hard_link: return make_hard_link(place, entry);
        default: return make_other(place, entry);
    }
}

/// "./" itself: its owner, mode and attributes.
Result<> LayerApply::apply_to_top(const Entry& entry) {
    if (entry.kind != EntryKind::directory) return Error::corrupt("the top of the tree can be nothing but a directory");
    const Fd top = TRY(root_.open_inside("", O_RDONLY | O_DIRECTORY));
    const Place place = TRY(top_itself());
    TRY(give_owner(place, entry));
    TRY(set_attributes(top, entry));
    TRY(kernel::set_mode(place, entry.mode));
    times_.push_back({"", entry.mtime, entry.mtime_ns});
    return {};
}

/// Where the lower layers' files are in the tree itself. An opaque directory's mark comes before what it has of its own.
Result<> LayerApply::delete_hidden(const std::string& parent, std::string_view name) {
    if (name == k_opaque) {
        const Fd directory = TRY(parent_of(parent));
        last_parent_fd_.reset();
        for (const auto& hidden : TRY(kernel::list_directory_at(directory, "."))) TRY(kernel::remove_tree_at(directory, hidden));
        return {};
    }
    const Place place = TRY(place_in(parent, name.substr(k_whiteout.size())));
    return make_way(place, EntryKind::character_device);
}

Result<> LayerApply::apply_whiteout(const std::string& parent, std::string_view name) {
    if (name == k_opaque) {
        const Fd directory = TRY(parent_of(parent));
        const Fd readable = TRY(kernel::open_at(directory, ".", O_RDONLY | O_DIRECTORY));
        return kernel::set_attribute(readable, powers_.opaque_mark, bytes_of("y"));
    }
    if (name.starts_with(k_aufs)) return {};  // notes that aufs left for itself, in layers of old
    const std::string hidden(name.substr(k_whiteout.size()));
    if (hidden.empty() || hidden == "." || hidden == "..") return Error::corrupt("it hides nothing that has a name");
    const Place place = TRY(place_in(parent, hidden));
    TRY(make_way(place, EntryKind::character_device));
    return kernel::create_node(place, S_IFCHR, makedev(0, 0));
}

Result<> LayerApply::make_file(const Place& place, const Entry& entry, pack::TarReader& reader) {
    const Fd file = TRY(kernel::create_file(place));
    uint64_t end = 0;
    while (true) {
        const auto piece = TRY(reader.data());
        if (piece.bytes.empty()) break;
        end = std::max(end, TRY(write_but_zeros(file, piece.bytes, piece.offset)));
    }
    if (end < entry.size) TRY(kernel::set_size(file, entry.size));
    // The owner first: changing it takes set-id bits and capabilities away.
    TRY(give_owner(place, entry));
    TRY(kernel::set_mode(place, entry.mode));
    TRY(set_attributes(file, entry));
    return kernel::set_modified(place, entry.mtime, entry.mtime_ns);
}

Result<> LayerApply::make_directory(const Place& place, const Entry& entry) {
    auto made = kernel::create_directory(place);
    if (!made && !made.error().is(Kind::exists)) return std::move(made).error();
    const Fd directory = made ? std::move(*made) : TRY(kernel::open_place(place, O_RDONLY | O_DIRECTORY));
    TRY(give_owner(place, entry));
    TRY(set_attributes(directory, entry));
    return kernel::set_mode(place, entry.mode);
}

/// A further name for an entry that came before. What it repeats must be in this tree; a symlink on the way cannot lead
/// out of it, and a symlink in the last place is linked itself.
Result<> LayerApply::make_hard_link(const Place& place, const Entry& entry) {
    const auto refuse = [&](std::string_view why) { return Error::corrupt("it is a hard link to {}, {}", quoted(entry.link_target), why); };
    const auto names = TRY_DOING(names_of(entry.link_target), "as a hard link to {}", quoted(entry.link_target));
    if (names.empty()) return refuse("the top of the tree");
    auto target = root_.place_of(joined(names, names.size()));
    if (!target) return refuse("which is not in the archive");
    const auto status = kernel::status_at(*target);
    if (!status) return refuse("which is not in the archive");
    if (S_ISDIR(status->st_mode)) return refuse("a directory");
    return kernel::create_hard_link(*target, place);
}

Result<> LayerApply::make_other(const Place& place, const Entry& entry) {
    if (entry.kind == EntryKind::symlink) {
        if (entry.link_target.empty()) return Error::corrupt("it is a symlink to nothing");
        TRY(kernel::create_symlink(place, entry.link_target));
        TRY(give_owner(place, entry));
        return kernel::set_modified(place, entry.mtime, entry.mtime_ns);
    }
    if (entry.kind == EntryKind::character_device && entry.device_major == 0 && entry.device_minor == 0)
        return Error::corrupt("it is the device 0:0, which hides a file in an overlay");
    if (!powers_.is_hosts_root && entry.kind != EntryKind::fifo) return {};
    TRY(kernel::create_node(place, type_of(entry.kind) | 0600, makedev(entry.device_major, entry.device_minor)));
    TRY(give_owner(place, entry));
    TRY(kernel::set_mode(place, entry.mode));
    return kernel::set_modified(place, entry.mtime, entry.mtime_ns);
}

Result<> LayerApply::give_owner(const Place& place, const Entry& entry) const {
    if (powers_.is_hosts_root) return kernel::set_owner(place, entry.uid, entry.gid);
    const auto is_alone = [](const kernel::IdMap& map) { return map.size() == 1 && map.front().count == 1; };
    const auto& [uids, gids] = powers_.ids;
    if (!is_alone(uids) && !kernel::is_mapped(uids, entry.uid))
        return Error::unsupported("it belongs to uid {}, which is nobody in this user namespace", entry.uid).hint("a longer range in /etc/subuid has room for it");
    if (!is_alone(gids) && !kernel::is_mapped(gids, entry.gid))
        return Error::unsupported("it belongs to gid {}, which is nobody's in this user namespace", entry.gid).hint("a longer range in /etc/subgid has room for it");
    return kernel::set_owner(place, is_alone(uids) ? uids.front().inside : entry.uid, is_alone(gids) ? gids.front().inside : entry.gid);
}

/// Removes what has the entry's name already, but for a directory where a directory comes: that stays, with what is in it.
Result<> LayerApply::make_way(const Place& place, EntryKind kind) {
    const auto status = kernel::status_at(place);
    if (!status && status.error().is(Kind::not_found)) return {};
    if (!status) return status.error();
    if (S_ISDIR(status->st_mode) && kind == EntryKind::directory) return {};
    last_parent_fd_.reset();  // what it names may be what goes, or may have been reached through it
    if (S_ISDIR(status->st_mode)) return kernel::remove_tree_at(place.parent, place.name);
    return kernel::remove_file_at(place.parent, place.name);
}

/// The directory that an entry stands in, made (root's, 0755) where the archive has not told of it.
Result<Fd> LayerApply::parent_of(const std::string& path) {
    if (!last_parent_fd_ || path != last_parent_) {
        last_parent_fd_ = TRY(root_.make_directories(path, 0755));
        last_parent_ = path;
    }
    return last_parent_fd_.duplicate();
}

Result<Place> LayerApply::place_in(const std::string& parent, std::string_view name) {
    Fd directory = TRY(parent_of(parent));
    return Place{std::move(directory), std::string(name)};
}

/// The top by the one name that it has inside itself.
Result<Place> LayerApply::top_itself() {
    Fd top = TRY(root_.open_inside("", O_PATH | O_DIRECTORY));
    return Place{std::move(top), "."};
}

Result<> LayerApply::set_directory_times() {
    for (auto time = times_.rbegin(); time != times_.rend(); ++time) {
        if (time->path.empty()) {
            const Place top = TRY(top_itself());
            TRY(kernel::set_modified(top, time->seconds, time->nanoseconds));
            continue;
        }
        const auto place = root_.place_of(time->path);
        if (!place) continue;  // a later entry replaced it, or what led to it
        const auto status = kernel::status_at(*place);
        if (!status || !S_ISDIR(status->st_mode)) continue;
        TRY_DOING(kernel::set_modified(*place, time->seconds, time->nanoseconds), "unpack {}", quoted(time->path));
    }
    return {};
}

}  // namespace skiff::transfer
