// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Landlock (landlock(7)): a process takes from itself every file, port and signal that it does not name.
namespace skiff::kernel {

/// What may be done to files below a place: bits of LANDLOCK_ACCESS_FS_… (linux/landlock.h), some of which Debian 12's
/// headers lack.
using LandlockRights = uint64_t;
inline constexpr LandlockRights k_landlock_execute = 1 << 0, k_landlock_write_file = 1 << 1, k_landlock_read_file = 1 << 2, k_landlock_read_directory = 1 << 3,
                                k_landlock_remove_directory = 1 << 4, k_landlock_remove_file = 1 << 5, k_landlock_make_char = 1 << 6,
                                k_landlock_make_directory = 1 << 7, k_landlock_make_file = 1 << 8, k_landlock_make_socket = 1 << 9,
                                k_landlock_make_fifo = 1 << 10, k_landlock_make_block = 1 << 11, k_landlock_make_symlink = 1 << 12,
                                k_landlock_refer = 1 << 13,      ///< link or rename into another directory; ABI 2
                                k_landlock_truncate = 1 << 14,   ///< ABI 3
                                k_landlock_device_ioctl = 1 << 15;  ///< ABI 5

/// Reading files and listing directories.
inline constexpr LandlockRights k_landlock_read = k_landlock_read_file | k_landlock_read_directory;
/// Everything that unpacking a layer does: making and removing of every kind, but nothing executed, no device used.
inline constexpr LandlockRights k_landlock_fill =
    k_landlock_read | k_landlock_write_file | k_landlock_truncate | k_landlock_refer | k_landlock_remove_directory | k_landlock_remove_file |
    k_landlock_make_char | k_landlock_make_block | k_landlock_make_directory | k_landlock_make_file | k_landlock_make_socket | k_landlock_make_fifo |
    k_landlock_make_symlink;

struct LandlockPlace {
    FdView place;             ///< a directory and everything below it, or one file; O_PATH suffices
    LandlockRights rights = 0;
};

/// What a process keeps; whatever is not named is taken. A mount cannot be made or moved afterwards either.
struct LandlockPolicy {
    std::vector<LandlockPlace> files = {};
    std::vector<uint16_t> connect_ports = {};  ///< TCP ports that it may connect to
    bool any_tcp = false;                      ///< TCP stays as it is: for who gets a network of his own
};

/// The version of Landlock that this kernel has (1: Linux 5.13, 4: 6.7 with TCP, 6: 6.12 with scopes), 0 for none.
int landlock_abi();

/// What a kernel with this version can take away, and what it cannot, as sentences for whoever shows the state of a
/// jail. Pure.
struct LandlockReach {
    LandlockRights files = 0;
    bool tcp = false;     ///< bind and connect
    bool scopes = false;  ///< abstract sockets of, and signals to, processes outside
    std::vector<std::string> out_of_reach;
};
LandlockReach landlock_reach(int abi);

/// Takes everything but `policy` from the calling thread and from what it starts later; cannot be undone. Sets
/// no_new_privs. Call it before any other thread exists. Descriptors that are already open keep their powers.
/// Returns how far this kernel's Landlock went.
/// Error (unsupported): the kernel has no Landlock, or `connect_ports` are given and it cannot tell ports apart.
Result<LandlockReach> restrict_self(const LandlockPolicy& policy);

}  // namespace skiff::kernel
