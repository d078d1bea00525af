// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// System calls by name, for x86-64, i386 and x32, up to Linux 6.19 whatever the headers at hand know.
namespace skiff::kernel {

/// The three sets of system calls that an x86-64 kernel may offer.
enum class SyscallAbi : uint8_t { x86_64, i386, x32 };
inline constexpr size_t k_syscall_abi_count = 3;

/// Added to the number of every call made through x32 (__X32_SYSCALL_BIT).
inline constexpr uint32_t k_x32_bit = 0x40000000;

/// Above every number in the table.
inline constexpr int k_syscall_limit = 576;
/// x32 has calls of its own from here on, older than the newest common one (arch/x86/entry/syscalls/syscall_64.tbl).
inline constexpr int k_x32_own_calls = 512;
inline constexpr int k_x32_last_own_call = 547;

struct SyscallEntry {
    std::string_view name;
    std::array<int16_t, k_syscall_abi_count> numbers;  ///< by SyscallAbi; -1 where the call is absent; x32's without its bit
    int16_t multiplexer = 0;                           ///< i386's socketcall (102) or ipc (117), which also reaches it; 0: none
    int16_t multiplexed = 0;                           ///< the multiplexer's first argument

    int number(SyscallAbi abi) const { return numbers[static_cast<size_t>(abi)]; }
};

/// The call of that name, null where no x86 ABI has it. One hash and mostly one comparison.
const SyscallEntry* find_syscall(std::string_view name);

}  // namespace skiff::kernel
