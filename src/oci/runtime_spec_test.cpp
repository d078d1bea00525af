// SPDX-License-Identifier: Apache-2.0
#include "oci/runtime_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json.hpp"

namespace skiff::oci {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Every field that we carry out, each with a value that differs from its default.
constexpr std::string_view k_full = R"({
  "ociVersion": "1.3.0",
  "process": {
    "terminal": true, "consoleSize": {"height": 24, "width": 80},
    "user": {"uid": 1, "gid": 2, "umask": 63, "additionalGids": [5, 6]},
    "args": ["sh", "-c", "true"], "env": ["PATH=/bin", "EMPTY="], "cwd": "/w",
    "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "inheritable": ["CAP_CHOWN"], "permitted": ["CAP_KILL"], "ambient": ["CAP_KILL"]},
    "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": 1024}],
    "noNewPrivileges": true, "apparmorProfile": "a", "oomScoreAdj": -500, "selinuxLabel": "s"
  },
  "root": {"path": "rootfs", "readonly": true},
  "hostname": "h", "domainname": "d",
  "mounts": [{"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]}],
  "hooks": {
    "prestart": [{"path": "/a"}], "createRuntime": [{"path": "/b", "args": ["b", "1"], "env": ["K=v"], "timeout": 5}],
    "createContainer": [{"path": "/c"}], "startContainer": [{"path": "/d"}], "poststart": [{"path": "/e"}], "poststop": [{"path": "/f"}]
  },
  "annotations": {"a": "1", "b": ""},
  "linux": {
    "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 32000}],
    "gidMappings": [{"containerID": 0, "hostID": 4294967294, "size": 1}],
    "sysctl": {"net.core.somaxconn": "256"},
    "resources": {
      "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"}],
      "memory": {"limit": 536870912, "reservation": -1, "swap": 5, "swappiness": 0, "disableOOMKiller": false, "useHierarchy": true, "checkBeforeUpdate": true},
      "cpu": {"shares": 1024, "quota": -1, "burst": 7, "period": 100000, "realtimeRuntime": 9, "realtimePeriod": 8, "cpus": "0-1", "mems": "0", "idle": 1},
      "pids": {"limit": 32771},
      "blockIO": {"weight": 10, "leafWeight": 11, "weightDevice": [{"major": 8, "minor": 0, "weight": 500, "leafWeight": 300}],
        "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}], "throttleWriteBpsDevice": [{"major": 8, "minor": 1, "rate": 601}],
        "throttleReadIOPSDevice": [{"major": 8, "minor": 2, "rate": 602}], "throttleWriteIOPSDevice": [{"major": 8, "minor": 3, "rate": 603}]},
      "hugepageLimits": [{"pageSize": "2MB", "limit": 209715200}],
      "network": {"classID": 1048577, "priorities": [{"name": "eth0", "priority": 500}]},
      "rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}},
      "unified": {"memory.high": "1000"}
    },
    "cgroupsPath": "/skiff/x",
    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/x"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "user"}, {"type": "cgroup"}, {"type": "time"}],
    "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 1, "gid": 2}, {"path": "/dev/pipe", "type": "p", "major": 0, "minor": 0}],
    "seccomp": {
      "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
      "listenerPath": "/run/l", "listenerMetadata": "m",
      "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "valueTwo": 9, "op": "SCMP_CMP_MASKED_EQ"}]},
                   {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]
    },
    "rootfsPropagation": "slave",
    "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"], "mountLabel": "l"
  }
})";

/// The error that a minimal document gets when `member` is added to it.
std::string refusal_of(const std::string& member) {
    const auto parsed = parse_runtime_spec(R"({"ociVersion":"1.0.2",)" + member + "}");
    return parsed ? "accepted" : parsed.error().text();
}
std::string refusal_of_process(const std::string& member) { return refusal_of(R"("process":{"cwd":"/",)" + member + "}"); }
std::string refusal_of_linux(const std::string& member) { return refusal_of("\"linux\":{" + member + "}"); }

TEST(RuntimeSpec, LosesNoFieldOnItsWayThroughValues) {
    const auto spec = parse_runtime_spec(k_full);
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_TRUE(spec->not_supported.empty());
    EXPECT_EQ(to_json(*spec), codec::parse_json(k_full)->to_text());
    const auto again = parse_runtime_spec(to_json(*spec, true));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(to_json(*again), to_json(*spec));
}

TEST(RuntimeSpec, ReadsTheValuesThatStandThere) {
    const RuntimeSpec spec = *parse_runtime_spec(k_full);
    EXPECT_EQ(spec.process->user.additional_gids, (std::vector<uint32_t>{5, 6}));
    EXPECT_EQ(spec.process->rlimits[0].hard, ~uint64_t{0});
    EXPECT_EQ(spec.linux_.resources->memory->reservation, -1);
    EXPECT_FALSE(*spec.linux_.resources->memory->disable_oom_killer);
    EXPECT_EQ(spec.linux_.resources->block_io->write_iops[0].rate, 603u);
    EXPECT_EQ(spec.linux_.seccomp->syscalls[0].args[0].op, SeccompOperator::masked_eq);
    EXPECT_EQ(spec.find_namespace(NamespaceKind::network)->path, "/run/netns/x");
    EXPECT_EQ(RuntimeSpec().find_namespace(NamespaceKind::network), nullptr);
}

TEST(RuntimeSpec, KnowsWhatIsLeftOutFromWhatIsZero) {
    const RuntimeSpec spec = *parse_runtime_spec(R"({"ociVersion":"1.0.0","linux":{"resources":{"memory":{}}},"root":null})");
    EXPECT_FALSE(spec.root || spec.process);
    EXPECT_FALSE(spec.linux_.resources->memory->limit);
    EXPECT_FALSE(spec.linux_.resources->cpu);
    EXPECT_EQ(to_json(spec), R"({"ociVersion":"1.0.0","linux":{"resources":{"memory":{}}}})");
}

TEST(RuntimeSpec, IgnoresFieldsThatItHasNeverHeardOf) {
    EXPECT_EQ(refusal_of(R"("x":1,"linux":{"fromTheFuture":{"a":[]}})"), "accepted");
}

TEST(RuntimeSpec, NamesEachFieldThatItKnowsButDoesNotCarryOut) {
    const auto spec = parse_runtime_spec(R"({"ociVersion":"1.3.0","vm":{"kernel":{"path":"/k"}},"windows":{},"solaris":null,
        "process":{"cwd":"/","user":{"username":"u"}},
        "mounts":[{"destination":"/a"},{"destination":"/b","uidMappings":[{"containerID":0,"hostID":0,"size":1}],"gidMappings":[]}],
        "linux":{"intelRdt":{"closID":"x"},
                 "netDevices":{"eth0":{}},"resources":{"memory":{"kernel":1,"kernelTCP":2}}}})");
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_THAT(spec->not_supported,
                ElementsAre("process.user.username", "linux.resources.memory.kernel", "linux.resources.memory.kernelTCP", "linux.intelRdt", "vm"));
    EXPECT_EQ(parse_process(R"({"cwd":"/","user":{"username":"u"}})").error().text(), "process.user.username is not supported by this version of skiff");
    EXPECT_TRUE(parse_resources(R"({"memory":{"kernel":1}})").error().is(Kind::unsupported));
}

TEST(RuntimeSpec, RefusesOtherVersions) {
    for (const std::string_view version : {"1.0.0", "1.0.2-dev", "1.3.0", "1.99.0+x"})
        EXPECT_TRUE(parse_runtime_spec(format("{{\"ociVersion\":\"{}\"}}", version))) << version;
    EXPECT_TRUE(parse_runtime_spec(R"({"ociVersion":"2.0.0"})").error().is(Kind::unsupported));
    for (const std::string_view version : {"", "1", "1.0", "1.x.0", "v1.0.0", "1.0.0.0"})
        EXPECT_TRUE(parse_runtime_spec(format("{{\"ociVersion\":\"{}\"}}", version)).error().is(Kind::invalid)) << version;
    EXPECT_EQ(parse_runtime_spec("{}").error().text(), "ociVersion is required and missing");
}

TEST(RuntimeSpec, NamesTheFieldOfAWrongTypeOrRange) {
    const std::string id_range = ": expected a whole number from 0 to 4294967294, found ";
    EXPECT_EQ(refusal_of_process(R"("user":{"uid":4294967295})"), "process.user.uid" + id_range + "4294967295");
    EXPECT_EQ(refusal_of_process(R"("user":{"uid":-1})"), "process.user.uid" + id_range + "-1");
    EXPECT_EQ(refusal_of_process(R"("user":{"gid":"0"})"), "process.user.gid" + id_range + "\"0\"");
    EXPECT_EQ(refusal_of_process(R"("user":{"additionalGids":[1,4294967296]})"), "process.user.additionalGids[1]" + id_range + "4294967296");
    EXPECT_EQ(refusal_of_process(R"("oomScoreAdj":1001)"), "process.oomScoreAdj: expected a whole number from -1000 to 1000, found 1001");
    EXPECT_EQ(refusal_of_process(R"("env":["A=1","SKSECRET"])"), "process.env[1]: expected NAME=VALUE, found \"SKSECRET\"");
    EXPECT_EQ(refusal_of_process(R"("env":["=x"])"), "process.env[0]: expected NAME=VALUE, found \"=x\"");
    EXPECT_EQ(refusal_of_process(R"("args":["a\u0000b"])"), "process.args[0] holds a NUL character");
    EXPECT_EQ(refusal_of_process(R"("rlimits":[{"type":"RLIMIT_NPROC","soft":2,"hard":1}])"), "process.rlimits[0]: the soft limit 2 is above the hard limit 1");
    EXPECT_EQ(refusal_of_process(R"("rlimits":[{"type":"RLIMIT_NPROC"},{"type":"RLIMIT_NPROC"}])"), "process.rlimits[1]: RLIMIT_NPROC is set twice");
    EXPECT_EQ(refusal_of(R"("process":{"cwd":"w"})"), "process.cwd: \"w\" is not an absolute path");
    EXPECT_EQ(refusal_of(R"("process":{})"), "process.cwd is required and missing");
    EXPECT_EQ(refusal_of(R"("root":{"path":""})"), "root.path is required and empty");
    EXPECT_EQ(refusal_of(R"("mounts":[{"destination":"/a"},{"type":"proc"}])"), "mounts[1].destination is required and missing");
    EXPECT_EQ(refusal_of(R"("mounts":{})"), "mounts: expected an array of objects, found an object");
    EXPECT_EQ(refusal_of(R"("hooks":{"poststop":[{"path":"rm"}]})"), "hooks.poststop[0].path: \"rm\" is not an absolute path");
    EXPECT_EQ(refusal_of(R"("hooks":{"poststop":[{"path":"/rm","timeout":0}]})"),
              "hooks.poststop[0].timeout: expected a whole number from 1 to 2147483647, found 0");
    EXPECT_EQ(refusal_of(R"("annotations":{"":"x"})"), "annotations: a key is empty");
    EXPECT_EQ(refusal_of(R"("annotations":{"a":1})"), "annotations[\"a\"]: expected a string, found 1");
}

TEST(RuntimeSpec, NamesTheLinuxFieldOfAWrongTypeOrRange) {
    EXPECT_EQ(refusal_of_linux(R"("namespaces":[{"type":"net"}])"),
              "linux.namespaces[0].type: \"net\" is none of mount, uts, ipc, pid, network, user, cgroup, time");
    EXPECT_EQ(refusal_of_linux(R"("namespaces":[{"type":"pid"},{"type":"pid","path":"/x"}])"), "linux.namespaces[1]: the pid namespace is named twice");
    EXPECT_EQ(refusal_of_linux(R"("namespaces":[{"type":"pid","path":"self/ns"}])"), "linux.namespaces[0].path: \"self/ns\" is not an absolute path");
    EXPECT_EQ(refusal_of_linux(R"("uidMappings":[{"containerID":0,"hostID":4294967290,"size":10}])"), "linux.uidMappings[0]: ids end at 4294967294");
    EXPECT_EQ(refusal_of_linux(R"("uidMappings":[{"containerID":0,"hostID":1}])"), "linux.uidMappings[0].size: must be at least 1");
    EXPECT_EQ(refusal_of_linux(R"("devices":[{"path":"/dev/x","type":"x"}])"), "linux.devices[0].type: \"x\" is none of c, u, b, p");
    EXPECT_EQ(refusal_of_linux(R"("devices":[{"path":"/dev/x","type":"c","major":1}])"), "linux.devices[0]: a device needs a major and a minor number");
    EXPECT_EQ(refusal_of_linux(R"("devices":[{"path":"/dev/x","type":"c","major":4096,"minor":0}])"),
              "linux.devices[0].major: expected a whole number from 0 to 4095, found 4096");
    EXPECT_EQ(refusal_of_linux(R"("rootfsPropagation":"public")"),
              "linux.rootfsPropagation: \"public\" is none of private, slave, shared, unbindable and their r-forms");
    EXPECT_EQ(refusal_of_linux(R"("resources":{"devices":[{"allow":true,"access":"rx"}]})"),
              "linux.resources.devices[0].access: \"rx\" holds letters other than r, w and m");
    EXPECT_EQ(refusal_of_linux(R"("resources":{"hugepageLimits":[{"pageSize":"../x","limit":1}]})"),
              "linux.resources.hugepageLimits[0].pageSize: \"../x\" is not a page size such as 2MB");
    for (const std::string_view size : {"2M", "2MX", "MB", "0MB", "02MB", "2 MB", "2TB", "2MB/"})
        EXPECT_THAT(refusal_of_linux(format(R"("resources":{{"hugepageLimits":[{{"pageSize":"{}","limit":1}}]}})", size)), HasSubstr("is not a page size")) << size;
    EXPECT_EQ(refusal_of_linux(R"("resources":{"blockIO":{"weight":65536}})"),
              "linux.resources.blockIO.weight: expected a whole number from 0 to 65535, found 65536");
    EXPECT_THAT(refusal_of_linux(R"("resources":{"memory":{"limit":1e6}})"), HasSubstr("linux.resources.memory.limit: expected a whole number"));
    EXPECT_THAT(refusal_of_linux(R"("seccomp":{"defaultAction":"ALLOW"})"), HasSubstr("linux.seccomp.defaultAction: \"ALLOW\" is none of SCMP_ACT_"));
    EXPECT_EQ(refusal_of_linux(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_LOG"}]})"),
              "linux.seccomp.syscalls[0].names is required and empty");
    EXPECT_THAT(refusal_of_linux(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_LOG","args":[{"index":6,"op":"SCMP_CMP_EQ"}]}]})"),
                HasSubstr("linux.seccomp.syscalls[0].args[0].index: expected a whole number from 0 to 5"));
}

TEST(RuntimeSpec, TakesTheSpellingsOfOtherEngines) {
    const auto spec = parse_runtime_spec(R"({"ociVersion":"1.0.2","linux":{
        "devices":[{"path":"/dev/x","type":"u","major":1,"minor":3,"fileMode":8630}],
        "resources":{"devices":[{"allow":true,"type":"a","major":-1,"minor":-1,"access":"rwm"}],"pids":{}}}})");
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_EQ(spec->linux_.devices[0].type, 'c');
    EXPECT_EQ(spec->linux_.devices[0].mode, 0666u);
    EXPECT_FALSE(spec->linux_.resources->devices[0].major);
    EXPECT_FALSE(spec->linux_.resources->pids_limit);
}

TEST(RuntimeSpec, ReadsAProcessAndResourcesAlone) {
    const auto process = parse_process(R"({"cwd":"/","args":["id"],"user":{"uid":7}})");
    ASSERT_TRUE(process) << process.error().text();
    EXPECT_EQ(to_json(*process), R"({"user":{"uid":7,"gid":0},"args":["id"],"cwd":"/"})");
    EXPECT_EQ(parse_resources(R"({"pids":{"limit":-1}})")->pids_limit, -1);
    EXPECT_EQ(parse_resources(R"({"cpu":{"shares":-1}})").error().text(), "resources.cpu.shares: expected a whole number from 0 to 18446744073709551615, found -1");
    EXPECT_EQ(parse_process("[]").error().text(), "process: expected an object, found an array");
}

TEST(Namespaces, AreNamedAsTheKernelNamesThem) {
    EXPECT_EQ(proc_name(NamespaceKind::mount), "mnt");
    EXPECT_EQ(spec_name(NamespaceKind::network), "network");
    EXPECT_EQ(clone_flag(NamespaceKind::user), 0x10000000u);
    EXPECT_EQ(clone_flag(NamespaceKind::time), 0x80u);
}

}  // namespace
}  // namespace skiff::oci
