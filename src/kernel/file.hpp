// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Files whose paths are ours: state, kernel interfaces, what the user named on the host. Never a path inside a
/// container's tree: that is kernel/root's business. Each call retries EINTR and short reads and writes.
namespace skiff::kernel {

/// The current directory, where a call takes a directory descriptor.
inline FdView here() { return FdView::of(AT_FDCWD); }

/// openat(2) with O_CLOEXEC added.
Result<Fd> open_at(FdView directory, const std::string& path, int flags, mode_t mode = 0);
inline Result<Fd> open_file(const std::string& path, int flags, mode_t mode = 0) { return open_at(here(), path, flags, mode); }
/// A directory, for use as the first argument of the others (O_PATH unless it must be listed or synced).
Result<Fd> open_directory(const std::string& path);

/// Keeps the numbers 0 to 2 from being given to files of ours where the caller has closed them: what is then read from
/// or written to them fails as before (EBADF). For the beginning of main.
void reserve_standard_descriptors();

Result<struct stat> status_of(FdView fd);
/// How many bytes its filesystem still takes from us (statvfs(3), f_bavail).
Result<uint64_t> free_space_at(const std::string& path);
/// Whether something stands there, a dangling symlink included.
Result<bool> exists_at(FdView directory, const std::string& path);
inline Result<bool> exists(const std::string& path) { return exists_at(here(), path); }

/// At most `buffer.size()` bytes; 0 at the end of the file.
Result<size_t> read_some(FdView fd, MutableBytes buffer);
/// The whole rest of `fd`. Error (invalid) when it holds more than `limit` bytes.
Result<std::string> read_to_end(FdView fd, size_t limit = 16 << 20);
Result<std::string> read_whole_file(const std::string& path, size_t limit = 16 << 20);
Result<std::string> read_whole_file_at(FdView directory, const std::string& path, size_t limit = 16 << 20);
/// The same of a file on disk, or one that the kernel tells in one go (/proc/PID/stat, a control group's numbers): where it
/// is shorter than 16 KiB nobody is asked whether that was all, which saves a system call in three.
Result<std::string> read_short_file_at(FdView directory, const std::string& path, size_t limit = 16 << 20);
inline Result<std::string> read_short_file(const std::string& path, size_t limit = 16 << 20) { return read_short_file_at(here(), path, limit); }
/// A kernel interface file that is open, read anew from its beginning in one go.
Result<std::string> read_from_start(FdView file);

/// All of `bytes`, however many write(2) calls it takes.
Result<> write_all(FdView fd, Bytes bytes);
/// One write(2) into an existing kernel interface file (cgroup, /proc, /sys): the kernel takes it whole or refuses.
Result<> write_setting_at(FdView directory, const std::string& path, std::string_view value);
inline Result<> write_setting(const std::string& path, std::string_view value) { return write_setting_at(here(), path, value); }

enum class Durability {
    visible,  ///< other processes see it; a power cut may lose it (files under the run directory)
    durable,  ///< on disk when the call returns: fsync of the file and of its directory
};
/// Replaces `name` in `directory` at once (temporary file, rename): readers see the old bytes or the new ones.
Result<> replace_file(FdView directory, const std::string& name, std::string_view bytes, mode_t mode, Durability durability);

/// Like mkdir -p: `mode` is for what it makes (umask ignored); what exists stays as it is.
Result<> make_directories(const std::string& path, mode_t mode);
/// One directory; an existing one is an error of kind `exists`.
Result<> make_directory_at(FdView directory, const std::string& name, mode_t mode);

/// Names in a directory, sorted, without "." and "..".
Result<std::vector<std::string>> list_directory_at(FdView directory, const std::string& path);
inline Result<std::vector<std::string>> list_directory(const std::string& path) { return list_directory_at(here(), path); }

/// Another owner, the group stays; an empty name means `directory` itself. Symlinks are not followed.
Result<> change_owner_at(FdView directory, const std::string& name, uid_t owner);

/// unlinkat(2); absent is success.
Result<> remove_file_at(FdView directory, const std::string& name);
inline Result<> remove_file(const std::string& path) { return remove_file_at(here(), path); }
/// rmdir(2); absent is success.
Result<> remove_directory_at(FdView directory, const std::string& name);
/// Everything below `name` and itself, never following a symlink nor crossing into another mount. Absent is success.
Result<> remove_tree_at(FdView directory, const std::string& name);
inline Result<> remove_tree(const std::string& path) { return remove_tree_at(here(), path); }

Result<> rename_at(FdView from_directory, const std::string& from, FdView to_directory, const std::string& to);
Result<std::string> read_link_at(FdView directory, const std::string& path);
inline Result<std::string> read_link(const std::string& path) { return read_link_at(here(), path); }
/// memfd_create(2): a file in memory, without a name that anybody could open. `label` shows in /proc/PID/fd.
Result<Fd> make_memory_file(const char* label);
/// The canonical absolute path of something that exists on the host (realpath(3)).
Result<std::string> real_path(const std::string& path);
/// Whether an open file or directory still has a name anywhere.
Result<bool> is_linked(FdView file);
/// fsync(2).
Result<> sync_to_disk(FdView fd);

/// Waits for an exclusive flock(2) on an open file or directory: held until every descriptor of this open file is
/// closed, forked copies' included.
Result<> lock_open_file(FdView file);
/// Whether somebody holds such a lock on it at this moment.
Result<bool> is_locked(FdView file);

/// An exclusive or shared flock(2), freed by the kernel with its last descriptor.
class Lock {
public:
    enum class Kind { exclusive, shared };
    /// Waits for it. The file is made (0600) where it is absent.
    static Result<Lock> take(const std::string& path, Kind kind = Kind::exclusive);
    /// Kind::conflict when somebody else holds it.
    static Result<Lock> try_take(const std::string& path, Kind kind = Kind::exclusive);
    FdView fd() const { return file_; }

private:
    explicit Lock(Fd file) : file_(std::move(file)) {}
    Fd file_;
};

}  // namespace skiff::kernel
