// SPDX-License-Identifier: Apache-2.0
// A container's filesystem as an archive: what its layers show together, without what is mounted in it.
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/host_facts.hpp"
#include "engine/house.hpp"
#include "image/export.hpp"

namespace skiff::engine {

Result<> Engine::export_container(const std::string& reference, kernel::FdView file) {
    const auto record = TRY(find_attended(*house_, reference));
    std::vector<std::string> directories;
    if (record.has_overlay()) directories = record.layers;
    directories.insert(directories.begin(), record.config.rootfs.empty() ? house_->container_directory(record.id) + "/upper" : record.config.rootfs);
    const auto transfer = TRY(transfer_program());
    auto exported = image::export_tree(transfer, directories, file);
    if (exported && !TRY(house_->store.has(record.id))) return Error::conflict("container {} was removed meanwhile", shown(record));
    if (exported) note_event(*house_, record, "export");
    return std::move(exported).context("export {}", shown(record));
}

}  // namespace skiff::engine
