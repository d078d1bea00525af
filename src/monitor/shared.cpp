// SPDX-License-Identifier: Apache-2.0
#include "monitor/shared.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/file_room.hpp"

namespace skiff::monitor {
namespace {

Result<void*> map(kernel::FdView file) {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
    if (memory == MAP_FAILED) return Error::system(errno, "map {} bytes of {}", sizeof(Shared), k_state_file);
    return memory;
}

}  // namespace

void Unmap::operator()(Shared* shared) const { munmap(shared, sizeof *shared); }

Result<StateFile> make_state_file(kernel::FdView directory) {
    kernel::Fd file = TRY(kernel::open_at(directory, k_state_file, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
    TRY(kernel::cut_to(file, k_staging_begin));
    TRY(kernel::reserve_room(file, 0, k_tails_begin));
    void* memory = TRY(map(file));
    // Default initialisation leaves the tails' bytes alone, so that their pages stay untouched.
    return StateFile{SharedMemory(new (memory) Shared), std::move(file)};
}

Result<StateFile> open_state_file(kernel::FdView directory) {
    kernel::Fd file = TRY(kernel::open_at(directory, k_state_file, O_RDWR | O_NOFOLLOW));
    const auto nothing = [] { return Error::not_found("{} is not of this version", k_state_file); };
    if (TRY(kernel::status_of(file)).st_size < k_staging_begin) return nothing();
    auto shared = SharedMemory(static_cast<Shared*>(TRY(map(file))));
    if (shared->layout != k_layout) return nothing();
    return StateFile{std::move(shared), std::move(file)};
}

}  // namespace skiff::monitor
