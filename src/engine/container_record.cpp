// SPDX-License-Identifier: Apache-2.0
// A record's form in the store. One table of members serves writing and reading, so that neither forgets one.
#include "engine/container_record.hpp"

#include "base/format.hpp"
#include "codec/json.hpp"

namespace skiff::engine {
namespace {

using codec::Json;
using codec::JsonFields;

/// Writes members that differ from their default.
class Writer {
public:
    void member(const char* name, const std::string& value) { if (!value.empty()) json_.set(name, Json(value)); }
    void member(const char* name, bool value) { if (value) json_.set(name, Json(true)); }
    void member(const char* name, int64_t value) { if (value != 0) json_.set(name, Json(value)); }
    void member(const char* name, const std::vector<std::string>& values) { if (!values.empty()) json_.set(name, Json(values)); }
    template <class Number> void member(const char* name, const std::optional<Number>& value) {
        if (!value) return;
        if constexpr (std::is_signed_v<Number>) json_.set(name, Json(int64_t{*value}));
        else json_.set(name, Json(uint64_t{*value}));
    }
    void member(const char* name, const std::optional<std::string>& value) { if (value) json_.set(name, Json(*value)); }
    void member(const char* name, const std::optional<std::vector<std::string>>& value) { if (value) json_.set(name, Json(*value)); }
    void member(const char* name, const std::map<std::string, std::string>& values) {
        if (values.empty()) return;
        Json map = Json::object();
        for (const auto& [key, value] : values) map.members().emplace_back(key, Json(value));
        json_.set(name, std::move(map));
    }
    void member(const char* name, const std::vector<std::pair<std::string, std::string>>& values) {
        if (values.empty()) return;
        Json map = Json::object();
        for (const auto& [key, value] : values) map.members().emplace_back(key, Json(value));
        json_.set(name, std::move(map));
    }
    void member(const char* name, const RestartPolicy& value) { if (value.is_set()) json_.set(name, Json(text_of(value))); }
    template <class Element, class Visit> void list(const char* name, const std::vector<Element>& elements, Visit&& visit) {
        if (elements.empty()) return;
        Json array = Json::array();
        for (const auto& element : elements) {
            Writer writer;
            visit(writer, element);
            array.push_back(std::move(writer).take());
        }
        json_.set(name, std::move(array));
    }
    Json take() && { return std::move(json_); }

private:
    Json json_ = Json::object();
};

/// The reverse; remembers the first thing that was not as expected.
class Reader {
public:
    explicit Reader(JsonFields fields) : fields_(std::move(fields)) {}

    void member(const char* name, std::string& value) { keep(value, fields_.text(name)); }
    void member(const char* name, bool& value) { keep(value, fields_.flag(name, false)); }
    void member(const char* name, int64_t& value) { keep(value, fields_.number<int64_t>(name)); }
    void member(const char* name, std::vector<std::string>& values) { keep(values, fields_.texts(name)); }
    template <class Number> void member(const char* name, std::optional<Number>& value) { keep(value, fields_.optional_number<Number>(name)); }
    void member(const char* name, std::optional<std::string>& value) {
        if (!fields_.has(name)) return;
        value.emplace();
        member(name, *value);
    }
    void member(const char* name, std::optional<std::vector<std::string>>& value) {
        if (!fields_.has(name)) return;
        value.emplace();
        member(name, *value);
    }
    void member(const char* name, std::map<std::string, std::string>& values) {
        auto found = fields_.text_map(name);
        if (!found) return fail(std::move(found).error());
        for (auto& [key, value] : *found) values.emplace(std::move(key), std::move(value));
    }
    void member(const char* name, std::vector<std::pair<std::string, std::string>>& values) { keep(values, fields_.text_map(name)); }
    void member(const char* name, RestartPolicy& value) {
        const auto text = fields_.text(name);
        if (!text) return fail(text.error());
        keep(value, parse_restart_policy(*text));
    }
    template <class Element, class Visit> void list(const char* name, std::vector<Element>& elements, Visit&& visit) {
        auto found = fields_.objects(name);
        if (!found) return fail(std::move(found).error());
        for (auto& object : *found) {
            Reader reader(std::move(object));
            visit(reader, elements.emplace_back());
            if (reader.error_) fail(std::move(*reader.error_));
        }
    }
    Result<> verdict() && {
        if (error_) return std::move(*error_).as(Kind::corrupt);
        return {};
    }

private:
    template <class Value, class Found> void keep(Value& value, Result<Found> found) {
        if (!found) return fail(std::move(found).error());
        value = std::move(*found);
    }
    void fail(Error error) { if (!error_) error_ = std::move(error); }
    JsonFields fields_;
    std::optional<Error> error_;
};

template <class Archive, class Config> void visit_config(Archive& a, Config& c) {
    a.member("image", c.image);
    a.member("rootfs", c.rootfs);
    a.member("command", c.command);
    a.member("entrypoint", c.entrypoint);
    a.list("environment", c.environment, [](auto& b, auto& e) { b.member("name", e.name), b.member("value", e.value); });
    a.member("workdir", c.workdir);
    a.member("user", c.user);
    a.member("hostname", c.hostname);
    a.member("domainname", c.domainname);
    a.member("extra_groups", c.extra_groups);
    a.member("labels", c.labels);
    a.member("terminal", c.terminal);
    a.member("stdin_open", c.stdin_open);
    a.member("attach_stdin", c.attach_stdin);
    a.member("attach_stdout", c.attach_stdout);
    a.member("attach_stderr", c.attach_stderr);
    a.member("stdin_once", c.stdin_once);
    a.member("auto_remove", c.auto_remove);
    a.member("init", c.init);
    a.member("read_only", c.read_only);
    a.member("privileged", c.privileged);
    a.list("binds", c.binds, [](auto& b, auto& e) {
        b.member("source", e.source), b.member("destination", e.destination), b.member("read_only", e.read_only);
        b.member("relabel_shared", e.relabel_shared), b.member("relabel_private", e.relabel_private), b.member("propagation", e.propagation);
        b.member("create_source", e.create_source);
    });
    a.list("tmpfs", c.tmpfs, [](auto& b, auto& e) { b.member("destination", e.destination), b.member("options", e.options); });
    a.list("devices", c.devices, [](auto& b, auto& e) {
        b.member("host_path", e.host_path), b.member("container_path", e.container_path), b.member("access", e.access);
    });
    a.member("cap_add", c.cap_add);
    a.member("cap_drop", c.cap_drop);
    a.member("security_options", c.security_options);
    a.member("seccomp_profile", c.seccomp_profile);
    a.list("ulimits", c.ulimits, [](auto& b, auto& e) { b.member("name", e.name), b.member("soft", e.soft), b.member("hard", e.hard); });
    a.member("sysctls", c.sysctls);
    a.member("memory", c.memory);
    a.member("memory_reservation", c.memory_reservation);
    a.member("memory_swap", c.memory_swap);
    a.member("nano_cpus", c.nano_cpus);
    a.member("cpu_shares", c.cpu_shares);
    a.member("cpuset_cpus", c.cpuset_cpus);
    a.member("cpuset_mems", c.cpuset_mems);
    a.member("pids_limit", c.pids_limit);
    a.member("blkio_weight", c.blkio_weight);
    a.member("oom_policy", c.oom.policy);
    a.member("oom_headroom", c.oom.headroom);
    a.member("oom_deadline_ns", c.oom.deadline_ns);
    a.member("memory_pressure", c.oom.pressure);
    a.member("shm_size", c.shm_size);
    a.member("network", c.network);
    a.member("pid", c.pid);
    a.member("ipc", c.ipc);
    a.member("uts", c.uts);
    a.member("stop_signal", c.stop_signal);
    a.member("stop_timeout", c.stop_timeout);
    a.member("restart", c.restart);
    a.member("log_driver", c.log.driver);
    a.member("log_max_size", c.log.max_size);
    a.member("log_max_file", c.log.max_file);
}

template <class Archive, class Record> void visit_record(Archive& a, Record& r) {
    a.member("id", r.id);
    a.member("name", r.name);
    a.member("image_id", r.image_id);
    a.member("layers", r.layers);
    a.member("created_ns", r.created_ns);
    a.member("is_copied", r.is_copied);
    visit_config(a, r.config);
}

}  // namespace

std::vector<std::string> ContainerRecord::arguments() const {
    std::vector<std::string> all = config.entrypoint.value_or(std::vector<std::string>());
    all.insert(all.end(), config.command.begin(), config.command.end());
    return all;
}

std::string_view name_of(ContainerStatus status) {
    switch (status) {
        case ContainerStatus::created: return "created";
        case ContainerStatus::running: return "running";
        case ContainerStatus::paused: return "paused";
        case ContainerStatus::restarting: return "restarting";
        case ContainerStatus::exited: return "exited";
        case ContainerStatus::unknown: return "unknown";
        case ContainerStatus::dead: return "dead";
        case ContainerStatus::removing: return "removing";
    }
    return "dead";
}

std::vector<std::string> advise_on_memory(const std::string& name, const ResourceLimits& limits) {
    const int64_t twice = 2 * (limits.memory.value_or(0) >> 20), swap = limits.memory_swap.value_or(0) >> 20;
    const std::string with_swap = swap > 0 && swap < twice ? format(" --memory-swap {}m", twice) : "";
    return {format("skiff update --memory {}m{} {}", twice, with_swap, name), "skiff unpause " + name, "skiff stop " + name};
}

std::string to_json_text(const ContainerRecord& record) {
    Writer writer;
    visit_record(writer, record);
    return std::move(writer).take().to_text();
}

Result<ContainerRecord> parse_record(std::string_view text) {
    const auto json = codec::parse_json(text);
    if (!json) return json.error().context("read a container's record").as(Kind::corrupt);
    auto fields = codec::JsonFields::of(*json, "container");
    if (!fields) return std::move(fields).error().as(Kind::corrupt);
    Reader reader(std::move(*fields));
    ContainerRecord record;
    visit_record(reader, record);
    TRY(std::move(reader).verdict());
    record.config.name = record.name;
    return record;
}

}  // namespace skiff::engine
