// SPDX-License-Identifier: Apache-2.0
// `system check`: collects what is wrong, then mends it where that was asked for. Opening the engine has already
// finished what dead commands left; what is found here came about in another way.
#include "engine/check.hpp"

#include "base/format.hpp"
#include "engine/check_parts.hpp"
#include "engine/container_images.hpp"
#include "engine/engine.hpp"
#include "engine/host_facts.hpp"
#include "engine/recover.hpp"
#include "image/check.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

Result<std::vector<std::string>> complaints_of(database::Database& database, bool quick) {
    std::vector<std::string> complaints;
    auto rows = TRY(database.query(quick ? "PRAGMA quick_check(20)" : "PRAGMA integrity_check(20)"));
    while (TRY(rows.step()))
        if (rows.text(0) != "ok") complaints.push_back(rows.text(0));
    return complaints;
}

bool is_about_an_index(const std::string& complaint) { return complaint.find("index") != std::string::npos; }

Result<> rebuild_indexes(database::Database& database) {
    TRY(database.run("REINDEX"));
    const auto left = TRY(complaints_of(database, false));
    if (!left.empty()) return Error::corrupt("the database is damaged beyond its indexes: {}", left.front());
    return {};
}

/// The containers of an image, for a sentence.
Result<std::string> users_text(Engine::House& house, const std::string& image) {
    std::string names;
    for (const auto& user : TRY(house.store.users_of_image(image))) names += (names.empty() ? "" : ", ") + user.name;
    return names;
}

/// An image that nobody can use any more goes, unless a container has come meanwhile.
Result<> remove_damaged_image(Engine::House& house, const std::string& id) {
    auto images = TRY(open_images(house));
    auto intent = TRY(Intent::declare(house, k_images));
    const auto users = [&house](const std::string& image) -> Result<std::vector<std::string>> {
        std::vector<std::string> ids;
        for (auto& user : TRY(house.store.users_of_image(image))) ids.push_back(std::move(user.id));
        return ids;
    };
    for (const auto& user : TRY(users(id))) return Error::conflict("container {} is made from it by now", user.substr(0, 12));
    const auto removed = images.remove(id, true, users);
    if (!removed && !removed.error().is(Kind::not_found)) {
        intent.give_up();
        return removed.error();
    }
    intent.done();
    return {};
}

Result<> sweep_until_gone(Engine::House& house, const std::string& path) {
    auto images = TRY(open_images(house));
    TRY(images.sweep());
    if (TRY(kernel::exists(path))) return Error::conflict("{} is still there: an import may be at work; check again when it is done", path);
    return {};
}

}  // namespace

Result<> check_database(Engine::House& house, bool quick, Faults& faults) {
    auto& database = house.store.database();
    for (const auto& complaint : TRY(complaints_of(database, quick))) {
        Fault fault{"database", house.paths.root + "/skiff.db", complaint, "", "copy what you need out of the containers and images, and restore the file from a backup"};
        if (is_about_an_index(complaint)) fault.repair = "make the indexes anew from the tables", fault.mend = [&database] { return rebuild_indexes(database); };
        faults.push_back(std::move(fault));
    }
    return {};
}

Result<> check_images(Engine::House& house, bool quick, Faults& faults) {
    (void)TRY(open_images(house));  // its tables and folders
    auto& database = house.store.database();
    for (const auto& sentence : TRY(image::find_loose_rows(database)))
        faults.push_back({"image", house.paths.root + "/skiff.db", sentence, "forget that row", "", [&database] { return image::forget_loose_rows(database); }});
    const auto transfer = TRY(transfer_program());
    for (const auto& damage : TRY(image::find_damage(house.paths.root, database, transfer, quick))) {
        Fault fault{"image", damage.where, format("{} (image {})", damage.says, damage.image.substr(7, 12)), "", ""};
        const auto users = TRY(users_text(house, damage.image));
        if (!damage.is_unusable) fault.advice = "containers run; to save the image, load or import it once more";
        else if (!users.empty()) fault.advice = format("containers are made from it: export what you need of {}, remove them and check again", users);
        else fault.repair = format("remove the image {}, to be imported or loaded once more", damage.image.substr(7, 12)), fault.mend = [&house, id = damage.image] { return remove_damaged_image(house, id); };
        faults.push_back(std::move(fault));
    }
    for (const auto& path : TRY(image::find_strays(house.paths.root, database)))
        faults.push_back({"leftover", path, "no image knows it", "delete it", "", [&house, path] { return sweep_until_gone(house, path); }});
    return {};
}

Result<std::vector<Fault>> Engine::check(const CheckOptions& options) {
    Faults faults;
    TRY(check_database(*house_, options.quick, faults));
    TRY_DOING(check_images(*house_, options.quick, faults), "check the images");
    TRY_DOING(check_containers(*house_, faults), "check the containers");
    TRY_DOING(check_leftovers(*house_, faults), "check for leftovers");
    if (!options.repair) return faults;
    for (Fault& fault : faults) {
        if (!fault.mend) continue;
        const auto mended = fault.mend();
        fault.is_repaired = mended.has_value();
        if (!mended) fault.failure = mended.error().text();
    }
    return faults;
}

}  // namespace skiff::engine
