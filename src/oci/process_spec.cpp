// SPDX-License-Identifier: Apache-2.0
// config.json's process: read and written (runtime-spec config.md, "Process").
#include "base/text.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci::parts {

using codec::Json;
using codec::JsonFields;

namespace {

Result<ConsoleSize> read_console_size(const JsonFields& fields) {
    ConsoleSize size;
    size.height = TRY(fields.number<uint16_t>("height"));
    size.width = TRY(fields.number<uint16_t>("width"));
    return size;
}

Result<std::vector<uint32_t>> read_gids(const JsonFields& fields, std::string_view key) {
    std::vector<uint32_t> gids;
    const Json* all = fields.json().find(key);
    if (!all || all->is_null()) return gids;
    if (!all->is_array()) return Error::invalid("{}: expected an array of group ids", fields.path_of(key));
    for (const Json& element : all->elements()) {
        const auto gid = element.to_uint64();
        if (!gid || *gid > k_largest_id)
            return Error::invalid("{}[{}]: expected a whole number from 0 to {}, found {}", fields.path_of(key), gids.size(), k_largest_id, element.to_text());
        gids.push_back(static_cast<uint32_t>(*gid));
    }
    return gids;
}

Result<User> read_user(const JsonFields& fields, NotSupported& not_supported) {
    User user;
    user.uid = static_cast<uint32_t>(TRY(fields.optional_uint("uid", k_largest_id)).value_or(0));
    user.gid = static_cast<uint32_t>(TRY(fields.optional_uint("gid", k_largest_id)).value_or(0));
    if (const auto umask = TRY(fields.optional_uint("umask", 0777))) user.umask = static_cast<uint32_t>(*umask);
    user.additional_gids = TRY(read_gids(fields, "additionalGids"));
    note_not_supported(fields, {"username"}, not_supported);
    return user;
}

/// An entry without '=' has no meaning to a program; to some engines it meant "take the host's value" (CVE-2026-57231).
Result<std::vector<std::string>> read_env(const JsonFields& fields) {
    auto env = TRY(fields.texts("env"));
    for (size_t i = 0; i < env.size(); ++i)
        if (const size_t at = env[i].find('='); at == 0 || at == std::string::npos)
            return Error::invalid("{}[{}]: expected NAME=VALUE, found {}", fields.path_of("env"), i, quoted(env[i]));
    return env;
}

Result<Capabilities> read_capabilities(const JsonFields& fields) {
    Capabilities capabilities;
    capabilities.bounding = TRY(fields.texts("bounding"));
    capabilities.effective = TRY(fields.texts("effective"));
    capabilities.permitted = TRY(fields.texts("permitted"));
    capabilities.inheritable = TRY(fields.texts("inheritable"));
    capabilities.ambient = TRY(fields.texts("ambient"));
    return capabilities;
}

Result<Rlimit> read_rlimit(const JsonFields& fields) {
    Rlimit limit;
    limit.type = TRY(fields.required_text("type"));
    if (!limit.type.starts_with("RLIMIT_")) return Error::invalid("{}: {} is not a limit such as RLIMIT_NOFILE", fields.path_of("type"), quoted(limit.type));
    limit.soft = TRY(fields.number<uint64_t>("soft"));
    limit.hard = TRY(fields.number<uint64_t>("hard"));
    if (limit.soft > limit.hard) return Error::invalid("{}: the soft limit {} is above the hard limit {}", fields.path(), limit.soft, limit.hard);
    return limit;
}

/// The specification demands an error where a type stands twice.
Result<std::vector<Rlimit>> read_rlimits(const JsonFields& process) {
    std::vector<Rlimit> all;
    for (const auto& fields : TRY(process.objects("rlimits"))) {
        Rlimit limit = TRY(read_rlimit(fields));
        for (const Rlimit& other : all)
            if (other.type == limit.type) return Error::invalid("{}: {} is set twice", fields.path(), limit.type);
        all.push_back(std::move(limit));
    }
    return all;
}

Json write_user(const User& user) {
    Json json = Json::object({{"uid", user.uid}, {"gid", user.gid}});
    set_optional(json, "umask", user.umask);
    set_all(json, "additionalGids", user.additional_gids, [](uint32_t gid) { return Json(gid); });
    return json;
}

Json write_capabilities(const Capabilities& capabilities) {
    Json json = Json::object();
    set_texts(json, "bounding", capabilities.bounding);
    set_texts(json, "effective", capabilities.effective);
    set_texts(json, "inheritable", capabilities.inheritable);
    set_texts(json, "permitted", capabilities.permitted);
    set_texts(json, "ambient", capabilities.ambient);
    return json;
}

}  // namespace

Result<Process> read_process(const JsonFields& fields, NotSupported& not_supported) {
    Process process;
    process.terminal = TRY(fields.flag("terminal"));
    if (const auto size = TRY(fields.object("consoleSize"))) process.console_size = TRY(read_console_size(*size));
    if (const auto user = TRY(fields.object("user"))) process.user = TRY(read_user(*user, not_supported));
    process.args = TRY(fields.texts("args"));
    process.env = TRY(read_env(fields));
    process.cwd = TRY(fields.required_text("cwd"));
    if (!process.cwd.starts_with('/')) return Error::invalid("{}: {} is not an absolute path", fields.path_of("cwd"), quoted(process.cwd));
    if (const auto capabilities = TRY(fields.object("capabilities"))) process.capabilities = TRY(read_capabilities(*capabilities));
    process.rlimits = TRY(read_rlimits(fields));
    process.no_new_privileges = TRY(fields.flag("noNewPrivileges"));
    process.apparmor_profile = TRY(fields.text("apparmorProfile"));
    process.selinux_label = TRY(fields.text("selinuxLabel"));
    if (const auto score = TRY(fields.optional_int("oomScoreAdj", -1000, 1000))) process.oom_score_adj = static_cast<int>(*score);
    if (const auto part = TRY(fields.object("scheduler"))) process.scheduler = TRY(read_scheduler(*part));
    if (const auto part = TRY(fields.object("ioPriority"))) process.io_priority = TRY(read_io_priority(*part));
    if (const auto part = TRY(fields.object("execCPUAffinity"))) process.exec_cpu_affinity = TRY(read_exec_cpu_affinity(*part));
    note_not_supported(fields, {"commandLine"}, not_supported);
    return process;
}

Json write(const Process& process) {
    Json json = Json::object();
    if (process.terminal) json.set("terminal", true);
    if (const auto& size = process.console_size) json.set("consoleSize", Json::object({{"height", unsigned{size->height}}, {"width", unsigned{size->width}}}));
    json.set("user", write_user(process.user));
    set_texts(json, "args", process.args);
    set_texts(json, "env", process.env);
    json.set("cwd", process.cwd);
    if (process.capabilities) json.set("capabilities", write_capabilities(*process.capabilities));
    set_all(json, "rlimits", process.rlimits, [](const Rlimit& limit) {
        return Json::object({{"type", limit.type}, {"hard", limit.hard}, {"soft", limit.soft}});
    });
    if (process.no_new_privileges) json.set("noNewPrivileges", true);
    set_text(json, "apparmorProfile", process.apparmor_profile);
    set_optional(json, "oomScoreAdj", process.oom_score_adj);
    if (process.scheduler) json.set("scheduler", write(*process.scheduler));
    set_text(json, "selinuxLabel", process.selinux_label);
    if (process.io_priority) json.set("ioPriority", write(*process.io_priority));
    if (process.exec_cpu_affinity) set_unless_empty(json, "execCPUAffinity", write(*process.exec_cpu_affinity));
    return json;
}

}  // namespace skiff::oci::parts
