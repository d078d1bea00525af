// SPDX-License-Identifier: Apache-2.0
// config.json's linux section but for resources and seccomp: read and written (runtime-spec config-linux.md).
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci::parts {

using codec::Json;
using codec::JsonFields;

namespace {

constexpr Word<NamespaceKind> k_namespaces[] = {
    {"mount", NamespaceKind::mount}, {"uts", NamespaceKind::uts}, {"ipc", NamespaceKind::ipc}, {"pid", NamespaceKind::pid},
    {"network", NamespaceKind::network}, {"user", NamespaceKind::user}, {"cgroup", NamespaceKind::cgroup}, {"time", NamespaceKind::time},
};

// dev_t holds 12 bits of major and 20 of minor (kdev_t.h).
constexpr int64_t k_largest_major = 0xfff, k_largest_minor = 0xfffff;

/// The specification demands an error where a kind stands twice.
Result<std::vector<Namespace>> read_namespaces(const JsonFields& linux_part) {
    std::vector<Namespace> all;
    for (const auto& fields : TRY(linux_part.objects("namespaces"))) {
        Namespace one = {NamespaceKind::mount, ""};
        one.kind = TRY(value_for(k_namespaces, fields, "type"));
        one.path = TRY(fields.text("path"));
        if (!one.path.empty() && !one.path.starts_with('/'))
            return Error::invalid("{}: {} is not an absolute path", fields.path_of("path"), quoted(one.path));
        for (const Namespace& other : all)
            if (other.kind == one.kind) return Error::invalid("{}: the {} namespace is named twice", fields.path(), spec_name(one.kind));
        all.push_back(std::move(one));
    }
    return all;
}

Result<Device> read_device(const JsonFields& fields) {
    Device device;
    device.path = TRY(fields.required_text("path"));
    if (!device.path.starts_with('/')) return Error::invalid("{}: {} is not an absolute path", fields.path_of("path"), quoted(device.path));
    const std::string type = TRY(fields.required_text("type"));
    if (type != "c" && type != "u" && type != "b" && type != "p") return Error::invalid("{}: {} is none of c, u, b, p", fields.path_of("type"), quoted(type));
    device.type = type == "u" ? 'c' : type[0];
    const auto major = TRY(fields.optional_int("major", 0, k_largest_major));
    const auto minor = TRY(fields.optional_int("minor", 0, k_largest_minor));
    if (device.type != 'p' && (!major || !minor)) return Error::invalid("{}: a device needs a major and a minor number", fields.path());
    device.major = major.value_or(0);
    device.minor = minor.value_or(0);
    // Older engines leave the file type's bits in: 8630 is 020666.
    if (const auto mode = TRY(fields.optional_uint("fileMode", 0xffffffff))) device.mode = static_cast<uint32_t>(*mode & 07777);
    if (const auto uid = TRY(fields.optional_uint("uid", k_largest_id))) device.uid = static_cast<uint32_t>(*uid);
    if (const auto gid = TRY(fields.optional_uint("gid", k_largest_id))) device.gid = static_cast<uint32_t>(*gid);
    return device;
}

Result<std::string> read_propagation(const JsonFields& fields) {
    constexpr std::array<std::string_view, 9> known = {"", "private", "slave", "shared", "unbindable", "rprivate", "rslave", "rshared", "runbindable"};
    std::string text = TRY(fields.text("rootfsPropagation"));
    if (std::ranges::find(known, text) == known.end())
        return Error::invalid("{}: {} is none of private, slave, shared, unbindable and their r-forms", fields.path_of("rootfsPropagation"), quoted(text));
    return text;
}

Result<std::map<std::string, NetDevice>> read_net_devices(const JsonFields& linux_part) {
    std::map<std::string, NetDevice> devices;
    const auto fields = TRY(linux_part.object("netDevices"));
    if (!fields) return devices;
    for (const auto& [name, unused] : fields->json().members()) {
        const auto device = TRY(fields->object(name));
        devices[name].name = device ? TRY(device->text("name")) : std::string();
    }
    return devices;
}

Json write_net_devices(const std::map<std::string, NetDevice>& devices) {
    Json json = Json::object();
    for (const auto& [name, device] : devices) {
        Json one = Json::object();
        set_text(one, "name", device.name);
        json.set(name, std::move(one));
    }
    return json;
}

Json write_namespace(const Namespace& one) {
    Json json = Json::object({{"type", spec_name(one.kind)}});
    set_text(json, "path", one.path);
    return json;
}

Json write_device(const Device& device) {
    Json json = Json::object({{"path", device.path}, {"type", std::string(1, device.type)}, {"major", device.major}, {"minor", device.minor}});
    set_optional(json, "fileMode", device.mode);
    set_optional(json, "uid", device.uid);
    set_optional(json, "gid", device.gid);
    return json;
}

}  // namespace

Result<Linux> read_linux(const JsonFields& fields, NotSupported& not_supported) {
    Linux part;
    part.namespaces = TRY(read_namespaces(fields));
    part.uid_mappings = TRY(read_id_mappings(fields, "uidMappings"));
    part.gid_mappings = TRY(read_id_mappings(fields, "gidMappings"));
    for (const auto& device : TRY(fields.objects("devices"))) part.devices.push_back(TRY(read_device(device)));
    part.cgroups_path = TRY(fields.text("cgroupsPath"));
    if (const auto resources = TRY(fields.object("resources"))) part.resources = TRY(read_resources(*resources, not_supported));
    if (const auto seccomp = TRY(fields.object("seccomp"))) part.seccomp = TRY(read_seccomp(*seccomp));
    part.sysctl = TRY(read_map(fields, "sysctl"));
    part.masked_paths = TRY(fields.texts("maskedPaths"));
    part.readonly_paths = TRY(fields.texts("readonlyPaths"));
    part.rootfs_propagation = TRY(read_propagation(fields));
    part.mount_label = TRY(fields.text("mountLabel"));
    part.time_offsets = TRY(read_time_offsets(fields));
    if (const auto personality = TRY(fields.object("personality"))) part.personality = TRY(read_personality(*personality));
    if (const auto policy = TRY(fields.object("memoryPolicy"))) part.memory_policy = TRY(read_memory_policy(*policy));
    part.net_devices = TRY(read_net_devices(fields));
    note_not_supported(fields, {"intelRdt"}, not_supported);
    return part;
}

Json write(const Linux& part) {
    Json json = Json::object();
    set_id_mappings(json, "uidMappings", part.uid_mappings);
    set_id_mappings(json, "gidMappings", part.gid_mappings);
    set_map(json, "sysctl", part.sysctl);
    if (part.resources) json.set("resources", write(*part.resources));
    set_text(json, "cgroupsPath", part.cgroups_path);
    set_all(json, "namespaces", part.namespaces, write_namespace);
    set_all(json, "devices", part.devices, write_device);
    if (part.seccomp) json.set("seccomp", write(*part.seccomp));
    set_text(json, "rootfsPropagation", part.rootfs_propagation);
    set_texts(json, "maskedPaths", part.masked_paths);
    set_texts(json, "readonlyPaths", part.readonly_paths);
    set_text(json, "mountLabel", part.mount_label);
    set_unless_empty(json, "timeOffsets", write(part.time_offsets));
    if (part.personality) json.set("personality", write(*part.personality));
    set_unless_empty(json, "netDevices", write_net_devices(part.net_devices));
    if (part.memory_policy) json.set("memoryPolicy", write(*part.memory_policy));
    return json;
}

}  // namespace skiff::oci::parts
