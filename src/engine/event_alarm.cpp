// SPDX-License-Identifier: Apache-2.0
#include "engine/event_alarm.hpp"

#include <fcntl.h>

#include "database/event_rows.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

/// To watch the same file again changes nothing.
Result<> add(kernel::FileWatch& queue, const std::string& path, kernel::FileWatch::What what) {
    const auto file = kernel::open_file(path, O_PATH);
    if (!file && file.error().is_errno(ENOENT)) return {};
    if (!file) return file.error();
    (void)TRY(queue.add(*file, what));
    return {};
}

}  // namespace

Result<EventAlarm> EventAlarm::on(const Engine::House& house) {
    EventAlarm alarm(TRY(kernel::FileWatch::create()));
    TRY(add(alarm.queue_, house.paths.root + "/events", kernel::FileWatch::What::names));  // another journal begins
    const std::string bell = database::event_bell(house.paths.root + "/skiff.db");
    (void)TRY(kernel::open_file(bell, O_WRONLY | O_CREAT, 0600));  // so that there is something to watch
    TRY(add(alarm.queue_, bell, kernel::FileWatch::What::everything));
    TRY(alarm.watch_journal(house));
    return alarm;
}

Result<> EventAlarm::watch_journal(const Engine::House& house) { return add(queue_, house.event_journal(), kernel::FileWatch::What::everything); }

Result<> EventAlarm::add_container(const Engine::House& house, const std::string& id) {
    return add(queue_, house.container_directory(id), kernel::FileWatch::What::names);
}

Result<> EventAlarm::rearm(const Engine::House& house) {
    queue_.take();
    return watch_journal(house);
}

}  // namespace skiff::engine
