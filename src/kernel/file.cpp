// SPDX-License-Identifier: Apache-2.0
// Files of ours and of the host, each system call wrapped once.
#include "kernel/file.hpp"

#include <dirent.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/text.hpp"
#include "base/undo.hpp"

namespace skiff::kernel {
namespace {

/// Repeats a call that a signal interrupted.
template <class Call>
auto restarting(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

struct CloseDirectory { void operator()(DIR* d) const { closedir(d); } };
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Result<std::vector<std::string>> names_in(Fd directory, const std::string& shown) {
    Directory stream(fdopendir(directory.number()));
    if (!stream) return Error::system(errno, "list {}", shown);
    (void)directory.release();

    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
        errno = 0;
    }
    if (errno != 0) return Error::system(errno, "list {}", shown);
    std::sort(names.begin(), names.end());
    return names;
}

Result<> remove_contents(FdView directory, const std::string& shown, dev_t device) {
    Fd listing = TRY(open_at(directory, ".", O_RDONLY | O_DIRECTORY));
    for (const std::string& name : TRY(names_in(std::move(listing), shown))) {
        struct stat status{};
        if (fstatat(directory.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;
            return Error::system(errno, "look at {}/{}", shown, name);
        }
        if (S_ISDIR(status.st_mode)) {
            if (status.st_dev != device) return Error::conflict("remove {}/{}: something is mounted there", shown, name);
            Fd below = TRY(open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
            TRY(remove_contents(below, shown + "/" + name, device));
            TRY(remove_directory_at(directory, name));
        } else {
            TRY(remove_file_at(directory, name));
        }
    }
    return {};
}

}  // namespace

Result<Fd> open_at(FdView directory, const std::string& path, int flags, mode_t mode) {
    const int number = restarting([&] { return openat(directory.number(), path.c_str(), flags | O_CLOEXEC, mode); });
    if (number < 0) return Error::system(errno, "open {}", path);
    return Fd::adopt(number);
}

Result<Fd> open_directory(const std::string& path) { return open_file(path, O_PATH | O_DIRECTORY); }

void reserve_standard_descriptors() {
    for (int number = 0; number < 3; ++number)
        if (fcntl(number, F_GETFD) < 0) (void)open("/dev/null", O_PATH);  // NOLINT(android-cloexec-open): it stays; the lowest free number, which is this one
}

Result<uint64_t> free_space_at(const std::string& path) {
    const Fd place = TRY(open_file(path, O_PATH));
    struct statvfs status{};
    if (fstatvfs(place.number(), &status) != 0) return Error::system(errno, "ask for the free space of {}", path);
    return uint64_t{status.f_bavail} * status.f_frsize;
}

Result<struct stat> status_of(FdView fd) {
    struct stat status{};
    if (fstatat(fd.number(), "", &status, AT_EMPTY_PATH) != 0) return Error::system(errno, "fstat descriptor {}", fd.number());
    return status;
}

Result<bool> exists_at(FdView directory, const std::string& path) {
    struct stat status{};
    if (fstatat(directory.number(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return Error::system(errno, "look at {}", path);
}

Result<size_t> read_some(FdView fd, MutableBytes buffer) {
    const ssize_t got = restarting([&] { return read(fd.number(), buffer.data(), buffer.size()); });
    if (got < 0) return Error::system(errno, "read descriptor {}", fd.number());
    return static_cast<size_t>(got);
}

namespace {

enum class ShortPiece { may_go_on, is_the_last };

Result<std::string> read_pieces(FdView fd, size_t limit, ShortPiece meaning) {
    std::string whole;
    std::array<std::byte, 16384> piece;
    while (true) {
        const size_t got = TRY(read_some(fd, piece));
        if (whole.size() + got > limit) return Error::invalid("longer than the {} bytes that are allowed here", limit);
        whole.append(text_of(Bytes(piece.data(), got)));
        if (got == 0 || (got < piece.size() && meaning == ShortPiece::is_the_last)) return whole;
    }
}

}  // namespace

Result<std::string> read_to_end(FdView fd, size_t limit) { return read_pieces(fd, limit, ShortPiece::may_go_on); }

Result<std::string> read_whole_file_at(FdView directory, const std::string& path, size_t limit) {
    const Fd file = TRY(open_at(directory, path, O_RDONLY));
    return TRY_DOING(read_to_end(file, limit), "read {}", path);
}

Result<std::string> read_short_file_at(FdView directory, const std::string& path, size_t limit) {
    const Fd file = TRY(open_at(directory, path, O_RDONLY));
    return TRY_DOING(read_pieces(file, limit, ShortPiece::is_the_last), "read {}", path);
}

Result<std::string> read_whole_file(const std::string& path, size_t limit) { return read_whole_file_at(here(), path, limit); }

Result<std::string> read_from_start(FdView file) {
    std::string text(4096, '\0');
    const ssize_t got = restarting([&] { return pread(file.number(), text.data(), text.size(), 0); });
    if (got < 0) return Error::system(errno, "read descriptor {}", file.number());
    text.resize(static_cast<size_t>(got));
    return text;
}

Result<> write_all(FdView fd, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t put = restarting([&] { return write(fd.number(), bytes.data(), bytes.size()); });
        if (put < 0) return Error::system(errno, "write to descriptor {}", fd.number());
        bytes = bytes.subspan(static_cast<size_t>(put));
    }
    return {};
}

Result<> write_setting_at(FdView directory, const std::string& path, std::string_view value) {
    const Fd file = TRY(open_at(directory, path, O_WRONLY));
    const ssize_t put = restarting([&] { return write(file.number(), value.data(), value.size()); });
    if (put < 0) return Error::system(errno, "write {} to {}", quoted(value), path);
    if (static_cast<size_t>(put) != value.size()) return Error::system(EIO, "write {} to {}: only {} bytes taken", quoted(value), path, put);
    return {};
}

namespace {

/// A rename over an older file first writes the new one out (ext4 and btrfs do so for those who forget fsync), which a
/// busy disk makes a matter of tenths of a second. Changing places with the old one, and then removing that, does not.
Result<> take_the_place_of(FdView directory, const std::string& draft, const std::string& name) {
    if (renameat2(directory.number(), draft.c_str(), directory.number(), name.c_str(), RENAME_EXCHANGE) == 0) return remove_file_at(directory, draft);
    return rename_at(directory, draft, directory, name);  // there is no older one, or this file system knows no exchange
}

}  // namespace

Result<> replace_file(FdView directory, const std::string& name, std::string_view bytes, mode_t mode, Durability durability) {
    const std::string draft_name = format(".{}.{}.draft", name, getpid());
    (void)remove_file_at(directory, draft_name);  // of a process with our pid that died between two lines
    Fd draft = TRY(open_at(directory, draft_name, O_WRONLY | O_CREAT | O_EXCL, 0600));
    Undo forget([&] { (void)remove_file_at(directory, draft_name); });

    TRY_DOING(write_all(draft, bytes_of(bytes)), "write {}", name);
    if (fchmod(draft.number(), mode) != 0) return Error::system(errno, "set the mode of {}", name);
    if (durability == Durability::durable) TRY(sync_to_disk(draft));
    TRY(draft.close());
    TRY(durability == Durability::durable ? rename_at(directory, draft_name, directory, name) : take_the_place_of(directory, draft_name, name));
    forget.keep();
    if (durability == Durability::durable) TRY(sync_to_disk(TRY(open_at(directory, ".", O_RDONLY | O_DIRECTORY))));
    return {};
}

Result<> make_directories(const std::string& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) == 0) {
        if (chmod(path.c_str(), mode) != 0) return Error::system(errno, "set the mode of {}", path);
        return {};
    }
    const int failure = errno;
    const size_t slash = path.rfind('/', path.find_last_not_of('/'));  // before the last name
    if (failure == ENOENT && slash != 0 && slash != std::string::npos) {
        TRY(make_directories(path.substr(0, slash), mode));
        return make_directories(path, mode);
    }
    if (failure != EEXIST) return Error::system(failure, "make the directory {}", path);
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return Error::system(errno, "look at {}", path);
    if (!S_ISDIR(status.st_mode)) return Error::system(ENOTDIR, "make the directory {}", path);
    return {};
}

Result<> make_directory_at(FdView directory, const std::string& name, mode_t mode) {
    if (mkdirat(directory.number(), name.c_str(), mode) != 0) return Error::system(errno, "make the directory {}", name);
    if (fchmodat(directory.number(), name.c_str(), mode, 0) != 0) return Error::system(errno, "set the mode of {}", name);
    return {};
}

Result<std::vector<std::string>> list_directory_at(FdView directory, const std::string& path) {
    return names_in(TRY(open_at(directory, path, O_RDONLY | O_DIRECTORY)), path);
}

Result<> change_owner_at(FdView directory, const std::string& name, uid_t owner) {
    if (fchownat(directory.number(), name.c_str(), owner, static_cast<gid_t>(-1), AT_SYMLINK_NOFOLLOW | (name.empty() ? AT_EMPTY_PATH : 0)) != 0)
        return Error::system(errno, "give {} to uid {}", name.empty() ? std::string("a directory") : name, owner);
    return {};
}

Result<> remove_file_at(FdView directory, const std::string& name) {
    if (unlinkat(directory.number(), name.c_str(), 0) != 0 && errno != ENOENT) return Error::system(errno, "remove {}", name);
    return {};
}

Result<> remove_directory_at(FdView directory, const std::string& name) {
    if (unlinkat(directory.number(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
        return Error::system(errno, "remove the directory {}", name);
    return {};
}

Result<> remove_tree_at(FdView directory, const std::string& name) {
    struct stat status{};
    if (fstatat(directory.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return {};
        return Error::system(errno, "look at {}", name);
    }
    if (!S_ISDIR(status.st_mode)) return remove_file_at(directory, name);
    {
        const Fd tree = TRY(open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        TRY(remove_contents(tree, name, status.st_dev));
    }
    return remove_directory_at(directory, name);
}

Result<> rename_at(FdView from_directory, const std::string& from, FdView to_directory, const std::string& to) {
    if (renameat(from_directory.number(), from.c_str(), to_directory.number(), to.c_str()) != 0)
        return Error::system(errno, "rename {} to {}", from, to);
    return {};
}

Result<bool> is_linked(FdView file) {
    struct stat status{};
    if (fstat(file.number(), &status) != 0) return Error::system(errno, "look at an open file");
    return status.st_nlink > 0;
}

Result<std::string> read_link_at(FdView directory, const std::string& path) {
    std::string target(PATH_MAX, '\0');
    const ssize_t size = readlinkat(directory.number(), path.c_str(), target.data(), target.size());
    if (size < 0) return Error::system(errno, "read the link {}", path);
    target.resize(static_cast<size_t>(size));
    return target;
}

Result<Fd> make_memory_file(const char* label) {
    const int number = memfd_create(label, MFD_CLOEXEC);
    if (number < 0) return Error::system(errno, "make a file in memory");
    return Fd::adopt(number);
}

Result<std::string> real_path(const std::string& path) {
    char resolved[PATH_MAX];
    if (!realpath(path.c_str(), resolved)) return Error::system(errno, "resolve {}", path);
    return std::string(resolved);
}

Result<> sync_to_disk(FdView fd) {
    if (restarting([&] { return fsync(fd.number()); }) != 0) return Error::system(errno, "fsync descriptor {}", fd.number());
    return {};
}

Result<> lock_open_file(FdView file) {
    if (restarting([&] { return flock(file.number(), LOCK_EX); }) != 0) return Error::system(errno, "lock descriptor {}", file.number());
    return {};
}

Result<bool> is_locked(FdView file) {
    // Shared, so that two who ask at once do not take each other for the holder; freed when the caller closes the file.
    if (restarting([&] { return flock(file.number(), LOCK_SH | LOCK_NB); }) == 0) return false;
    if (errno == EWOULDBLOCK) return true;
    return Error::system(errno, "look whether descriptor {} is locked", file.number());
}

Result<Lock> Lock::take(const std::string& path, Kind kind) {
    Fd file = TRY(open_file(path, O_RDWR | O_CREAT, 0600));
    if (restarting([&] { return flock(file.number(), kind == Kind::exclusive ? LOCK_EX : LOCK_SH); }) != 0)
        return Error::system(errno, "lock {}", path);
    return Lock(std::move(file));
}

Result<Lock> Lock::try_take(const std::string& path, Kind kind) {
    Fd file = TRY(open_file(path, O_RDWR | O_CREAT, 0600));
    if (restarting([&] { return flock(file.number(), (kind == Kind::exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) return Error::conflict("{} is locked by another process", path);
        return Error::system(errno, "lock {}", path);
    }
    return Lock(std::move(file));
}

}  // namespace skiff::kernel
