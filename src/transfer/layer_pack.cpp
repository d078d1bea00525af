// SPDX-License-Identifier: Apache-2.0
// A tree into an archive, by descriptors only, every entry in the order of names. No times but mtime, no names of users.
#include "transfer/layer_pack.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/root_place.hpp"
#include "pack/entry_limits.hpp"

namespace skiff::transfer {
namespace {

using kernel::Fd;
using kernel::FdView;
using pack::Entry;
using pack::EntryKind;

bool is_image_attribute(std::string_view name) {
    if (name.starts_with("user.overlay.")) return false;
    return name.starts_with("user.") || name == "security.capability" || name == "system.posix_acl_access" || name == "system.posix_acl_default";
}

Result<std::vector<std::string>> attribute_names(FdView file) {
    std::string names(64 << 10, '\0');
    const ssize_t size = flistxattr(file.number(), names.data(), names.size());
    if (size < 0 && errno == EOPNOTSUPP) return std::vector<std::string>();
    if (size < 0) return Error::system(errno, "list its attributes");
    std::vector<std::string> found;
    for (const auto name : split(std::string_view(names).substr(0, static_cast<size_t>(size)), '\0'))
        if (!name.empty()) found.emplace_back(name);
    std::sort(found.begin(), found.end());
    return found;
}

Result<> add_attributes(FdView file, Entry& entry) {
    for (const std::string& name : TRY(attribute_names(file))) {
        if (name == "trusted.overlay.redirect" || name == "trusted.overlay.metacopy" || name == "user.overlay.redirect" || name == "user.overlay.metacopy")
            return Error::unsupported("overlayfs keeps it elsewhere ({}): such a layer cannot be packed", name).hint("load the overlay module with redirect_dir=off metacopy=off");
        if (is_image_attribute(name)) entry.xattrs.emplace_back(name, TRY(kernel::read_attribute(file, name)));
    }
    return {};
}

bool is_opaque(FdView directory, const char* mark) {
    const auto value = kernel::read_attribute(directory, mark);
    return value && *value == "y";
}

Result<struct stat> look_at(FdView parent, const std::string& name) {
    const Fd handle = TRY(kernel::open_at(parent, name, O_PATH | O_NOFOLLOW));
    return kernel::status_of(handle);
}

Entry entry_of(const struct stat& status, std::string path) {
    Entry entry;
    entry.path = std::move(path);
    entry.mode = status.st_mode & 07777;
    entry.uid = status.st_uid;
    entry.gid = status.st_gid;
    entry.mtime = status.st_mtim.tv_sec;
    entry.mtime_ns = static_cast<uint32_t>(status.st_mtim.tv_nsec);
    return entry;
}

}  // namespace

Result<Applied> LayerPack::all() {
    const Fd top = TRY(kernel::open_at(root_.top(), ".", O_RDONLY | O_DIRECTORY));
    TRY(directory(top, "", 0));
    TRY(writer_.finish());
    return applied_;
}

Result<> LayerPack::add(const Entry& entry) {
    ++applied_.entries;
    return writer_.add(entry);
}

/// ".wh.x" and ".wh..wh..opq": empty files of root's without a time.
Result<> LayerPack::mark(const std::string& path) {
    Entry entry;
    entry.path = path;
    return add(entry);
}

Result<> LayerPack::directory(FdView handle, const std::string& path, int depth) {
    if (depth > static_cast<int>(pack::EntryLimits{}.path_depth)) return Error::unsupported("{} is too deep to be packed", quoted(path));
    if (kind_ == TreeKind::layer && !path.empty() && is_opaque(handle, opaque_mark_)) TRY(mark(path + ".wh..wh..opq"));
    for (const std::string& name : TRY(kernel::list_directory_at(handle, "."))) {
        const auto packed = entry(handle, path, name, depth);
        if (!packed && packed.error().is_errno(ENOENT)) continue;  // deleted while we looked
        if (!packed) return packed.error().context("pack {}", quoted("/" + path + name));
    }
    return {};
}

Result<> LayerPack::entry(FdView parent, const std::string& parent_path, const std::string& name, int depth) {
    const struct stat status = TRY(look_at(parent, name));
    if (S_ISSOCK(status.st_mode)) return {};
    if (kind_ == TreeKind::layer && S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0)) return mark(parent_path + ".wh." + name);
    if (kind_ == TreeKind::layer && name.starts_with(".wh."))
        return Error::unsupported("names that begin with \".wh.\" are the marks of image layers: no image can hold such a file");

    Entry entry = entry_of(status, parent_path + name);
    if (S_ISDIR(status.st_mode)) {
        const Fd directory_fd = TRY(kernel::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        entry.kind = EntryKind::directory;
        entry.path += '/';
        TRY(add_attributes(directory_fd, entry));
        TRY(add(entry));
        return directory(directory_fd, entry.path, depth + 1);
    }
    if (status.st_nlink > 1) {
        const auto [known, is_first] = first_names_.try_emplace({status.st_dev, status.st_ino}, entry.path);
        if (!is_first) {
            entry.kind = EntryKind::hard_link;
            entry.link_target = known->second;
            return add(entry);
        }
    }
    if (S_ISREG(status.st_mode)) {
        const Fd file_fd = TRY(kernel::open_at(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
        entry.size = static_cast<uint64_t>(status.st_size);
        TRY(add_attributes(file_fd, entry));
        return file(file_fd, entry);
    }
    if (S_ISLNK(status.st_mode)) {
        entry.kind = EntryKind::symlink;
        entry.mode = 0777;
        entry.link_target = TRY(kernel::read_link_at(parent, name));
        return add(entry);
    }
    entry.kind = S_ISFIFO(status.st_mode) ? EntryKind::fifo : S_ISBLK(status.st_mode) ? EntryKind::block_device : EntryKind::character_device;
    if (entry.kind != EntryKind::fifo) {
        entry.device_major = major(status.st_rdev);
        entry.device_minor = minor(status.st_rdev);
    }
    return add(entry);
}

/// As many bytes as were announced: a file that shrinks meanwhile goes on with zeros, one that grows ends early.
Result<> LayerPack::file(FdView handle, Entry& entry) {
    TRY(add(entry));
    std::vector<std::byte> buffer(256 << 10);
    uint64_t rest = entry.size;
    while (rest > 0) {
        size_t size = std::min<uint64_t>(rest, buffer.size());
        const size_t got = TRY(kernel::read_some(handle, MutableBytes(buffer).first(size)));
        if (got == 0) std::fill(buffer.begin(), buffer.end(), std::byte{0});
        else size = got;
        TRY(writer_.data(Bytes(buffer).first(size)));
        rest -= size;
    }
    applied_.bytes += entry.size;
    return {};
}

}  // namespace skiff::transfer
