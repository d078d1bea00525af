// SPDX-License-Identifier: Apache-2.0
#include "engine/container_record.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

ContainerRecord full_record() {
    ContainerRecord r;
    r.id = std::string(64, 'a'), r.name = "web", r.image_id = "sha256:abc", r.layers = {"/l/2", "/l/1"}, r.created_ns = 1234567890123456789;
    auto& c = r.config;
    c.image = "debian:12", c.rootfs = "/r", c.command = {"sh", "-c", "echo \"ü\n\""}, c.entrypoint = std::vector<std::string>{};
    c.environment = {{"A", "1"}, {"B", ""}}, c.workdir = "/w", c.user = "u:g", c.hostname = "h", c.domainname = "d", c.extra_groups = {"10"};
    c.labels = {{"k", "v"}, {"", "x"}}, c.terminal = c.stdin_open = c.stdin_once = c.auto_remove = c.init = c.read_only = c.privileged = true;
    c.attach_stdin = c.attach_stdout = c.attach_stderr = true;
    c.binds = {{"/s", "/d", true, true, false, "rslave", false}, {"/s2", "/d2", false, false, false, "", true}}, c.tmpfs = {{"/t", {"size=1m"}}}, c.devices = {{"/dev/a", "/dev/b", "r"}};
    c.cap_add = {"ALL"}, c.cap_drop = {"KILL"}, c.security_options = {"no-new-privileges"}, c.seccomp_profile = "{}";
    c.ulimits = {{"nofile", 1, -1}}, c.sysctls = {{"net.x", "1"}};
    c.memory = 1, c.memory_reservation = 2, c.memory_swap = -1, c.nano_cpus = 4, c.cpu_shares = 5, c.cpuset_cpus = "0", c.cpuset_mems = "0-1";
    c.pids_limit = -1, c.blkio_weight = 10, c.shm_size = 7, c.network = "host", c.pid = "host", c.ipc = "none", c.uts = "host";
    c.stop_signal = "SIGINT", c.stop_timeout = -1, c.log = {"none", 8, 9};
    return r;
}

TEST(ContainerRecord, ComesBackAsItWasWritten) {
    const auto text = to_json_text(full_record());
    const auto back = parse_record(text);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(to_json_text(*back), text);
    EXPECT_EQ(back->config.binds[0].propagation, "rslave");
    EXPECT_FALSE(back->config.binds[0].create_source);
    EXPECT_TRUE(back->config.binds[1].create_source);
    EXPECT_TRUE(back->config.entrypoint.has_value());
    EXPECT_EQ(back->config.log.driver, "none");
    EXPECT_EQ(*back->config.stop_timeout, -1);
    EXPECT_EQ(back->config.name, "web");
}

TEST(ContainerRecord, DefaultsTakeNoRoomAndComeBack) {
    ContainerRecord record;
    record.id = "x";
    const auto text = to_json_text(record);
    EXPECT_EQ(text, R"({"id":"x","log_driver":"json-file"})");
    EXPECT_FALSE(parse_record(text)->config.entrypoint.has_value());
    EXPECT_FALSE(parse_record(text)->config.memory.has_value());
}

TEST(ContainerRecord, DamageIsCorruptionNotACrash) {
    for (const char* text : {"", "[]", "{", R"({"id":1})", R"({"binds":[1]})", R"({"memory":"x"})", R"({"blkio_weight":70000})"}) {
        const auto record = parse_record(text);
        ASSERT_FALSE(record) << text;
        EXPECT_TRUE(record.error().is(Kind::corrupt)) << text;
    }
}

}  // namespace
}  // namespace skiff::engine
