// SPDX-License-Identifier: Apache-2.0
// What a container's record promises against what stands in its directory.
#include <fcntl.h>

#include "base/format.hpp"
#include "base/text.hpp"
#include "codec/json.hpp"
#include "engine/check_parts.hpp"
#include "engine/clean_up.hpp"
#include "engine/container_files.hpp"
#include "engine/host_facts.hpp"
#include "engine/recover.hpp"
#include "engine/restart_record.hpp"
#include "engine/spec_builder.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "monitor/exit_record.hpp"

namespace skiff::engine {
namespace {

/// A row as it stands, which parse_record() may refuse.
struct Row { std::string id, name, image_id, record; };

/// Whether its files are in use at this moment, so that nobody may exchange them.
bool is_in_use(const Engine::House& house, const ContainerRecord& record) {
    const auto running = find_running(house, record);
    return running || !running.error().is(Kind::conflict);
}

/// Out of the way, with its files: nothing of a user's is deleted because we cannot read our own record.
Result<> rescue(Engine::House& house, const std::string& id) {
    const auto rescued = house.paths.root + "/rescued";
    TRY(kernel::make_directories(rescued, 0700));
    auto moved = kernel::rename_at(kernel::here(), house.container_directory(id), kernel::here(), rescued + "/" + id);
    if (!moved && !moved.error().is_errno(ENOENT)) return moved;
    TRY(house.store.remove(id));
    return remove_everything_of(house, id);
}

Result<> forget_without_files(Engine::House& house, const ContainerRecord& record) {
    if (TRY(kernel::exists(house.container_directory(record.id)))) return {};
    if (is_in_use(house, record)) return Error::conflict("container {} runs by now", shown(record));
    TRY(house.store.remove(record.id));
    return remove_everything_of(house, record.id);
}

/// Under the container's lock, and not while it runs.
Result<> mend_files(Engine::House& house, const ContainerRecord& record, const std::function<Result<>(const std::string& directory)>& mend) {
    const auto lock = lock_container(house, record);
    if (!lock && lock.error().is(Kind::not_found)) return {};  // removed meanwhile
    if (!lock) return lock.error();
    if (is_in_use(house, record)) return Error::conflict("container {} runs; stop it first", shown(record));
    return mend(house.container_directory(record.id));
}

Result<> write_names_anew(const ContainerRecord& record, const std::string& directory) {
    const auto modes = TRY(parse_sharing(record.config));
    const auto facts = TRY(probe_facts(record.config));
    return write_container_files(directory, modes, hostname_of(record, modes, facts));
}

Result<> check_layers(Engine::House& house, const ContainerRecord& record, const std::string& own, Faults& faults) {
    if (!record.config.rootfs.empty()) return {};
    const std::string upper = own + "/upper";
    if (!TRY(kernel::exists(upper))) {
        Fault fault{"container", upper, format("the own files of container {} are gone", record.name), "", "remove the container and make it anew"};
        if (!record.is_copied) {
            fault.repair = "make the directory anew and empty, so that the container begins with its image's files";
            fault.mend = [&house, record] {
                return mend_files(house, record, [](const std::string& directory) { return kernel::make_directories(directory + "/upper", 0755); });
            };
        }
        faults.push_back(std::move(fault));
    }
    if (!record.has_overlay()) return {};
    if (!TRY(kernel::exists(own + "/work")))
        faults.push_back({"container", own + "/work", format("overlayfs' work directory of container {} is gone", record.name), "make it anew", "", [&house, record] {
            return mend_files(house, record, [](const std::string& directory) { return kernel::make_directories(directory + "/work", 0700); });
        }});
    for (const auto& layer : record.layers)
        if (!TRY(kernel::exists(layer)))
            faults.push_back({"container", layer, format("container {} has this layer, which is gone: it cannot start", record.name), "", format("what it has changed is in {}; copy it and remove the container", upper)});
    return {};
}

/// Small files of ours that must be readable for the container to be shown at all.
Result<> check_marks(Engine::House& house, const ContainerRecord& record, const std::string& own, Faults& faults) {
    const auto complain = [&](const char* name, const char* lost) {
        faults.push_back({"container", format("{}/{}", own, name), format("it is not what skiff writes, so that the state of container {} is unreadable", record.name), format("remove it; {}", lost), "",
            [&house, record, name] { return mend_files(house, record, [name](const std::string& directory) { return kernel::remove_file(format("{}/{}", directory, name)); }); }});
    };
    const auto mark = read_start_mark(house, record.id);
    if (!mark && mark.error().number() == 0) complain("start.json", "the container shows as created then");
    else if (!mark) return mark.error();
    const auto restarts = read_restart_record(house, record.id);
    if (!restarts && restarts.error().number() == 0) complain("restart.json", "its restarts are counted from 0 then, and one that it waits for does not come");
    else if (!restarts) return restarts.error();
    const auto text = kernel::read_whole_file(house.exit_file(record.id), 64 << 10);
    if (text && !monitor::parse_exit_record(*text)) complain("exit.json", "its exit code is unknown then");
    if (!text && !text.error().is_errno(ENOENT)) return text.error();
    return {};
}

Result<> check_directory(Engine::House& house, const ContainerRecord& record, Faults& faults) {
    const auto own = house.container_directory(record.id);
    if (!TRY(kernel::exists(own))) {
        if (!TRY(house.store.has(record.id))) return {};  // removed while we looked
        Fault fault{"container", own, format("the files of container {} are gone, its record is there", record.name), "", "stop the container and check again"};
        if (!is_in_use(house, record)) fault.repair = "remove the record", fault.mend = [&house, record] { return forget_without_files(house, record); };
        faults.push_back(std::move(fault));
        return {};
    }
    TRY(check_layers(house, record, own, faults));
    for (const char* name : {"hosts", "hostname", "resolv.conf"}) {
        if (TRY(kernel::exists(format("{}/{}", own, name)))) continue;
        faults.push_back({"container", format("{}/{}", own, name), format("container {} cannot start without it", record.name), "write hosts, hostname and resolv.conf anew", "",
            [&house, record] { return mend_files(house, record, [&record](const std::string& directory) { return write_names_anew(record, directory); }); }});
        break;  // one mend for all three
    }
    return check_marks(house, record, own, faults);
}

}  // namespace

Result<> check_containers(Engine::House& house, Faults& faults) {
    auto& database = house.store.database();
    std::vector<Row> rows;
    auto found = TRY(database.query("SELECT id, name, image_id, record FROM containers ORDER BY created_ns"));
    while (TRY(found.step())) rows.push_back({found.text(0), found.text(1), found.text(2), found.text(3)});
    for (const Row& row : rows) {
        auto record = parse_record(row.record);
        if (!record || record->id != row.id) {
            const auto rescued = house.paths.root + "/rescued/" + row.id;
            faults.push_back({"container", row.name, format("its record cannot be read{}{}", record ? "" : ": ", record ? "" : record.error().text()),
                              format("forget the container, end what runs of it, and keep its files in {}", rescued), "", [&house, id = row.id] { return rescue(house, id); }});
            continue;
        }
        record->name = record->config.name = row.name;
        const size_t before = faults.size();
        TRY(check_directory(house, *record, faults));
        if (faults.size() > before && !TRY(house.store.has(row.id))) faults.resize(before, Fault{});  // removed while we looked
        if (row.image_id.empty()) continue;
        auto image = TRY(database.query("SELECT 1 FROM images WHERE id = ?", {row.image_id}));
        if (!TRY(image.step()) && TRY(house.store.has(row.id)))
            faults.push_back({"container", row.name, format("the image that it is made from, {}, is not there", row.image_id.substr(0, 19)), "", "export what you need of it and remove it"});
    }
    return {};
}

}  // namespace skiff::engine
