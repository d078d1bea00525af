// SPDX-License-Identifier: Apache-2.0
// config.json's top level: root, mounts, hooks, annotations (runtime-spec config.md).
#include "base/text.hpp"
#include "oci/runtime_spec.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr codec::JsonLimits k_limits = {.bytes = 4 << 20, .depth = 32};

/// Every 1.x document can be read: fields of later versions that we do not know are ignored, as the specification
/// demands. A 2.x may mean something else by the same words.
Result<> check_version(const std::string& version) {
    const auto numbers = split(std::string_view(version).substr(0, version.find_first_of("-+")), '.');
    bool is_version = numbers.size() == 3;
    for (const std::string_view number : numbers) is_version = is_version && parse_uint(number);
    if (!is_version) return Error::invalid("ociVersion: {} is not a version such as 1.2.0", quoted(version));
    if (numbers[0] != "1") return Error::unsupported("ociVersion: {} is not supported: skiff reads 1.x", version);
    return {};
}

Result<RootFilesystem> read_root(const JsonFields& fields) {
    RootFilesystem root;
    root.path = TRY(fields.required_text("path"));
    root.readonly = TRY(fields.flag("readonly"));
    return root;
}

Result<Mount> read_mount(const JsonFields& fields) {
    Mount mount;
    mount.destination = TRY(fields.required_text("destination"));
    mount.type = TRY(fields.text("type"));
    mount.source = TRY(fields.text("source"));
    mount.options = TRY(fields.texts("options"));
    mount.uid_mappings = TRY(parts::read_id_mappings(fields, "uidMappings"));
    mount.gid_mappings = TRY(parts::read_id_mappings(fields, "gidMappings"));
    return mount;
}

Result<std::vector<Hook>> read_hooks(const JsonFields& hooks, std::string_view key) {
    std::vector<Hook> all;
    for (const auto& fields : TRY(hooks.objects(key))) {
        Hook hook;
        hook.path = TRY(fields.required_text("path"));
        if (!hook.path.starts_with('/')) return Error::invalid("{}: {} is not an absolute path", fields.path_of("path"), quoted(hook.path));
        hook.args = TRY(fields.texts("args"));
        hook.env = TRY(fields.texts("env"));
        if (const auto seconds = TRY(fields.optional_int("timeout", 1, std::numeric_limits<int>::max()))) hook.timeout = static_cast<int>(*seconds);
        all.push_back(std::move(hook));
    }
    return all;
}

Result<Hooks> read_all_hooks(const JsonFields& fields) {
    Hooks hooks;
    hooks.prestart = TRY(read_hooks(fields, "prestart"));
    hooks.create_runtime = TRY(read_hooks(fields, "createRuntime"));
    hooks.create_container = TRY(read_hooks(fields, "createContainer"));
    hooks.start_container = TRY(read_hooks(fields, "startContainer"));
    hooks.poststart = TRY(read_hooks(fields, "poststart"));
    hooks.poststop = TRY(read_hooks(fields, "poststop"));
    return hooks;
}

Result<RuntimeSpec> read_spec(const JsonFields& fields) {
    RuntimeSpec spec;
    spec.oci_version = TRY(fields.required_text("ociVersion"));
    TRY(check_version(spec.oci_version));
    if (const auto root = TRY(fields.object("root"))) spec.root = TRY(read_root(*root));
    if (const auto process = TRY(fields.object("process"))) spec.process = TRY(parts::read_process(*process, spec.not_supported));
    spec.hostname = TRY(fields.text("hostname"));
    spec.domainname = TRY(fields.text("domainname"));
    for (const auto& mount : TRY(fields.objects("mounts"))) spec.mounts.push_back(TRY(read_mount(mount)));
    if (const auto hooks = TRY(fields.object("hooks"))) spec.hooks = TRY(read_all_hooks(*hooks));
    if (const auto part = TRY(fields.object("linux"))) spec.linux_ = TRY(parts::read_linux(*part, spec.not_supported));
    spec.annotations = TRY(parts::read_map(fields, "annotations"));
    parts::note_not_supported(fields, {"vm", "windows", "solaris", "zos", "freebsd"}, spec.not_supported);
    return spec;
}

}  // namespace

Result<RuntimeSpec> parse_runtime_spec(std::string_view json) {
    const Json document = TRY(parts::parse_without_nul(json, k_limits));
    return read_spec(TRY(JsonFields::of(document, "")));
}

Result<Process> parse_process(std::string_view json) {
    const Json document = TRY(parts::parse_without_nul(json, k_limits, "process"));
    parts::NotSupported not_supported;
    const auto fields = TRY(JsonFields::of(document, "process"));
    Process process = TRY(parts::read_process(fields, not_supported));
    TRY(parts::refuse_not_supported(not_supported));
    return process;
}

Result<Resources> parse_resources(std::string_view json) {
    const Json document = TRY(parts::parse_without_nul(json, k_limits, "resources"));
    parts::NotSupported not_supported;
    const auto fields = TRY(JsonFields::of(document, "resources"));
    Resources resources = TRY(parts::read_resources(fields, not_supported));
    TRY(parts::refuse_not_supported(not_supported));
    return resources;
}

}  // namespace skiff::oci
