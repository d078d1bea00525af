// SPDX-License-Identifier: Apache-2.0
// What was typed behind run or create → the engine's request.
#include <cstdlib>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/create_options.hpp"
#include "cli/limit_options.hpp"
#include "cli/network_words.hpp"
#include "cli/option_values.hpp"
#include "kernel/file.hpp"

namespace skiff::cli {
namespace {

using engine::CreateRequest;

constexpr size_t k_largest_text = 1 << 20;       // of an --env-file or --label-file
constexpr size_t k_largest_profile = 4 << 20;    // of a seccomp profile

std::optional<std::string> own_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<> fill_environment(const Given& given, CreateRequest& request) {
    for (const std::string& file : given.values("env-file")) {
        const std::string text = TRY_DOING(kernel::read_whole_file(file, k_largest_text), "--env-file");
        for (auto& setting : TRY(parse_environment_file(file, text, own_variable))) request.environment.push_back(std::move(setting));
    }
    for (const std::string& typed : given.values("env"))
        if (auto setting = TRY(parse_environment(typed, own_variable))) request.environment.push_back(std::move(*setting));
    return {};
}

Result<> fill_labels(const Given& given, CreateRequest& request) {
    for (const std::string& file : given.values("label-file")) {
        const std::string text = TRY_DOING(kernel::read_whole_file(file, k_largest_text), "--label-file");
        for (const std::string& line : TRY(parse_lines(file, text))) {
            auto [name, value] = TRY(parse_label(line));
            request.labels[name] = value;
        }
    }
    for (const std::string& typed : given.values("label")) {
        auto [name, value] = TRY(parse_label(typed));
        request.labels[name] = value;
    }
    return {};
}

Result<> fill_files(const Given& given, CreateRequest& request) {
    std::string here;
    if (given.has("volume")) here = TRY(kernel::real_path("."));
    for (const std::string& typed : given.values("volume")) request.binds.push_back(TRY(parse_bind(typed, here)));
    for (const std::string& typed : given.values("tmpfs")) request.tmpfs.push_back(TRY(parse_tmpfs(typed)));
    for (const std::string& typed : given.values("device")) request.devices.push_back(TRY(parse_device(typed)));
    if (given.has("shm-size")) request.shm_size = TRY(parse_bytes("--shm-size", *given.value("shm-size")));
    request.read_only = given.flag("read-only");
    return {};
}

Result<> fill_limits(const Given& given, CreateRequest& request) {
    static_cast<engine::ResourceLimits&>(request) = TRY(parse_limits(given));
    request.oom.policy = given.value_or("oom-policy", "");
    if (given.has("oom-policy") && request.oom.policy.empty()) return Error::invalid("--oom-policy \"\": expected kill, pause or notify");
    if (given.has("oom-headroom")) request.oom.headroom = TRY(parse_bytes("--oom-headroom", *given.value("oom-headroom")));
    if (given.has("oom-deadline")) request.oom.deadline_ns = TRY_DOING(parse_duration(*given.value("oom-deadline")), "--oom-deadline");
    request.oom.pressure = given.value_or("memory-pressure", "");
    if (given.has("memory-pressure") && request.oom.pressure.empty()) return Error::invalid("--memory-pressure \"\": expected low, medium or critical");
    for (const std::string& typed : given.values("ulimit")) request.ulimits.push_back(TRY(parse_ulimit(typed)));
    for (const std::string& typed : given.values("sysctl")) request.sysctls.push_back(TRY(parse_pair("--sysctl", typed)));
    return {};
}

Result<> fill_security(const Given& given, CreateRequest& request) {
    request.privileged = given.flag("privileged");
    request.cap_add = given.values("cap-add");
    request.cap_drop = given.values("cap-drop");
    for (const std::string& typed : given.values("security-opt")) {
        if (const auto file = TRY(parse_security_option(typed))) {
            request.seccomp_profile = TRY_DOING(kernel::read_whole_file(*file, k_largest_profile), "--security-opt {}", typed);
        }
        request.security_options.push_back(typed);
    }
    return {};
}

Result<> fill_program(const Given& given, CreateRequest& request) {
    const auto& words = given.arguments();
    if (given.flag("rootfs")) request.rootfs = TRY_DOING(kernel::real_path(words[0]), "--rootfs");
    else request.image = words[0];
    request.command.assign(words.begin() + 1, words.end());
    if (given.has("entrypoint")) request.entrypoint = parse_entrypoint(*given.value("entrypoint"));
    request.workdir = given.value_or("workdir", "");
    request.user = given.value_or("user", "");
    request.extra_groups = given.values("group-add");
    request.stop_signal = given.value_or("stop-signal", "");
    if (given.has("stop-timeout")) request.stop_timeout = static_cast<int>(TRY(parse_whole("--stop-timeout", *given.value("stop-timeout"), -1, INT32_MAX)));
    request.init = given.flag("init");
    return {};
}

}  // namespace

Result<AttachedStreams> parse_attached(const Given& given) {
    AttachedStreams streams;
    if (!given.has("attach")) {
        streams.in = given.flag("interactive"), streams.out = streams.err = true;
        return streams;
    }
    for (const std::string& typed : given.values("attach")) {
        const std::string name = to_lower(typed);
        if (name == "stdin") streams.in = true;
        else if (name == "stdout") streams.out = true;
        else if (name == "stderr") streams.err = true;
        else return Error::invalid("--attach {}: expected stdin, stdout or stderr", quoted(typed));
    }
    return streams;
}

Result<CreateRequest> build_create_request(const Given& given) {
    CreateRequest request;
    TRY(fill_program(given, request));
    TRY(fill_environment(given, request));
    TRY(fill_labels(given, request));
    TRY(fill_files(given, request));
    TRY(fill_limits(given, request));
    TRY(fill_security(given, request));

    request.name = given.value_or("name", "");
    request.hostname = given.value_or("hostname", "");
    request.domainname = given.value_or("domainname", "");
    TRY(fill_networks(given, request));
    request.pid = given.value_or("pid", "");
    request.ipc = given.value_or("ipc", "");
    request.uts = given.value_or("uts", "");
    request.terminal = given.flag("tty");
    request.stdin_open = given.flag("interactive");
    request.auto_remove = given.flag("rm");
    request.restart = TRY_DOING(engine::parse_restart_policy(given.value_or("restart", "")), "--restart");
    request.log = TRY(parse_log(given.value("log-driver"), given.values("log-opt")));
    return request;
}

Result<> check_id_file(const Given& given) {
    const auto file = given.value("cidfile");
    if (file && TRY(kernel::exists(*file))) return Error::exists("--cidfile {}: the file exists already", *file).hint("remove it, or choose another name");
    return {};
}

Result<> write_id_file(const Given& given, const std::string& id) {
    const auto file = given.value("cidfile");
    if (!file) return {};
    const auto made = TRY_DOING(kernel::open_file(*file, O_WRONLY | O_CREAT | O_EXCL, 0644), "--cidfile");
    return kernel::write_all(made, bytes_of(id));
}

Result<> check_pull(const Given& given) {
    const std::string policy = given.value_or("pull", "missing");
    if (policy == "missing" || policy == "never") return {};
    if (policy == "always") return Error::unsupported("--pull always: skiff cannot fetch images from registries yet").hint("import one with skiff import");
    return Error::invalid("--pull {}: expected missing or never", quoted(policy));
}

Error explain_missing_image(Error error) {
    if (!error.is(Kind::not_found) || error.text().find("no such image") == std::string::npos) return error;
    return std::move(error).hint("skiff cannot fetch images from registries yet; import one with skiff import FILE NAME");
}

}  // namespace skiff::cli
