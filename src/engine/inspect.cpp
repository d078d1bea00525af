// SPDX-License-Identifier: Apache-2.0
#include "engine/inspect.hpp"

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace skiff::engine {
namespace {

using codec::Json;

std::string time_text(int64_t wall_ns) { return wall_ns == 0 ? "0001-01-01T00:00:00Z" : to_rfc3339(wall_ns); }

Json texts_or_null(const std::vector<std::string>& texts) { return texts.empty() ? Json() : Json(texts); }

template <class Map> Json map_of(const Map& map) {
    Json object = Json::object();
    for (const auto& [key, value] : map) object.set(key, Json(value));
    return object;
}

Json state_document(const ContainerRecord& record, const ContainerState& state) {
    std::string error = state.error;
    const bool is_unknown = state.status == ContainerStatus::unknown;
    if (is_unknown) error = "it has ended and nobody saw how: both processes of its monitor had been killed";
    else if (state.host_went_down) error = "the host went down while it ran";
    Json document = Json::object({
        {"Status", name_of(state.status)},
        {"Running", state.status == ContainerStatus::running || state.status == ContainerStatus::paused || state.status == ContainerStatus::restarting},
        {"Paused", state.status == ContainerStatus::paused},
        {"Restarting", state.status == ContainerStatus::restarting},
        {"OOMKilled", state.oom_killed},
        {"Dead", state.status == ContainerStatus::dead},
        {"Pid", state.pid},
        {"ExitCode", is_unknown ? monitor::k_unknown_code : state.exit_code.value_or(0)},
        {"Error", error},
        {"StartedAt", time_text(state.started_ns)},
        {"FinishedAt", time_text(state.finished_ns)},
    });
    document.set("OOMPaused", state.out_of_memory.has_value());
    if (const auto& mark = state.out_of_memory) {
        const auto advice = advise_on_memory(record.name, record.config);
        document.set("OOMPause", Json::object({{"Since", time_text(mark->since_ns)}, {"Memory", mark->promised}, {"HardLimit", mark->hard}, {"Usage", mark->usage}, {"Advice", Json(advice)}}));
    }
    return document;
}

Json config_document(const ContainerRecord& record, const std::string& hostname) {
    const auto& config = record.config;
    Json env = Json::array();
    for (const auto& [name, value] : config.environment) env.push_back(name + "=" + value);
    Json document = Json::object({
        {"Hostname", hostname},
        {"Domainname", config.domainname},
        {"User", config.user},
        {"AttachStdin", config.attach_stdin},
        {"AttachStdout", config.attach_stdout},
        {"AttachStderr", config.attach_stderr},
        {"Tty", config.terminal},
        {"OpenStdin", config.stdin_open},
        {"StdinOnce", config.stdin_once},
        {"Env", env},
        {"Cmd", texts_or_null(config.command)},
        {"Image", config.image},
        {"Volumes", Json()},
        {"WorkingDir", config.workdir},
        {"Entrypoint", config.entrypoint && !config.entrypoint->empty() ? Json(*config.entrypoint) : Json()},
        {"OnBuild", Json()},
        {"Labels", map_of(config.labels)},
    });
    if (!config.stop_signal.empty()) document.set("StopSignal", config.stop_signal);
    if (config.stop_timeout) document.set("StopTimeout", *config.stop_timeout);
    return document;
}

Json bind_texts(const std::vector<BindMount>& binds) {
    Json array = Json::array();
    for (const auto& bind : binds) {
        std::vector<std::string> options;
        if (bind.read_only) options.push_back("ro");
        if (!bind.propagation.empty()) options.push_back(bind.propagation);
        array.push_back(bind.source + ":" + bind.destination + (options.empty() ? "" : ":" + join(options, ",")));
    }
    return array;
}

Json host_config_document(const ContainerRecord& record) {
    const auto& c = record.config;
    Json log_options = Json::object();
    if (c.log.max_size) log_options.set("max-size", std::to_string(*c.log.max_size));
    if (c.log.max_file) log_options.set("max-file", std::to_string(*c.log.max_file));
    Json devices = Json::array(), ulimits = Json::array(), tmpfs = Json::object();
    for (const auto& device : c.devices)
        devices.push_back(Json::object({{"PathOnHost", device.host_path}, {"PathInContainer", device.container_path}, {"CgroupPermissions", device.access}}));
    for (const auto& limit : c.ulimits) ulimits.push_back(Json::object({{"Name", limit.name}, {"Hard", limit.hard}, {"Soft", limit.soft}}));
    for (const auto& mount : c.tmpfs) tmpfs.set(mount.destination, join(mount.options, ","));
    const bool has_swap_default = c.memory.value_or(0) > 0 && c.memory_swap.value_or(0) == 0;
    return Json::object({
        {"Binds", c.binds.empty() ? Json() : bind_texts(c.binds)},
        {"ContainerIDFile", ""},
        {"LogConfig", Json::object({{"Type", c.log.driver}, {"Config", log_options}})},
        {"NetworkMode", c.network.empty() ? "none" : c.network},
        {"PortBindings", Json::object()},
        {"RestartPolicy", Json::object({{"Name", name_of(c.restart.when)}, {"MaximumRetryCount", c.restart.most}})},
        {"AutoRemove", c.auto_remove},
        {"CapAdd", texts_or_null(c.cap_add)},
        {"CapDrop", texts_or_null(c.cap_drop)},
        {"CgroupnsMode", "private"},
        {"GroupAdd", texts_or_null(c.extra_groups)},
        {"IpcMode", c.ipc.empty() ? "private" : c.ipc},
        {"PidMode", c.pid},
        {"Privileged", c.privileged},
        {"ReadonlyRootfs", c.read_only},
        {"SecurityOpt", texts_or_null(c.security_options)},
        {"Tmpfs", c.tmpfs.empty() ? Json() : tmpfs},
        {"UTSMode", c.uts},
        {"UsernsMode", ""},
        {"ShmSize", c.shm_size.value_or(64 << 20)},
        {"Sysctls", c.sysctls.empty() ? Json() : map_of(c.sysctls)},
        {"Runtime", "skiff-runtime"},
        {"CpuShares", c.cpu_shares.value_or(0)},
        {"Memory", c.memory.value_or(0)},
        {"NanoCpus", c.nano_cpus.value_or(0)},
        {"CgroupParent", "/skiff"},
        {"BlkioWeight", static_cast<unsigned>(c.blkio_weight.value_or(0))},
        {"CpusetCpus", c.cpuset_cpus},
        {"CpusetMems", c.cpuset_mems},
        {"Devices", devices},
        {"MemoryReservation", c.memory_reservation.value_or(0)},
        {"MemorySwap", has_swap_default ? 2 * *c.memory : c.memory_swap.value_or(0)},
        {"PidsLimit", c.pids_limit ? Json(*c.pids_limit) : Json()},
        {"OomPolicy", c.oom.policy.empty() ? "kill" : c.oom.policy},
        {"OomHeadroom", c.oom.headroom.value_or(0)},
        {"OomDeadline", c.oom.deadline_ns.value_or(0)},
        {"MemoryPressure", c.oom.pressure},
        {"Ulimits", c.ulimits.empty() ? Json() : ulimits},
        {"Init", c.init},
    });
}

Json mounts_document(const CreateRequest& config) {
    Json mounts = Json::array();
    for (const auto& bind : config.binds)
        mounts.push_back(Json::object({{"Type", "bind"}, {"Source", bind.source}, {"Destination", bind.destination}, {"Mode", bind.read_only ? "ro" : ""},
                                       {"RW", !bind.read_only}, {"Propagation", bind.propagation.empty() ? "rprivate" : bind.propagation}}));
    for (const auto& mount : config.tmpfs)
        mounts.push_back(Json::object({{"Type", "tmpfs"}, {"Source", ""}, {"Destination", mount.destination}, {"Mode", ""}, {"RW", true}, {"Propagation", ""}}));
    return mounts;
}

Json graph_document(const ContainerRecord& record, const ContainerPaths& paths) {
    if (!record.config.rootfs.empty()) return Json::object({{"Data", Json::object({{"RootDir", record.config.rootfs}})}, {"Name", "rootfs"}});
    if (record.is_copied) return Json::object({{"Data", Json::object({{"RootDir", paths.directory + "/upper"}})}, {"Name", "copy"}});
    return Json::object({{"Data", Json::object({{"LowerDir", join(record.layers, ":")}, {"UpperDir", paths.directory + "/upper"}, {"WorkDir", paths.directory + "/work"}})},
                         {"Name", "overlay"}});
}

}  // namespace

Json container_document(const ContainerRecord& record, const ContainerState& state, const ContainerPaths& paths, const std::string& hostname, int restarts,
                        const std::optional<ContainerSizes>& sizes, Json networks) {
    auto arguments = record.arguments();
    const auto path = arguments.empty() ? std::string() : arguments.front();
    if (!arguments.empty()) arguments.erase(arguments.begin());
    const bool has_log = record.config.log.driver == "json-file";
    Json document = Json::object({
        {"Id", record.id},
        {"Created", time_text(record.created_ns)},
        {"Path", path},
        {"Args", Json(arguments)},
        {"State", state_document(record, state)},
        {"Image", record.image_id},
        {"ResolvConfPath", paths.directory + "/resolv.conf"},
        {"HostnamePath", paths.directory + "/hostname"},
        {"HostsPath", paths.directory + "/hosts"},
        {"LogPath", has_log ? paths.log : ""},
        {"Name", "/" + record.name},
        {"RestartCount", restarts},
        {"Driver", record.has_overlay() ? "overlay" : record.is_copied ? "copy" : "rootfs"},
        {"Platform", "linux"},
        {"MountLabel", ""},
        {"ProcessLabel", ""},
        {"AppArmorProfile", ""},
        {"ExecIDs", Json()},
        {"HostConfig", host_config_document(record)},
        {"GraphDriver", graph_document(record, paths)},
    });
    if (sizes) document.set("SizeRw", sizes->writable), document.set("SizeRootFs", sizes->total);
    document.set("Mounts", mounts_document(record.config));
    document.set("Config", config_document(record, hostname));
    document.set("NetworkSettings", std::move(networks));
    return document;
}

Json image_document(const image::Image& image, const std::vector<std::string>& digests, const Json& config, const std::vector<std::string>& diff_ids) {
    const auto member = [&](const char* name, const Json& otherwise) {
        const auto* found = config.find(name);
        return found && !found->is_null() ? *found : otherwise;
    };
    std::string comment;
    if (const auto* history = config.find("history"); history && history->is_array() && !history->elements().empty())
        if (const auto* last = history->elements().back().find("comment"); last && last->is_string()) comment = last->string();
    return Json::object({
        {"Id", image.id},
        {"RepoTags", Json(image.references)},
        {"RepoDigests", Json(digests)},
        {"Parent", ""},
        {"Comment", comment},
        {"Created", time_text(image.created_ns)},
        {"DockerVersion", ""},
        {"Author", member("author", "")},
        {"Config", member("config", Json::object())},
        {"Architecture", member("architecture", "")},
        {"Os", member("os", "")},
        {"Size", image.size},
        {"VirtualSize", image.size},
        {"GraphDriver", Json::object({{"Data", Json()}, {"Name", "overlay"}})},
        {"RootFS", Json::object({{"Type", "layers"}, {"Layers", Json(diff_ids)}})},
        {"Metadata", Json::object({{"LastTagTime", "0001-01-01T00:00:00Z"}})},
    });
}

}  // namespace skiff::engine
