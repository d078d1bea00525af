// SPDX-License-Identifier: Apache-2.0
#include "engine/restart_record.hpp"

#include <fcntl.h>

#include "codec/json.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

constexpr const char* k_record = "restart.json";
constexpr const char* k_stopped = "stopped";
constexpr size_t k_longest = 4096;

Result<RestartRecord> parse(const std::string& text) {
    const auto json = TRY(codec::parse_json(text));
    const auto fields = TRY(codec::JsonFields::of(json, "restart"));
    RestartRecord record;
    record.after_ns = TRY(fields.number<int64_t>("after_ns"));
    record.boot_id = TRY(fields.text("boot_id"));
    record.count = TRY(fields.number<int>("count"));
    record.delay_ns = TRY(fields.number<int64_t>("delay_ns"));
    record.due_ns = TRY(fields.optional_number<int64_t>("due_ns"));
    record.exit_code = TRY(fields.optional_number<int>("exit_code"));
    record.oom_killed = TRY(fields.flag("oom_killed"));
    record.ended_ns = TRY(fields.number<int64_t>("ended_ns"));
    return record;
}

}  // namespace

Result<> write_restart_record(const Engine::House& house, const std::string& id, const RestartRecord& record) {
    auto json = codec::Json::object({{"after_ns", record.after_ns}, {"boot_id", record.boot_id}, {"count", record.count}, {"delay_ns", record.delay_ns},
                                     {"oom_killed", record.oom_killed}, {"ended_ns", record.ended_ns}});
    if (record.due_ns) json.set("due_ns", *record.due_ns);
    if (record.exit_code) json.set("exit_code", *record.exit_code);
    const auto directory = TRY(kernel::open_directory(house.container_directory(id)));
    return kernel::replace_file(directory, k_record, json.to_text(), 0600, kernel::Durability::visible);
}

Result<std::optional<RestartRecord>> read_restart_record(const Engine::House& house, const std::string& id) {
    const auto text = kernel::read_whole_file(house.container_directory(id) + "/" + k_record, k_longest);
    if (!text && text.error().is_errno(ENOENT)) return std::optional<RestartRecord>();
    if (!text) return text.error();
    return std::optional<RestartRecord>(TRY_DOING(parse(*text), "read {} of container {}", k_record, id.substr(0, 12)));
}

Result<> leave_stopped_mark(const Engine::House& house, const ContainerRecord& record) {
    const auto directory = TRY(kernel::open_file(house.container_directory(record.id), O_RDONLY | O_DIRECTORY));
    (void)TRY(kernel::open_at(directory, k_stopped, O_WRONLY | O_CREAT, 0600));
    if (record.config.restart.when != RestartPolicy::When::unless_stopped) return {};
    return kernel::sync_to_disk(directory);
}

Result<bool> is_stopped_by_user(const Engine::House& house, const std::string& id) { return kernel::exists(house.container_directory(id) + "/" + k_stopped); }

Result<> forget_restarts(const Engine::House& house, const std::string& id) {
    const auto directory = TRY(kernel::open_directory(house.container_directory(id)));
    TRY(kernel::remove_file_at(directory, k_record));
    return kernel::remove_file_at(directory, k_stopped);
}

}  // namespace skiff::engine
