// SPDX-License-Identifier: Apache-2.0
// Docker's profile files: made into linux.seccomp by leaving out the rules that are not for this container.
#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "oci/defaults_seccomp.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr std::string_view k_machine = "amd64";
constexpr std::string_view k_architecture = "SCMP_ARCH_X86_64";
constexpr int k_last_errno = 133;

/// Any member that is neither known nor a comment is refused.
Result<> refuse_others(const JsonFields& fields, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : fields.json().members())
        if (name != "comment" && std::find(known.begin(), known.end(), name) == known.end())
            return Error::invalid("{} is not known, and passing over it could open what it closes", fields.path_of(name));
    return {};
}

/// What a rule depends on.
struct Circumstances {
    const std::vector<std::string>& capabilities;
    KernelVersion kernel;
};

struct Filter {
    std::vector<std::string> capabilities, machines;
    std::optional<KernelVersion> kernel;
};

Result<Filter> read_filter(const JsonFields& fields) {
    TRY(refuse_others(fields, {"caps", "arches", "minKernel"}));
    Filter filter;
    filter.capabilities = TRY(fields.texts("caps"));
    filter.machines = TRY(fields.texts("arches"));
    if (const std::string version = TRY(fields.text("minKernel")); !version.empty())
        filter.kernel = TRY_DOING(parse_kernel_version(version), "{}", fields.path_of("minKernel"));
    return filter;
}

bool contains(const std::vector<std::string>& list, std::string_view text) { return std::find(list.begin(), list.end(), text) != list.end(); }

/// Everything that the filter names is so.
bool includes(const Filter& filter, const Circumstances& now) {
    if (!filter.machines.empty() && !contains(filter.machines, k_machine)) return false;
    if (filter.kernel && now.kernel < *filter.kernel) return false;
    return std::all_of(filter.capabilities.begin(), filter.capabilities.end(), [&](const std::string& name) { return contains(now.capabilities, name); });
}

/// Anything that the filter names is so.
bool excludes(const Filter& filter, const Circumstances& now) {
    if (contains(filter.machines, k_machine)) return true;
    if (filter.kernel && now.kernel >= *filter.kernel) return true;
    return std::any_of(filter.capabilities.begin(), filter.capabilities.end(), [&](const std::string& name) { return contains(now.capabilities, name); });
}

Result<bool> applies(const JsonFields& rule, const Circumstances& now) {
    bool does = true;
    if (const auto fields = TRY(rule.object("includes"))) {
        const Filter filter = TRY(read_filter(*fields));
        does = includes(filter, now);
    }
    if (const auto fields = TRY(rule.object("excludes"))) {
        const Filter filter = TRY(read_filter(*fields));
        does = does && !excludes(filter, now);
    }
    return does;
}

/// Podman's way of an errno: "ENOSYS" or "38" under `key`, which becomes the number under `number_key`.
Result<> translate_errno(const JsonFields& fields, std::string_view key, std::string_view number_key, Json& into) {
    const std::string name = TRY(fields.text(key));
    if (name.empty()) return {};
    std::optional<uint64_t> number = parse_uint(name);
    for (int candidate = 1; !number && candidate <= k_last_errno; ++candidate)
        if (errno_name(candidate) == name) number = static_cast<uint64_t>(candidate);
    if (!number) return Error::invalid("{}: no errno is called {}", fields.path_of(key), quoted(name));
    if (const auto also = TRY(fields.optional_uint(number_key)); also && *also != *number)
        return Error::invalid("{} is {} and {} is {}", fields.path_of(key), name, fields.path_of(number_key), *also);
    into.set(std::string(number_key), *number);
    return {};
}

/// A rule as linux.seccomp has it: "name" made into "names", and without what is not for the runtime.
Result<Json> plain_rule(const JsonFields& rule) {
    TRY(refuse_others(rule, {"name", "names", "action", "errnoRet", "errno", "args", "includes", "excludes"}));
    for (const JsonFields& argument : TRY(rule.objects("args"))) TRY(refuse_others(argument, {"index", "value", "valueTwo", "op"}));
    Json plain = Json::object();
    for (const std::string_view key : {"names", "action", "errnoRet", "args"})
        if (const Json* value = rule.json().find(key); value && !value->is_null()) plain.set(std::string(key), *value);
    if (const std::string name = TRY(rule.text("name")); !name.empty()) {
        if (!TRY(rule.texts("names")).empty()) return Error::invalid("{}: both name and names are given", rule.path());
        plain.set("names", Json(std::vector<std::string>{name}));
    }
    TRY(translate_errno(rule, "errno", "errnoRet", plain));
    return plain;
}

/// The architectures of archMap's entry for this machine.
Result<std::vector<std::string>> mapped_architectures(const JsonFields& profile) {
    std::vector<std::string> architectures;
    for (const JsonFields& entry : TRY(profile.objects("archMap"))) {
        TRY(refuse_others(entry, {"architecture", "subArchitectures"}));
        const std::string architecture = TRY(entry.required_text("architecture"));
        if (architecture != k_architecture) continue;
        architectures = TRY(entry.texts("subArchitectures"));
        architectures.insert(architectures.begin(), architecture);
    }
    return architectures;
}

}  // namespace

Result<Seccomp> read_seccomp_profile(std::string_view json, const std::vector<std::string>& capabilities, KernelVersion kernel) {
    const Json document = TRY_DOING(codec::parse_json(json), "seccomp profile");
    const JsonFields profile = TRY(JsonFields::of(document, "seccomp profile"));
    TRY(refuse_others(profile, {"defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "flags", "listenerPath", "listenerMetadata", "syscalls"}));

    Json plain = Json::object();
    for (const std::string_view key : {"defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata"})
        if (const Json* value = document.find(key); value && !value->is_null()) plain.set(std::string(key), *value);
    TRY(translate_errno(profile, "defaultErrno", "defaultErrnoRet", plain));
    if (const auto mapped = TRY(mapped_architectures(profile)); !mapped.empty()) {
        if (!TRY(profile.texts("architectures")).empty()) return Error::invalid("seccomp profile: both architectures and archMap are given");
        plain.set("architectures", Json(mapped));
    }

    // Rules are read whole before any is left out, so that a mistake is found wherever it is and keeps its place.
    const Circumstances now{.capabilities = capabilities, .kernel = kernel};
    std::vector<bool> wanted;
    Json rules = Json::array();
    for (const JsonFields& rule : TRY(profile.objects("syscalls"))) {
        rules.push_back(TRY(plain_rule(rule)));
        wanted.push_back(TRY(applies(rule, now)));
    }
    plain.set("syscalls", std::move(rules));
    const JsonFields plain_fields = TRY(JsonFields::of(plain, "seccomp profile"));
    Seccomp seccomp = TRY(parts::read_seccomp(plain_fields));
    size_t index = 0;
    std::erase_if(seccomp.syscalls, [&](const SeccompRule&) { return !wanted[index++]; });
    return seccomp;
}

}  // namespace skiff::oci
