// SPDX-License-Identifier: Apache-2.0
// The features document. What skiff does not do is said as "enabled": false rather than left out: absent means unknown.
#include "oci/features.hpp"

#include <algorithm>

#include "oci/defaults.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;

Json sorted(std::vector<std::string> words) {
    std::ranges::sort(words);
    return words;
}

template <class T, class NameOf>
Json sorted_names(const std::vector<T>& values, NameOf name_of) {
    std::vector<std::string> words;
    for (const T value : values) words.emplace_back(name_of(value));
    return sorted(std::move(words));
}

Json enabled(bool is_enabled) { return Json::object({{"enabled", is_enabled}}); }

Json write_seccomp(const RuntimeFeatures& features) {
    Json json = enabled(true);
    json.set("actions", sorted_names(features.seccomp_actions, parts::word_for_action));
    json.set("operators", sorted_names(features.seccomp_operators, parts::word_for_operator));
    json.set("archs", sorted(features.seccomp_architectures));
    json.set("knownFlags", sorted(features.seccomp_known_flags));
    json.set("supportedFlags", sorted(features.seccomp_supported_flags));
    return json;
}

Json write_linux(const RuntimeFeatures& features) {
    Json json = Json::object();
    json.set("namespaces", sorted_names(features.namespaces, spec_name));
    json.set("capabilities", features.capabilities);
    json.set("cgroup", Json::object({{"v1", features.cgroup_v1}, {"v2", features.cgroup_v2}, {"systemd", features.cgroup_systemd},
                                     {"systemdUser", false}, {"rdma", features.cgroup_rdma}}));
    json.set("seccomp", write_seccomp(features));
    json.set("apparmor", enabled(features.apparmor));
    json.set("selinux", enabled(features.selinux));
    json.set("intelRdt", enabled(false));
    json.set("mountExtensions", Json::object({{"idmap", enabled(true)}}));
    json.set("memoryPolicy", Json::object({{"modes", memory_policy_modes()}, {"flags", memory_policy_flags()}}));
    json.set("netDevices", enabled(true));
    return json;
}

}  // namespace

std::string features_document(const RuntimeFeatures& features) {
    Json json = Json::object({{"ociVersionMin", "1.0.0"}, {"ociVersionMax", k_runtime_spec_version}});
    json.set("hooks", std::vector<std::string>{"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"});
    json.set("mountOptions", sorted(features.mount_options));
    json.set("linux", write_linux(features));
    parts::set_map(json, "annotations", features.annotations);
    return json.to_pretty_text();
}

}  // namespace skiff::oci
