// SPDX-License-Identifier: Apache-2.0
// From what the user asked for, and facts, to the runtime's config.json. Nothing here looks at the world.
#include "engine/spec_builder.hpp"

#include "base/text.hpp"
#include "engine/image_settings.hpp"
#include "oci/defaults.hpp"
#include "oci/defaults_seccomp.hpp"

namespace skiff::engine {
namespace {

Result<kernel::CapabilityMask> capabilities_of(const CreateRequest& config, const SpecFacts& facts) {
    const auto usual = TRY(kernel::parse_capabilities(oci::default_capabilities(), facts.all_capabilities));
    return plan_capabilities(config, usual, facts.all_capabilities);
}

/// Bounding, permitted and effective alike; inheritable and ambient stay empty (CVE-2022-24769).
oci::Capabilities sets_of(kernel::CapabilityMask mask) {
    oci::Capabilities sets;
    sets.bounding = sets.effective = sets.permitted = kernel::capability_names(mask);
    return sets;
}

Result<oci::Process> plan_process(const ContainerRecord& record, const SpecFacts& facts, const SecurityChoices& security,
                                  kernel::CapabilityMask capabilities, const std::string& hostname) {
    const auto& config = record.config;
    oci::Process process;
    process.terminal = config.terminal;
    if (config.terminal && facts.rows != 0 && facts.columns != 0) process.console_size = oci::ConsoleSize{facts.rows, facts.columns};
    process.user.uid = facts.user.uid;
    process.user.gid = facts.user.gid;
    process.user.additional_gids = facts.user.additional_gids;
    process.args = record.arguments();
    if (config.init) {
        const std::vector<std::string> before = {init_path(config), "init", "--"};
        process.args.insert(process.args.begin(), before.begin(), before.end());
    }
    process.env = plan_environment(config, hostname, facts.user.home);
    process.cwd = config.workdir.empty() ? "/" : config.workdir;
    process.capabilities = sets_of(capabilities);
    process.rlimits = TRY(plan_ulimits(config.ulimits));
    process.no_new_privileges = security.no_new_privileges;
    process.apparmor_profile = security.apparmor_profile;
    return process;
}

std::optional<char> refused_access(std::string_view access) {
    for (const char c : access)
        if (std::string_view("rwm").find(c) == std::string_view::npos) return c;
    return std::nullopt;
}

Result<> plan_devices(oci::RuntimeSpec& spec, const CreateRequest& config, const SpecFacts& facts) {
    auto& rules = spec.linux_.resources->devices;
    for (const auto& grant : config.devices) {
        if (grant.access.empty() || refused_access(grant.access))
            return Error::invalid("--device {}: the access {} is not of r, w and m", grant.host_path, quoted(grant.access));
        if (!grant.container_path.starts_with('/')) return Error::invalid("--device {}: {} is not an absolute path", grant.host_path, quoted(grant.container_path));
    }
    // The runtime itself denies everything and allows the default devices (config-linux.md); these rules come on top.
    if (config.privileged) {
        oci::DeviceRule everything;
        everything.allow = true;
        everything.access = "rwm";
        rules.push_back(everything);
    }
    for (const auto& [device, access] : facts.devices) {
        spec.linux_.devices.push_back(device);
        if (config.privileged) continue;
        oci::DeviceRule rule;
        rule.allow = true;
        rule.type = device.type;
        rule.major = device.major;
        rule.minor = device.minor;
        rule.access = access;
        rules.push_back(rule);
    }
    return {};
}

}  // namespace

std::vector<std::string> plan_environment(const CreateRequest& config, const std::string& hostname, const std::string& home) {
    std::vector<std::string> environment = {std::string(oci::k_default_path), "HOSTNAME=" + hostname};
    if (config.terminal) environment.push_back("TERM=xterm");
    for (const auto& [name, value] : config.environment) set_variable(environment, name, value);
    if (!has_variable(environment, "HOME")) environment.push_back("HOME=" + home);
    return environment;
}

std::string hostname_of(const ContainerRecord& record, const SharingModes& modes, const SpecFacts& facts) {
    if (!record.config.hostname.empty()) return record.config.hostname;
    const bool is_hosts = modes.network.with == Sharing::With::host || modes.uts.with == Sharing::With::host;
    return is_hosts ? facts.host_name : record.id.substr(0, 12);
}

Result<oci::RuntimeSpec> build_spec(const ContainerRecord& record, const SpecFacts& facts) {
    const auto& config = record.config;
    const auto modes = TRY(parse_sharing(config));
    const auto security = TRY(plan_security(config, facts.security));
    const auto capabilities = TRY(capabilities_of(config, facts));
    TRY(check_sysctls(config.sysctls, modes));

    oci::RuntimeSpec spec;
    spec.oci_version = oci::k_runtime_spec_version;
    spec.root = oci::RootFilesystem{facts.root_path, config.read_only};
    const auto hostname = hostname_of(record, modes, facts);
    spec.process = TRY(plan_process(record, facts, security, capabilities, hostname));
    if (modes.uts.with == Sharing::With::nobody) {
        spec.hostname = hostname;
        spec.domainname = config.domainname;
    }
    spec.mounts = TRY(plan_mounts(config, modes, facts.mounts));

    auto& linux_ = spec.linux_;
    linux_.namespaces = plan_namespaces(modes, facts.joined);
    linux_.cgroups_path = "/skiff/" + record.id;
    linux_.resources = TRY(plan_resources(config, facts.limits));
    TRY(plan_devices(spec, config, facts));
    for (const auto& [name, value] : config.sysctls) linux_.sysctl[name] = value;
    linux_.masked_paths = masked_paths(oci::default_masked_paths(static_cast<unsigned>(facts.limits.processors)), security);
    linux_.readonly_paths = readonly_paths(oci::default_readonly_paths(), security);
    if (security.has_seccomp) {
        // The filter grows with the capabilities: what CAP_SYS_ADMIN may do is of no use where the filter forbids it.
        const auto names = kernel::capability_names(capabilities);
        if (config.seccomp_profile) linux_.seccomp = TRY_DOING(oci::read_seccomp_profile(*config.seccomp_profile, names), "--security-opt seccomp");
        else linux_.seccomp = oci::default_seccomp(names);
    }
    linux_.rootfs_propagation = "rprivate";
    for (const auto& bind : config.binds) {
        // What shall be seen on the other side must not be cut off at the root.
        if (bind.propagation == "shared" || bind.propagation == "rshared") linux_.rootfs_propagation = "rshared";
        else if ((bind.propagation == "slave" || bind.propagation == "rslave") && linux_.rootfs_propagation == "rprivate") linux_.rootfs_propagation = "rslave";
    }
    return spec;
}

Result<> check_request(const ContainerRecord& record, const SpecFacts& facts) {
    SpecFacts assumed = facts;
    assumed.joined = {"/proc/self/ns/net", "/proc/self/ns/pid", "/proc/self/ns/ipc"};
    assumed.mounts = {"/", "/", "/", "", record.config.init ? "/" : ""};
    (void)TRY(build_spec(record, assumed));
    return {};
}

Result<oci::Process> build_exec_process(const ContainerRecord& record, const ExecRequest& request, const SpecFacts& facts) {
    if (request.command.empty()) return Error::invalid("no command specified");
    if (!request.workdir.empty() && !request.workdir.starts_with('/'))
        return Error::invalid("the working directory {} is invalid: it needs to be an absolute path", quoted(request.workdir));

    // Everything of the container's first process, and what was asked for on top.
    ContainerRecord changed = record;
    auto& config = changed.config;
    config.init = false;
    config.entrypoint.reset();
    config.command = request.command;
    config.terminal = request.terminal;
    if (!request.workdir.empty()) config.workdir = request.workdir;
    config.environment.insert(config.environment.end(), request.environment.begin(), request.environment.end());
    if (request.privileged) config.privileged = true;

    const auto modes = TRY(parse_sharing(config));
    const auto security = TRY(plan_security(config, facts.security));
    const auto capabilities = TRY(capabilities_of(config, facts));
    return plan_process(changed, facts, security, capabilities, hostname_of(record, modes, facts));
}

}  // namespace skiff::engine
