// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

namespace skiff::kernel {

/// A kind of namespace as /proc/PID/ns calls it, and its CLONE_NEW… flag.
struct NamespaceKind { std::string_view name; uint64_t flag; };
/// All eight, sorted by name.
std::span<const NamespaceKind> namespace_kinds();
/// Error (invalid): no such kind; the sentence lists them.
Result<NamespaceKind> parse_namespace_kind(std::string_view name);

/// The CLONE_NEW… flags of the namespaces in which `pid` lives and we do not (namespaces(7)): /proc/PID/ns compared by
/// device and inode. Error (not_found): no such process.
Result<uint64_t> namespaces_that_differ(pid_t pid);

/// "net:[4026531840]", as links in /proc and the root field of a mount tell it. Nothing for any other text.
struct NamespaceName { std::string kind; uint64_t inode = 0; };
std::optional<NamespaceName> parse_namespace_name(std::string_view text);

/// The namespace that `path` is. Error (invalid): it is something else (a plain file, say).
struct NamespaceHandle { Fd fd; NamespaceKind kind; uint64_t inode = 0; };
Result<NamespaceHandle> open_namespace(const std::string& path);
/// The handle of one kind for a process; for its children where these are born elsewhere (pid, time) and `of_children`.
Result<NamespaceHandle> open_namespace_of(pid_t pid, NamespaceKind kind, bool of_children = false);

/// A process that lives in new namespaces and only waits; it ends with this object, or with us.
struct Resident { Fd until; Child child; };
/// In a new user namespace every id is mapped to itself; what is mounted in a new mount namespace is not seen outside. Error
/// (invalid): pid, which cannot outlive its first process.
Result<Resident> start_in_new_namespaces(uint64_t flags);

/// Moves this single-threaded process into all of them, the user namespace last, in which it becomes root; in case of pid
/// only its children to come.
Result<> enter_namespaces(std::span<const NamespaceHandle> handles);

}  // namespace skiff::kernel
