// SPDX-License-Identifier: Apache-2.0
#include "engine/spec_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

SpecFacts facts() {
    SpecFacts f;
    f.all_capabilities = kernel::capabilities_up_to(40);
    f.host_name = "thehost", f.root_path = "/root", f.limits.processors = 2, f.user.home = "/root";
    f.mounts = {"/c/hosts", "/c/hostname", "/c/resolv.conf", "", ""};
    return f;
}
ContainerRecord record() {
    ContainerRecord r;
    r.id = "0123456789ab" + std::string(52, 'f'), r.name = "web", r.config.command = {"sh"};
    return r;
}
template <class Change> Result<oci::RuntimeSpec> build(Change change, const SpecFacts& f = facts()) {
    auto r = record();
    change(r.config);
    return build_spec(r, f);
}
std::string env(const oci::RuntimeSpec& spec) { return join(spec.process->env, " "); }

TEST(SpecBuilder, AnOrdinaryContainerIsClosedOnAllSides) {
    const auto spec = build([](auto&) {}).value();
    EXPECT_EQ(spec.process->args, std::vector<std::string>{"sh"});
    EXPECT_EQ(spec.process->cwd, "/");
    EXPECT_EQ(spec.hostname, "0123456789ab");
    EXPECT_EQ(spec.process->capabilities->bounding.size(), 14u);
    EXPECT_EQ(spec.process->capabilities->effective, spec.process->capabilities->bounding);
    EXPECT_TRUE(spec.process->capabilities->inheritable.empty());
    EXPECT_TRUE(spec.process->capabilities->ambient.empty());
    EXPECT_EQ(spec.linux_.cgroups_path, "/skiff/" + record().id);
    EXPECT_FALSE(spec.linux_.masked_paths.empty());
    EXPECT_FALSE(spec.linux_.readonly_paths.empty());
    EXPECT_EQ(spec.linux_.rootfs_propagation, "rprivate");
    EXPECT_TRUE(spec.linux_.resources->devices.empty()) << "nothing beyond what the runtime allows everybody";
    EXPECT_FALSE(spec.root->readonly);
}

TEST(SpecBuilder, VariablesComeInDockersOrder) {
    EXPECT_EQ(env(build([](auto&) {}).value()),
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOSTNAME=0123456789ab HOME=/root");
    EXPECT_EQ(env(build([](auto& c) { c.terminal = true, c.environment = {{"A", "1"}, {"PATH", "/x"}, {"A", "2"}}; }).value()),
              "PATH=/x HOSTNAME=0123456789ab TERM=xterm A=2 HOME=/root");
    EXPECT_EQ(env(build([](auto& c) { c.environment = {{"HOME", "/h"}, {"HOMES", "x"}}, c.hostname = "me"; }).value()),
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOSTNAME=me HOME=/h HOMES=x");
}

TEST(SpecBuilder, TheHostsNameComesWithTheHostsNetwork) {
    const auto network = build([](auto& c) { c.network = "host"; }).value();
    EXPECT_EQ(network.hostname, "thehost");
    const auto uts = build([](auto& c) { c.uts = "host"; }).value();
    EXPECT_EQ(uts.hostname, "") << "the host's own name would be changed";
    EXPECT_NE(env(uts).find("HOSTNAME=thehost"), std::string::npos);
}

TEST(SpecBuilder, PrivilegedOpensEverything) {
    auto f = facts();
    GrantedDevice disk;
    disk.device.path = "/dev/sda", disk.device.type = 'b', disk.access = "rwm";
    f.devices = {disk};
    const auto spec = build([](auto& c) { c.privileged = true; }, f).value();
    EXPECT_EQ(spec.process->capabilities->bounding.size(), 41u);
    EXPECT_TRUE(spec.linux_.masked_paths.empty());
    EXPECT_TRUE(spec.linux_.readonly_paths.empty());
    EXPECT_FALSE(spec.linux_.seccomp.has_value());
    ASSERT_EQ(spec.linux_.resources->devices.size(), 1u);
    EXPECT_TRUE(spec.linux_.resources->devices[0].allow);
    EXPECT_EQ(spec.linux_.devices[0].path, "/dev/sda");
}

TEST(SpecBuilder, TheFilterFollowsTheCapabilities) {
    const auto allows_mount = [](const oci::RuntimeSpec& spec) {
        return std::any_of(spec.linux_.seccomp->syscalls.begin(), spec.linux_.seccomp->syscalls.end(), [](const auto& rule) {
            return rule.action == oci::SeccompAction::allow && std::find(rule.names.begin(), rule.names.end(), "mount") != rule.names.end();
        });
    };
    EXPECT_FALSE(allows_mount(build([](auto&) {}).value()));
    EXPECT_TRUE(allows_mount(build([](auto& c) { c.cap_add = {"SYS_ADMIN"}; }).value()));
    EXPECT_FALSE(build([](auto& c) { c.security_options = {"seccomp=unconfined"}; })->linux_.seccomp.has_value());
    const auto own = build([](auto& c) { c.security_options = {"seccomp=/p.json"}, c.seccomp_profile = R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[]})"; }).value();
    EXPECT_EQ(own.linux_.seccomp->default_action, oci::SeccompAction::allow);
    EXPECT_FALSE(build([](auto& c) { c.seccomp_profile = "nonsense"; }));
}

TEST(SpecBuilder, ADeviceIsGrantedWithItsAccessAndNoMore) {
    auto f = facts();
    GrantedDevice fuse;
    fuse.device.path = "/dev/fuse", fuse.device.major = 10, fuse.device.minor = 229, fuse.access = "rw";
    f.devices = {fuse};
    const auto spec = build([](auto& c) { c.devices = {{"/dev/fuse", "/dev/fuse", "rw"}}; }, f).value();
    const auto& rule = spec.linux_.resources->devices.back();
    EXPECT_TRUE(rule.allow && rule.type == 'c' && rule.major == 10 && rule.minor == 229 && rule.access == "rw");
    EXPECT_FALSE(build([](auto& c) { c.devices = {{"/dev/fuse", "/dev/fuse", "rx"}}; }, f));
    EXPECT_FALSE(build([](auto& c) { c.devices = {{"/dev/fuse", "fuse", "r"}}; }, f));
}

TEST(SpecBuilder, InitStandsBeforeTheProgram) {
    auto f = facts();
    f.mounts.init_program = "/usr/bin/skiff-runtime";
    const auto spec = build([](auto& c) { c.init = true, c.entrypoint = {{"tail"}}, c.command = {"-f", "/dev/null"}; }, f).value();
    EXPECT_EQ(join(spec.process->args, " "), "/dev/init init -- tail -f /dev/null");
    EXPECT_EQ(spec.mounts.front().destination, "/proc");
    EXPECT_TRUE(std::any_of(spec.mounts.begin(), spec.mounts.end(), [](const auto& m) { return m.destination == "/dev/init" && m.source == "/usr/bin/skiff-runtime"; }));
}

TEST(SpecBuilder, WhatTheRuntimeWouldMisreadIsRefusedAtCreate) {
    const auto refused = [](auto change) {
        auto r = record();
        change(r.config);
        return !check_request(r, facts());
    };
    EXPECT_FALSE(refused([](auto&) {}));
    EXPECT_TRUE(refused([](auto& c) { c.network = "pasta"; }));
    EXPECT_TRUE(refused([](auto& c) { c.memory = 1; }));
    EXPECT_TRUE(refused([](auto& c) { c.cap_add = {"NONSENSE"}; }));
    EXPECT_TRUE(refused([](auto& c) { c.security_options = {"nonsense"}; }));
    EXPECT_TRUE(refused([](auto& c) { c.ulimits = {{"nonsense", 1, 1}}; }));
    EXPECT_TRUE(refused([](auto& c) { c.sysctls = {{"kernel.core_pattern", "|/x"}}; }));
    EXPECT_TRUE(refused([](auto& c) { c.tmpfs = {{"relative", {}}}; }));
}

TEST(SpecBuilder, SharedMountsReachTheRoot) {
    const auto with = [](const char* propagation) {
        return build([&](auto& c) {
            BindMount bind;
            bind.source = "/s", bind.destination = "/d", bind.propagation = propagation;
            c.binds = {bind};
        })->linux_.rootfs_propagation;
    };
    EXPECT_EQ(with("rshared"), "rshared");
    EXPECT_EQ(with("rslave"), "rslave");
    EXPECT_EQ(with(""), "rprivate");
}

TEST(ExecProcess, HasTheContainersSettingsAndWhatWasAskedFor) {
    auto r = record();
    r.config.environment = {{"A", "container"}, {"B", "container"}}, r.config.workdir = "/w", r.config.init = true, r.config.entrypoint = {{"tini"}};
    r.config.cap_drop = {"ALL"}, r.config.terminal = true;
    ExecRequest request;
    request.command = {"ls", "-l"}, request.environment = {{"A", "exec"}};
    auto process = build_exec_process(r, request, facts()).value();
    EXPECT_EQ(join(process.args, " "), "ls -l");
    EXPECT_EQ(process.cwd, "/w");
    EXPECT_FALSE(process.terminal);
    EXPECT_EQ(join(process.env, " "), "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOSTNAME=0123456789ab A=exec B=container HOME=/root");
    EXPECT_TRUE(process.capabilities->bounding.empty());

    request.privileged = true, request.workdir = "/x", request.terminal = true;
    process = build_exec_process(r, request, facts()).value();
    EXPECT_EQ(process.capabilities->bounding.size(), 41u);
    EXPECT_EQ(process.cwd, "/x");
    EXPECT_TRUE(process.terminal);
    request.workdir = "x";
    EXPECT_FALSE(build_exec_process(r, request, facts()));
}

}  // namespace
}  // namespace skiff::engine
