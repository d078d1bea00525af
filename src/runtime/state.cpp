// SPDX-License-Identifier: Apache-2.0
// Records on disk, and what the kernel says became of their containers.
#include "runtime/state.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "cgroup/group.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "kernel/packet_socket.hpp"
#include "runtime/prepare.hpp"

namespace skiff::runtime {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr int k_format = 1;  // docs/formats/runtime-state.md
constexpr const char* k_file = "state.json";

Json to_json(const kernel::ProcessIdentity& identity) {
    return Json::object({{"pid", identity.pid}, {"startTicks", identity.start_ticks}});
}

Result<kernel::ProcessIdentity> identity_from(const JsonFields& fields) {
    kernel::ProcessIdentity identity;
    identity.pid = TRY(fields.number<int>("pid"));
    identity.start_ticks = TRY(fields.number<uint64_t>("startTicks"));
    return identity;
}

Json strings_of(const std::map<std::string, std::string>& map) {
    Json object = Json::object();
    for (const auto& [key, value] : map) object.set(key, value);
    return object;
}

std::string record_text(const Record& record) {
    Json json = Json::object({{"format", k_format}, {"id", record.id}, {"bundle", record.bundle}, {"rootfs", record.rootfs}, {"owner", record.owner},
                              {"bootId", record.boot_id}, {"creator", to_json(record.creator)}, {"createdNs", record.created_ns},
                              {"cgroup", record.cgroup}, {"cgroupDirectories", Json(record.cgroup_directories)},
                              {"annotations", strings_of(record.annotations)}, {"sharesPidNamespace", record.shares_pid_namespace},
                              {"sharesKeyring", record.shares_keyring}});
    if (!record.unit.empty()) json.set("unit", record.unit);
    if (record.init) json.set("init", to_json(*record.init));
    return json.to_text();
}

Result<Record> parse_record(std::string_view text) {
    const Json json = TRY(codec::parse_json(text));
    const JsonFields fields = TRY(JsonFields::of(json, ""));
    if (TRY(fields.number<int>("format")) != k_format) return Error::unsupported("written by another version of skiff");
    Record record;
    record.id = TRY(fields.required_text("id"));
    record.bundle = TRY(fields.text("bundle"));
    record.rootfs = TRY(fields.text("rootfs"));
    record.owner = TRY(fields.text("owner"));
    record.boot_id = TRY(fields.text("bootId"));
    record.created_ns = TRY(fields.number<int64_t>("createdNs"));
    record.cgroup = TRY(fields.text("cgroup"));
    record.unit = TRY(fields.text("unit"));
    record.cgroup_directories = TRY(fields.texts("cgroupDirectories"));
    record.shares_keyring = TRY(fields.flag("sharesKeyring"));
    record.shares_pid_namespace = TRY(fields.flag("sharesPidNamespace"));
    for (auto& [key, value] : TRY(fields.text_map("annotations"))) record.annotations[key] = value;
    if (const auto creator = TRY(fields.object("creator"))) record.creator = TRY(identity_from(*creator));
    if (const auto init = TRY(fields.object("init"))) record.init = TRY(identity_from(*init));
    return record;
}

Json state_json(const Record& record, Status status, std::string_view oci_version) {
    Json json = Json::object({{"ociVersion", oci_version}, {"id", record.id}, {"pid", status == Status::stopped || !record.init ? 0 : record.init->pid},
                              {"status", name_of(status)}, {"bundle", record.bundle}, {"rootfs", record.rootfs},
                              {"created", to_rfc3339(record.created_ns)}});
    if (!record.annotations.empty()) json.set("annotations", strings_of(record.annotations));
    json.set("owner", record.owner);
    return json;
}

/// Whether the first process still waits: somebody listens at its start socket.
Result<bool> waits_for_start(const ContainerId& id, const StateDir& states) {
    if (!TRY(kernel::exists_at(states.directory(), id.string() + "/" + k_start_socket))) return false;
    const kernel::Fd directory = TRY(kernel::open_directory(states.path_of(id)));
    const auto knocked = kernel::connect_for_packets(directory, k_start_socket);
    if (knocked) return true;
    return !knocked.error().is(Kind::not_found) && !knocked.error().is_errno(ECONNREFUSED) ? Result<bool>(knocked.error()) : Result<bool>(false);
}

}  // namespace

std::string_view name_of(Status status) {
    switch (status) {
        case Status::creating: return "creating";
        case Status::created: return "created";
        case Status::running: return "running";
        case Status::paused: return "paused";
        case Status::stopped: return "stopped";
    }
    return "unknown";
}

Result<StateDir> StateDir::open(const std::string& path) {
    if (!TRY(kernel::exists(path))) TRY(kernel::make_directories(path, 0700));
    auto directory = TRY(kernel::open_directory(path));
    return StateDir(TRY(kernel::real_path(path)), std::move(directory));
}

Result<> StateDir::reserve(const ContainerId& id) const {
    auto made = kernel::make_directory_at(kernel::here(), path_of(id), 0700);
    if (!made && made.error().is(Kind::exists)) return Error::exists("a container with the id {} already exists", id.string());
    return made;
}

Result<> StateDir::save(const ContainerId& id, const Record& record) const {
    const kernel::Fd directory = TRY(kernel::open_directory(path_of(id)));
    return kernel::replace_file(directory, k_file, record_text(record), 0600, kernel::Durability::visible);
}

Result<> StateDir::forget(const ContainerId& id) const { return kernel::remove_tree(path_of(id)); }

Result<Record> StateDir::load(const ContainerId& id) const {
    auto text = kernel::read_short_file_at(directory(), id.string() + "/" + k_file);
    if (!text) {
        if (!text.error().is(Kind::not_found)) return std::move(text).error();
        if (!TRY(kernel::exists_at(directory(), id.string()))) return Error::not_found("container {} does not exist", id.string());
        Record nothing_yet;  // its maker died, or is, between two lines: nothing but the directory was made
        nothing_yet.id = id.string();
        return nothing_yet;
    }
    return TRY_DOING(parse_record(*text), "the record of container {}", id.string());
}

Result<std::vector<ContainerId>> StateDir::list() const {
    std::vector<ContainerId> ids;
    for (const std::string& name : TRY(kernel::list_directory(path_)))
        if (auto id = ContainerId::parse(name)) ids.push_back(std::move(*id));
    return ids;
}

Result<std::optional<char>> look_up_letter(const kernel::ProcessIdentity& identity) {
    constexpr std::optional<char> gone;
    auto stat = kernel::read_short_file(format("/proc/{}/stat", identity.pid));
    if (!stat && (stat.error().is_errno(ENOENT) || stat.error().is_errno(ESRCH))) return gone;
    if (!stat) return std::move(stat).error();  // want of descriptors, say: that tells nothing about the process
    const size_t name_end = stat->rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= stat->size()) return gone;
    const char letter = (*stat)[name_end + 2];
    if (letter == 'Z' || letter == 'X') return gone;
    std::string_view fields = std::string_view(*stat).substr(name_end + 2);
    for (int before = 3; before < 22; ++before) {  // they begin with field 3; 22 is the start time (proc_pid_stat(5))
        const size_t space = fields.find(' ');
        if (space == std::string_view::npos) return gone;
        fields.remove_prefix(space + 1);
    }
    if (parse_uint(fields.substr(0, fields.find(' '))) != identity.start_ticks) return gone;
    return std::optional(letter);
}

Result<bool> is_alive(const kernel::ProcessIdentity& identity) { return TRY(look_up_letter(identity)).has_value(); }

Result<Status> look_up_status(const ContainerId& id, const Record& record, const StateDir& states) {
    if (record.boot_id != TRY(kernel::boot_id())) return Status::stopped;
    if (!record.init) return TRY(is_alive(record.creator)) ? Status::creating : Status::stopped;
    const auto letter = TRY(look_up_letter(*record.init));
    if (!letter) return Status::stopped;
    if (TRY(waits_for_start(id, states))) return Status::created;
    if (record.cgroup.empty()) return Status::running;
    const auto hierarchies = TRY(cgroup::probe_hierarchies_once());
    // Its letter does not tell: a first process that is ending sleeps until the last one in its PID namespace, which is frozen, has gone.
    return TRY(cgroup::is_group_frozen(*hierarchies, record.cgroup)) ? Status::paused : Status::running;
}

std::string state_document(const Record& record, Status status, std::string_view oci_version) {
    return state_json(record, status, oci_version).to_pretty_text("  ");
}

std::string process_state_document(const Record& record, Status status, std::string_view oci_version, pid_t pid, const std::string& metadata) {
    Json json = Json::object({{"ociVersion", oci_version}, {"fds", Json(std::vector<std::string>{"seccompFd"})}, {"pid", pid}});
    if (!metadata.empty()) json.set("metadata", metadata);
    json.set("state", state_json(record, status, oci_version));
    return json.to_text();
}

}  // namespace skiff::runtime
