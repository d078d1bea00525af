// SPDX-License-Identifier: Apache-2.0
// Where the kernel enters skiff-runtime, before the C library: a program that bears containers executes itself once more
// from a read-only view of its own file (runtime_cli/protect.hpp says why), and doing that here spares it the first of
// two starts of the C library, which is half a millisecond on a virtual machine (68 CPUID instructions that trap).
//
// Nothing is set up yet: no relocation, no thread pointer, so no library function, no stack protector, no pointer in
// static data. Where anything fails it goes on as if this file were not there, and main() sees to the protection.
#include <elf.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)

extern "C" {

asm(R"(
    .pushsection .text.skiff_entry, "ax", @progbits
    .globl skiff_entry
    .type skiff_entry, @function
skiff_entry:
    .cfi_startproc
    .cfi_undefined rip
    endbr64
    movq %rsp, %rdi
    pushq %rdx
    pushq %rdx
    call skiff_before_libc
    popq %rdx
    popq %rdx
    jmp _start
    .cfi_endproc
    .size skiff_entry, . - skiff_entry
    .popsection
)");

namespace {

constexpr long k_read_only = 1;  // ST_RDONLY, as statfs(2) has it

[[gnu::always_inline]] inline long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
    long result = 0;
    register long r10 asm("r10") = d;
    register long r8 asm("r8") = e;
    asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
    return result;
}

[[gnu::always_inline]] inline long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

[[gnu::always_inline]] inline bool equal(const char* a, const char* b) {
    while (*a && *a == *b) ++a, ++b;
    return *a == *b;
}

/// Whether a word is a verb that bears a process. A container of that name costs one start more, no harm.
[[gnu::always_inline]] inline bool bears(const char* word) { return equal(word, "run") || equal(word, "create") || equal(word, "exec") || equal(word, "monitor"); }

}  // namespace

/// `stack` is as the kernel leaves it: argc, argv, a null, the environment (System V ABI AMD64, "Initial Stack").
[[gnu::used, gnu::visibility("hidden"), gnu::no_stack_protector]] void skiff_before_libc(const long* stack) {
    const long count = stack[0];
    auto* const arguments = reinterpret_cast<const char* const*>(stack + 1);
    bool is_needed = false;
    for (long i = 1; i < count && !is_needed; ++i) is_needed = bears(arguments[i]);
    if (!is_needed) return;

    const long self = raw(SYS_open, address("/proc/self/exe"), O_RDONLY | O_CLOEXEC);
    if (self < 0) return;
    struct statfs status;
    status.f_flags = 0;  // one member by hand: an initializer of it all may call memset
    const bool is_protected = raw(SYS_fstatfs, self, address(&status)) != 0 || (status.f_flags & k_read_only);
    const long view = is_protected ? -1 : raw(SYS_open_tree, self, address(""), AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    raw(SYS_close, self);
    if (view < 0) return;
    mount_attr change;
    change.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    change.attr_clr = change.propagation = change.userns_fd = 0;
    if (raw(SYS_mount_setattr, view, address(""), AT_EMPTY_PATH, address(&change), sizeof change) == 0)
        raw(SYS_execveat, view, address(""), address(arguments), address(arguments + count + 1), AT_EMPTY_PATH);
    raw(SYS_close, view);
}

}  // extern "C"

#endif
