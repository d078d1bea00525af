// SPDX-License-Identifier: Apache-2.0
#include "image/export.hpp"

#include "image/stage.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/file.hpp"

namespace skiff::image {

Result<> export_tree(const std::string& transfer, const std::vector<std::string>& directories, kernel::FdView file) {
    if (directories.size() == 1) {
        const auto tree = TRY(kernel::open_directory(directories.front()));
        (void)TRY(finish_stage(TRY(start_stage(transfer, {"pack", "root"}, {{file, 1}, {tree, k_target_descriptor}}))));
        return {};
    }
    std::vector<std::string> arguments = {"pack", "overlay"};
    arguments.insert(arguments.end(), directories.begin(), directories.end());
    (void)TRY(finish_stage(TRY(start_stage(transfer, std::move(arguments), {{file, 1}}))));
    return {};
}

}  // namespace skiff::image
