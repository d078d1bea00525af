// SPDX-License-Identifier: Apache-2.0
// Looking up system calls by name: a hash table laid out by the compiler, because a container's policy asks for some
// 400 names each time one starts.
#include "kernel/syscall_table.hpp"

#include <iterator>

#include "kernel/syscall_table_x86.hpp"

namespace skiff::kernel {
namespace {

constexpr size_t k_slot_count = 2048;
constexpr size_t k_row_count = std::size(k_x86_syscalls);
static_assert(k_row_count * 4 < k_slot_count + k_slot_count / 4, "too full: collisions cost time");

constexpr size_t slot_of(std::string_view name) {
    uint32_t hash = 2166136261u;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return (hash ^ hash >> 15) % k_slot_count;
}

/// Row numbers plus one, at their name's slot or the next free one; 0: free.
constexpr std::array<uint16_t, k_slot_count> lay_out() {
    std::array<uint16_t, k_slot_count> slots{};
    for (size_t row = 0; row < k_row_count; ++row) {
        size_t slot = slot_of(k_x86_syscalls[row].name);
        while (slots[slot] != 0) slot = (slot + 1) % k_slot_count;
        slots[slot] = static_cast<uint16_t>(row + 1);
    }
    return slots;
}
constexpr std::array<uint16_t, k_slot_count> k_slots = lay_out();

constexpr bool every_number_is_below_the_limit() {
    for (const SyscallEntry& entry : k_x86_syscalls)
        for (const int16_t number : entry.numbers)
            if (number >= k_syscall_limit) return false;
    return true;
}
static_assert(every_number_is_below_the_limit());

}  // namespace

const SyscallEntry* find_syscall(std::string_view name) {
    for (size_t slot = slot_of(name); k_slots[slot] != 0; slot = (slot + 1) % k_slot_count) {
        const SyscallEntry& entry = k_x86_syscalls[k_slots[slot] - 1u];
        if (entry.name == name) return &entry;
    }
    return nullptr;
}

}  // namespace skiff::kernel
