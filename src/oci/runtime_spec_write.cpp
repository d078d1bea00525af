// SPDX-License-Identifier: Apache-2.0
// config.json from values, in the order in which runc writes it.
#include "oci/runtime_spec.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;

Json write_root(const RootFilesystem& root) {
    Json json = Json::object({{"path", root.path}});
    if (root.readonly) json.set("readonly", true);
    return json;
}

Json write_mount(const Mount& mount) {
    Json json = Json::object({{"destination", mount.destination}});
    parts::set_text(json, "type", mount.type);
    parts::set_text(json, "source", mount.source);
    parts::set_texts(json, "options", mount.options);
    parts::set_id_mappings(json, "uidMappings", mount.uid_mappings);
    parts::set_id_mappings(json, "gidMappings", mount.gid_mappings);
    return json;
}

Json write_hook(const Hook& hook) {
    Json json = Json::object({{"path", hook.path}});
    parts::set_texts(json, "args", hook.args);
    parts::set_texts(json, "env", hook.env);
    parts::set_optional(json, "timeout", hook.timeout);
    return json;
}

Json write_hooks(const Hooks& hooks) {
    Json json = Json::object();
    parts::set_all(json, "prestart", hooks.prestart, write_hook);
    parts::set_all(json, "createRuntime", hooks.create_runtime, write_hook);
    parts::set_all(json, "createContainer", hooks.create_container, write_hook);
    parts::set_all(json, "startContainer", hooks.start_container, write_hook);
    parts::set_all(json, "poststart", hooks.poststart, write_hook);
    parts::set_all(json, "poststop", hooks.poststop, write_hook);
    return json;
}

Json write_spec(const RuntimeSpec& spec) {
    Json json = Json::object({{"ociVersion", spec.oci_version}});
    if (spec.process) json.set("process", parts::write(*spec.process));
    if (spec.root) json.set("root", write_root(*spec.root));
    parts::set_text(json, "hostname", spec.hostname);
    parts::set_text(json, "domainname", spec.domainname);
    parts::set_all(json, "mounts", spec.mounts, write_mount);
    parts::set_unless_empty(json, "hooks", write_hooks(spec.hooks));
    parts::set_map(json, "annotations", spec.annotations);
    parts::set_unless_empty(json, "linux", parts::write(spec.linux_));
    return json;
}

}  // namespace

std::string to_json(const RuntimeSpec& spec, bool pretty) {
    const Json json = write_spec(spec);
    return pretty ? json.to_pretty_text("\t") : json.to_text();
}

std::string to_json(const Process& process) { return parts::write(process).to_text(); }

}  // namespace skiff::oci
