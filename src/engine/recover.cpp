// SPDX-License-Identifier: Apache-2.0
#include "engine/memory_pause.hpp"
#include "engine/recover.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "engine/clean_up.hpp"
#include "engine/container_images.hpp"
#include "engine/firewall.hpp"
#include "engine/network_space.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "monitor/client.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

std::string intents_of(const Engine::House& house) { return house.paths.runroot + "/intents"; }

std::string name_of(const std::string& id, const kernel::ProcessIdentity& who) { return format("{}.{}.{}", id, who.pid, who.start_ticks); }

std::string spare_of(const Engine::House& house) { return intents_of(house) + "/" + k_spare_intent; }

void keep_spare(const Engine::House& house) { (void)kernel::open_file(spare_of(house), O_WRONLY | O_CREAT, 0600); }

std::string trash_of(const Engine::House& house, const std::string& id) { return house.paths.root + "/trash/container-" + id; }

/// "ID.PID.STARTTICKS", or nothing for a file that is none of ours.
struct Declared { std::string id; kernel::ProcessIdentity writer; };
std::optional<Declared> parse_intent(std::string_view name) {
    const auto parts = split(name, '.');
    if (parts.size() != 3) return std::nullopt;
    std::string_view id = parts[0];
    for (const std::string_view prefix : {k_thaw, k_restart, k_again, k_net})
        if (id.starts_with(prefix)) {
            id.remove_prefix(prefix.size());
            break;
        }
    if (parts[0] != k_images && (id.size() != 64 || !ContainerId::parse(id))) return std::nullopt;
    const auto pid = parse_uint(parts[1]), start = parse_uint(parts[2]);
    if (!pid || !start || *pid > INT32_MAX) return std::nullopt;
    return Declared{std::string(parts[0]), {static_cast<pid_t>(*pid), *start}};
}

Result<> sweep_images(Engine::House& house) {
    auto images = TRY(open_images(house));
    return images.sweep();
}

/// Lets a container go on that stood still for somebody who is gone.
Result<> thaw(Engine::House& house, const std::string& id) {
    if (!TRY(house.store.has(id))) return {};
    const auto record = TRY(house.store.find(id));
    const auto running = find_running(house, record);
    if (!running && running.error().is(Kind::conflict)) return {};
    if (!running) return running.error();
    if (!running->is_paused) return {};
    if (find_memory_pause(house, id)) return {};  // that is another's: it came before he could freeze it
    return let_go_on(house, record);
}

/// Who was to start it again is gone. False where somebody has its lock, and so is at it.
Result<bool> tend(Engine::House& house, const std::string& id) {
    const auto record = house.store.find(id);
    if (!record && record.error().is(Kind::not_found)) return true;
    if (!record) return record.error();
    const auto lock = try_lock_container(house, *record);
    if (!lock && lock.error().is(Kind::conflict)) return false;
    if (!lock && lock.error().is(Kind::not_found)) return true;
    if (!lock) return lock.error();
    // A monitor that is there, perhaps at the beginning of its work, comes to the end of it by itself.
    if (!monitor::Client::connect(house.run_directory(id))) TRY(tidy_up(house, *record));
    return true;
}

/// The same for who was changing its interfaces, or what belongs to the network of that id.
Result<bool> mend_networks(Engine::House& house, const std::string& id) {
    const auto record = house.store.find(id);
    if (!record && record.error().is(Kind::not_found)) {
        TRY(apply_firewall(house));
        return true;
    }
    if (!record) return record.error();
    const auto lock = try_lock_container(house, *record);
    if (!lock && lock.error().is(Kind::conflict)) return false;
    if (!lock && lock.error().is(Kind::not_found)) return true;
    if (!lock) return lock.error();
    TRY(fit_interfaces(house, id));
    return true;
}

Result<> settle(Engine::House& house, const std::string& id, const std::string& intent) {
    const auto behind = [&](std::string_view prefix) { return id.substr(prefix.size()); };
    if (id == k_images) {
        TRY(sweep_images(house));
    } else if (id.starts_with(k_thaw)) {
        TRY(thaw(house, behind(k_thaw)));
    } else if (id.starts_with(k_restart) || id.starts_with(k_again)) {
        if (!TRY(tend(house, behind(id.starts_with(k_again) ? k_again : k_restart)))) return {};
    } else if (id.starts_with(k_net)) {
        if (!TRY(mend_networks(house, behind(k_net)))) return {};
    } else if (!TRY(house.store.has(id))) {
        TRY(remove_everything_of(house, id));
    }
    return kernel::remove_file(intents_of(house) + "/" + intent);
}

/// Directories that no row knows and nobody is at. The order of the three looks matters: whoever makes a directory has
/// his intent before it, and his row before the intent is gone.
Result<> compare_directories_with_rows(Engine::House& house) {
    const auto directories = TRY(kernel::list_directory(house.paths.root + "/containers"));
    const auto intents = TRY(kernel::list_directory(intents_of(house)));
    for (const auto& id : directories) {
        // Sorted: an intent of this id would stand right where the bare id would.
        const auto intent = std::lower_bound(intents.begin(), intents.end(), id);
        if (intent != intents.end() && intent->starts_with(id)) continue;
        if (!TRY(house.store.has(id))) TRY(remove_everything_of(house, id));
    }
    const auto trash = house.paths.root + "/trash";
    for (const auto& name : TRY(kernel::list_directory(trash)))
        if (name.starts_with("container-")) TRY(kernel::remove_tree(trash + "/" + name));
    return {};
}

}  // namespace

Result<Intent> Intent::declare(Engine::House& house, const std::string& id) {
    const auto self = TRY(kernel::identify(getpid()));
    auto name = name_of(id, self);
    const auto path = intents_of(house) + "/" + name;
    const auto made = kernel::open_file(path, O_WRONLY | O_CREAT, 0600);
    const bool is_spare = !made && made.error().is(Kind::no_space) && kernel::rename_at(kernel::here(), spare_of(house), kernel::here(), path);
    if (!made && !is_spare) return made.error();
    return Intent(house, id, std::move(name), is_spare);
}

void Intent::done() {  // a leftover is settled by the next command
    const auto path = intents_of(*house_) + "/" + name_;
    if (is_spare_) (void)kernel::rename_at(kernel::here(), path, kernel::here(), spare_of(*house_));
    else (void)kernel::remove_file(path);
}

Result<> Intent::hand_over(const kernel::ProcessIdentity& heir) {
    const auto intents = intents_of(*house_);
    return kernel::rename_at(kernel::here(), intents + "/" + name_, kernel::here(), intents + "/" + name_of(id_, heir));
}

std::string Intent::path_of(const Engine::House& house, const std::string& id) { return intents_of(house) + "/" + id; }

void Intent::give_up() { (void)settle(*house_, id_, name_); }  // the same; and what failed before is the error to tell

Result<std::vector<FoundIntent>> find_intents(const Engine::House& house, const std::string& subject) {
    std::vector<FoundIntent> found;
    for (const auto& name : TRY(kernel::list_directory(intents_of(house))))
        if (const auto intent = parse_intent(name); intent && intent->id == subject) found.push_back({intents_of(house) + "/" + name, intent->writer});
    return found;
}

Result<> recover(Engine::House& house) {
    for (const auto& name : TRY(kernel::list_directory(intents_of(house)))) {
        const auto intent = parse_intent(name);
        if (!intent) continue;
        const auto writer = kernel::open_process(intent->writer);
        if (writer) continue;
        if (!writer.error().is(Kind::not_found)) return writer.error();  // it may live: only who is known to be gone has left something
        TRY_DOING(settle(house, intent->id, name), "finish what another command left of {}", intent->id.substr(0, 12));
        keep_spare(house);  // it may have been that
    }

    const auto marker = "boot-" + house.boot_id;
    if (TRY(kernel::exists(house.paths.runroot + "/" + marker))) return {};
    TRY_DOING(compare_directories_with_rows(house), "look after what the last boot left");
    TRY_DOING(sweep_images(house), "look after what the last boot left of images");
    for (const auto& name : TRY(kernel::list_directory(house.paths.runroot)))
        if (name.starts_with("boot-")) TRY(kernel::remove_file(house.paths.runroot + "/" + name));
    keep_spare(house);
    (void)TRY(kernel::open_file(house.paths.runroot + "/" + marker, O_WRONLY | O_CREAT, 0600));
    return {};
}

Result<> remove_everything_of(Engine::House& house, const std::string& id) {
    if (const auto runtime = ContainerId::parse(id)) {
        if (TRY(kernel::exists(house.states.path_of(*runtime)))) TRY(runtime::remove(*runtime, house.states, true));
    }
    // Out of sight first: a half-deleted tree is never taken for a container's.
    TRY(put_out_of_sight(house, id));
    for (const auto& tree : leftovers_of(house, id)) TRY(kernel::remove_tree(tree));
    return {};
}

Result<> put_out_of_sight(Engine::House& house, const std::string& id) {
    const auto moved = kernel::rename_at(kernel::here(), house.container_directory(id), kernel::here(), trash_of(house, id));
    if (!moved && !moved.error().is_errno(ENOENT)) return moved.error();
    return {};
}

std::vector<std::string> leftovers_of(const Engine::House& house, const std::string& id) { return {house.run_directory(id), trash_of(house, id)}; }

}  // namespace skiff::engine
