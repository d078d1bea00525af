// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/root.hpp"

/// Making and changing what stands at a Place: the last step of every write into a tree. Nothing here follows a
/// symlink in the last place; nothing is replaced.
namespace skiff::kernel {

/// A new regular file (O_EXCL), mode 0600 until somebody changes it. Error kind `exists`.
Result<Fd> create_file(const Place& place);
/// A new directory, mode 0700 until somebody changes it; returns it opened for reading. Error kind `exists`.
Result<Fd> create_directory(const Place& place);
/// mknodat(2): `mode` with its type (S_IFCHR, S_IFBLK, S_IFIFO), `device` by makedev(3).
Result<> create_node(const Place& place, mode_t mode, dev_t device);
Result<> create_symlink(const Place& place, const std::string& target);
/// A further name for what stands at `existing`; a symlink is linked itself, not what it names.
Result<> create_hard_link(const Place& existing, const Place& place);

/// lstat(2). Error kind `not_found`.
Result<struct stat> status_at(const Place& place);
/// What stands there, opened with O_NOFOLLOW.
Result<Fd> open_place(const Place& place, int flags);

/// fchownat(2) with AT_SYMLINK_NOFOLLOW. Takes set-id bits and file capabilities away, so it comes first.
Result<> set_owner(const Place& place, uid_t uid, gid_t gid);
/// The mode of what is no symlink (those have none); the caller has looked.
Result<> set_mode(const Place& place, mode_t mode);
/// Modification time, which the access time follows; a symlink's own.
Result<> set_modified(const Place& place, int64_t seconds, uint32_t nanoseconds);

/// fsetxattr(2). For symlinks and nodes there is no such call by descriptor before Linux 6.13.
Result<> set_attribute(FdView file, const std::string& name, Bytes value);
/// The attribute's value. Error kind `not_found` (ENODATA) where there is none.
Result<std::string> read_attribute(FdView file, const std::string& name);

/// All of `bytes` at `offset` of a file (pwrite(2)).
Result<> write_at(FdView file, Bytes bytes, uint64_t offset);
/// ftruncate(2): behind the last byte written a hole.
Result<> set_size(FdView file, uint64_t size);

}  // namespace skiff::kernel
