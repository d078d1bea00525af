// SPDX-License-Identifier: Apache-2.0
#include "engine/reserve.hpp"

#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

constexpr off_t k_size = 256 << 10;  // some transactions, and the log of the database that they are written to

std::string path_of(const std::string& root) { return root + "/reserve"; }

}  // namespace

void keep_reserve(const std::string& root) {
    const auto file = kernel::open_file(path_of(root), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!file) return;  // there is one, or no room for it
    if (posix_fallocate(file->number(), 0, k_size) != 0) (void)kernel::remove_file(path_of(root));
}

bool give_up_reserve(const std::string& root) {
    const auto exists = kernel::exists(path_of(root));
    return exists && *exists && kernel::remove_file(path_of(root));
}

}  // namespace skiff::engine
