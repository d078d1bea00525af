// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cgroup/write.hpp"

/// A container's group as a scope of systemd's (systemd.scope(5)): its name, its place and its properties. Pure.
namespace skiff::cgroup {

struct SystemdUnit {
    std::string slice;  ///< "machine.slice"
    std::string name;   ///< "podman-web.scope"
    std::string path;   ///< "/machine.slice/podman-web.scope": where systemd puts the group
};

/// linux.cgroupsPath in its form for systemd, "SLICE:PREFIX:NAME"; empty means "system.slice:skiff:ID". Error (invalid): it
/// has another form, or characters that a unit's name cannot have.
Result<SystemdUnit> parse_systemd_path(std::string_view text, std::string_view id);

/// A property as skiff-systemd takes it, "NAME=SIGNATURE:VALUE" with D-Bus's signatures: "MemoryMax=t:67108864".
using UnitProperty = std::string;

/// What a scope of ours always has: its slice, the right to make groups below it, its controllers, its end.
std::vector<UnitProperty> base_properties(const SystemdUnit& unit, std::string_view id);

/// The same limits in systemd's words, so that a reload of systemd's does not lift them. Files that it knows nothing of
/// are left to the writes alone.
std::vector<UnitProperty> limit_properties(const std::vector<Write>& writes);

/// Annotations "org.systemd.property.NAME", in the words of gvariant's text form. Only names that change when and how a
/// scope ends or what it depends on: limits, slices and processes are config.json's. Error (invalid): another name, or a
/// value that is not of this form.
Result<std::vector<UnitProperty>> annotated_properties(const std::map<std::string, std::string>& annotations);

}  // namespace skiff::cgroup
