// SPDX-License-Identifier: Apache-2.0
#include "cgroup/systemd_unit.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace skiff::cgroup {
namespace {

std::string path_of(std::string_view text) {
    const auto unit = parse_systemd_path(text, "web");
    return unit ? unit->path : unit.error().text();
}
std::string annotated(const std::string& name, const std::string& value) {
    const auto properties = annotated_properties({{name, value}});
    return properties ? join(*properties, " ") : properties.error().text();
}

TEST(SystemdUnit, LiesBelowEachSliceThatItsSliceIsNamedAfter) {
    EXPECT_EQ(path_of("machine.slice:podman:1f0a"), "/machine.slice/podman-1f0a.scope");
    EXPECT_EQ(path_of("a-b-c.slice:x:y"), "/a.slice/a-b.slice/a-b-c.slice/x-y.scope");
    EXPECT_EQ(path_of(":x:y"), "/system.slice/x-y.scope");
    EXPECT_EQ(path_of("-.slice::y"), "/y.scope");
    EXPECT_EQ(path_of(""), "/system.slice/skiff-web.scope");
}

TEST(SystemdUnit, RefusesWhatIsNoNameOfAUnit) {
    for (const std::string text : {"/a/b", "a:b", "a:b:c:d", "a.slice:x:", "a.slice:x:../y", "a.slice:x:y z", "a.slice:x:y\nz", "a:x:y", "a/b.slice:x:y", "a--b.slice:x:y", "-a.slice:x:y", ".slice:x:y"})
        EXPECT_TRUE(parse_systemd_path(text, "web").error().is(Kind::invalid)) << text;
    EXPECT_TRUE(parse_systemd_path("a.slice:x:" + std::string(300, 'y'), "web").error().is(Kind::invalid));
}

TEST(SystemdUnit, LimitsAreToldInSystemdsWords) {
    const std::vector<Write> writes = {{"memory", "memory.max", "67108864", ""}, {"memory", "memory.swap.max", "max", ""}, {"cpu", "cpu.weight", "59", ""},
                                       {"cpu", "cpu.max", "25000 50000", ""},     {"pids", "pids.max", "7", ""},          {"cpuset", "cpuset.cpus", "0-2,9", ""},
                                       {"io", "io.weight", "8:0 50", ""},         {"hugetlb", "hugetlb.2MB.max", "0", ""}};
    EXPECT_EQ(join(limit_properties(writes), " "),
              "MemoryMax=t:67108864 MemorySwapMax=t:18446744073709551615 CPUWeight=t:59 CPUQuotaPeriodUSec=t:50000 CPUQuotaPerSecUSec=t:500000 TasksMax=t:7 AllowedCPUs=ay:0702");
    EXPECT_EQ(join(limit_properties({{"cpu", "cpu.max", "max 100000", ""}, {"cpu", "cpu.idle", "1", ""}, {"pids", "pids.max", "1", ""}}), " "),
              "CPUQuotaPeriodUSec=t:100000 CPUQuotaPerSecUSec=t:18446744073709551615 CPUWeight=t:0");
    EXPECT_EQ(limit_properties({{"cpu", "cpu.max", "1001 100000", ""}}).back(), "CPUQuotaPerSecUSec=t:20000") << "rounded up, never down";
}

TEST(SystemdUnit, AnnotationsSetWhatConcernsItsEndAndItsOrder) {
    EXPECT_EQ(annotated("org.systemd.property.TimeoutStopSec", "uint64 5"), "TimeoutStopUSec=t:5000000");
    EXPECT_EQ(annotated("org.systemd.property.TimeoutStopUSec", "uint64 5"), "TimeoutStopUSec=t:5");
    EXPECT_EQ(annotated("org.systemd.property.CollectMode", "'inactive-or-failed'"), "CollectMode=s:inactive-or-failed");
    EXPECT_EQ(annotated("org.systemd.property.SendSIGHUP", "true"), "SendSIGHUP=b:true");
    EXPECT_EQ(annotated("org.systemd.property.After", "['a.service', 'b.mount']"), "After=as:a.service b.mount");
    EXPECT_EQ(annotated("org.systemd.property.KillSignal", "15"), "KillSignal=i:15");
    EXPECT_EQ(annotated("io.example", "true"), "");
}

// The class of CVE-2023-6476: an annotation must not lift a limit, nor take in somebody's processes.
TEST(SystemdUnit, AnnotationsReachNoLimitNoSliceAndNoProcess) {
    for (const std::string name : {"MemoryMax", "CPUQuotaPerSecUSec", "TasksMax", "AllowedCPUs", "DeviceAllow", "DevicePolicy", "Slice", "PIDs", "Delegate", "IOWeight", "Foo", "", "collectmode", "CollectMode\nPIDs"})
        EXPECT_TRUE(annotated_properties({{"org.systemd.property." + name, "uint64 5"}}).error().is(Kind::invalid)) << name;
    for (const std::string value : {"5 5", "uint64 -5", "uint64", "'a", "'a'b'", "['a'", "[a]", "['a b']", "{}", "", "int32 99999999999", "'a\nb'"})
        EXPECT_TRUE(annotated_properties({{"org.systemd.property.CollectMode", value}}).error().is(Kind::invalid)) << value;
    EXPECT_TRUE(annotated_properties({{"org.systemd.property.TimeoutStopSec", "'soon'"}}).error().is(Kind::invalid));
}

}  // namespace
}  // namespace skiff::cgroup
