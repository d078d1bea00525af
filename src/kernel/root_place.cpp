// SPDX-License-Identifier: Apache-2.0
#include "kernel/root_place.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

Result<> check(int outcome, const char* doing, const Place& place) {
    if (outcome == 0) return {};
    return Error::system(errno, "{} {}", doing, quoted(place.name));
}

}  // namespace

Result<Fd> create_file(const Place& place) { return open_at(place.parent, place.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600); }

Result<Fd> create_directory(const Place& place) {
    TRY(check(mkdirat(place.parent.number(), place.name.c_str(), 0700), "make the directory", place));
    return open_place(place, O_RDONLY | O_DIRECTORY);
}

Result<> create_node(const Place& place, mode_t mode, dev_t device) {
    return check(mknodat(place.parent.number(), place.name.c_str(), mode, device), "make the node", place);
}

Result<> create_symlink(const Place& place, const std::string& target) {
    return check(symlinkat(target.c_str(), place.parent.number(), place.name.c_str()), "make the symlink", place);
}

Result<> create_hard_link(const Place& existing, const Place& place) {
    return check(linkat(existing.parent.number(), existing.name.c_str(), place.parent.number(), place.name.c_str(), 0), "make the hard link", place);
}

Result<struct stat> status_at(const Place& place) {
    struct stat status{};
    TRY(check(fstatat(place.parent.number(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "look at", place));
    return status;
}

Result<Fd> open_place(const Place& place, int flags) { return open_at(place.parent, place.name, flags | O_NOFOLLOW); }

Result<> set_owner(const Place& place, uid_t uid, gid_t gid) {
    return check(fchownat(place.parent.number(), place.name.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW), "set the owner of", place);
}

Result<> set_mode(const Place& place, mode_t mode) {
    // Older kernels lack fchmodat2(2), and the plain call would follow a symlink: hence the promise in the header.
    return check(fchmodat(place.parent.number(), place.name.c_str(), mode, 0), "set the mode of", place);
}

Result<> set_modified(const Place& place, int64_t seconds, uint32_t nanoseconds) {
    const timespec time{seconds, static_cast<long>(nanoseconds)};
    const timespec times[2] = {time, time};
    return check(utimensat(place.parent.number(), place.name.c_str(), times, AT_SYMLINK_NOFOLLOW), "set the time of", place);
}

Result<> set_attribute(FdView file, const std::string& name, Bytes value) {
    if (fsetxattr(file.number(), name.c_str(), value.data(), value.size(), 0) != 0) return Error::system(errno, "set the attribute {}", quoted(name));
    return {};
}

Result<std::string> read_attribute(FdView file, const std::string& name) {
    std::string value(64 << 10, '\0');  // XATTR_SIZE_MAX
    const ssize_t size = fgetxattr(file.number(), name.c_str(), value.data(), value.size());
    if (size < 0 && errno == ENODATA) return Error::not_found("there is no attribute {}", quoted(name));
    if (size < 0) return Error::system(errno, "read the attribute {}", quoted(name));
    value.resize(static_cast<size_t>(size));
    return value;
}

Result<> write_at(FdView file, Bytes bytes, uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t put = pwrite(file.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return Error::system(errno, "write to descriptor {}", file.number());
        bytes = bytes.subspan(static_cast<size_t>(put));
        offset += static_cast<uint64_t>(put);
    }
    return {};
}

Result<> set_size(FdView file, uint64_t size) {
    if (ftruncate(file.number(), static_cast<off_t>(size)) != 0) return Error::system(errno, "set the size of descriptor {}", file.number());
    return {};
}

}  // namespace skiff::kernel
