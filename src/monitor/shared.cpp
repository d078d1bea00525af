// SPDX-License-Identifier: Apache-2.0
#include "monitor/shared.hpp"

#include <sys/mman.h>

#include <cerrno>

namespace skiff::monitor {

void Unmap::operator()(Shared* shared) const { munmap(shared, sizeof *shared); }

Result<SharedMemory> make_shared_memory() {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Error::system(errno, "map {} bytes to share", sizeof(Shared));
    // Default initialisation leaves the tails' bytes alone, so that their pages stay untouched.
    return SharedMemory(new (memory) Shared);
}

}  // namespace skiff::monitor
