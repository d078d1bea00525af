// SPDX-License-Identifier: Apache-2.0
#include "engine/mount_list.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

const MountSources k_sources = {"/c/hosts", "/c/hostname", "/c/resolv.conf", "", ""};

std::string show(const Result<std::vector<oci::Mount>>& mounts) {
    if (!mounts) return "error: " + mounts.error().text();
    std::string text;
    for (const auto& m : *mounts) text += m.destination + " " + m.type + " " + m.source + " " + join(m.options, ",") + "\n";
    return text;
}
template <class Change> std::string plan(Change change, const MountSources& sources = k_sources) {
    CreateRequest request;
    change(request);
    return show(plan_mounts(request, parse_sharing(request).value(), sources));
}
BindMount bind(std::string source, std::string destination) {
    BindMount mount;
    mount.source = std::move(source), mount.destination = std::move(destination);
    return mount;
}
bool has(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line) != std::string::npos; }

TEST(MountList, IsDockersByDefault) {
    EXPECT_EQ(plan([](auto&) {}),
              "/proc proc proc nosuid,noexec,nodev\n"
              "/dev tmpfs tmpfs nosuid,strictatime,mode=755,size=65536k\n"
              "/dev/pts devpts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5\n"
              "/sys sysfs sysfs nosuid,noexec,nodev,ro\n"
              "/sys/fs/cgroup cgroup cgroup ro,nosuid,noexec,nodev\n"
              "/dev/mqueue mqueue mqueue nosuid,noexec,nodev\n"
              "/dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=67108864\n"
              "/etc/resolv.conf bind /c/resolv.conf rbind,rprivate\n"
              "/etc/hostname bind /c/hostname rbind,rprivate\n"
              "/etc/hosts bind /c/hosts rbind,rprivate\n");
}

TEST(MountList, AUsersMountTakesThePlaceOfOurs) {
    const auto text = plan([](auto& r) { r.binds = {bind("/my/hosts", "/etc/hosts")}, r.tmpfs = {{"/dev/shm/", {"size=1m"}}}; });
    EXPECT_FALSE(has(text, "/etc/hosts bind /c/hosts"));
    EXPECT_TRUE(has(text, "/etc/hosts bind /my/hosts rbind,rprivate\n"));
    EXPECT_FALSE(has(text, "/dev/shm tmpfs shm"));
    EXPECT_TRUE(has(text, "/dev/shm tmpfs tmpfs noexec,nosuid,nodev,size=1m\n"));
}

TEST(MountList, TheHostsDevIsNotMountedOver) {
    const auto text = plan([](auto& r) { r.binds = {bind("/dev", "/dev")}, r.init = true; }, {"/c/h", "/c/n", "/c/r", "", "/bin/skiff-runtime"});
    EXPECT_FALSE(has(text, "/dev/"));
    EXPECT_TRUE(has(text, "/run/.skiff-init bind /bin/skiff-runtime bind,rprivate,ro,nosuid,nodev\n"));
}

TEST(MountList, ParentsComeBeforeChildren) {
    const auto text = plan([](auto& r) { r.binds = {bind("/s", "/a/b/c"), bind("/s", "/a")}; });
    EXPECT_LT(text.find("\n/a bind"), text.find("\n/a/b/c bind"));
}

TEST(MountList, ReadOnlyReachesSubmountsAndOurFiles) {
    const auto text = plan([](auto& r) { r.read_only = true, r.binds = {bind("/s", "/d"), bind("/t", "/e")}, r.binds[0].read_only = true; });
    EXPECT_TRUE(has(text, "/d bind /s rbind,rprivate,rro\n"));
    EXPECT_TRUE(has(text, "/e bind /t rbind,rprivate\n"));
    EXPECT_TRUE(has(text, "/etc/hosts bind /c/hosts rbind,rprivate,ro\n"));
}

TEST(MountList, PrivilegedMaySeeAndChangeTheKernelsTrees) {
    const auto text = plan([](auto& r) { r.privileged = true; });
    EXPECT_TRUE(has(text, "/sys sysfs sysfs nosuid,noexec,nodev,rw\n"));
    EXPECT_TRUE(has(text, "/sys/fs/cgroup cgroup cgroup rw,"));
}

TEST(MountList, TmpfsFlagsCancelTheirOpposites) {
    EXPECT_TRUE(has(plan([](auto& r) { r.tmpfs = {{"/t", {"exec", "size=10%", "mode=1777"}}}; }), "/t tmpfs tmpfs nosuid,nodev,exec,size=10%,mode=1777\n"));
    for (const char* bad : {"size=x", "mode=9", "lowerdir=/", "context=a", "uid=a", "bind", "", "size"})
        EXPECT_TRUE(plan([&](auto& r) { r.tmpfs = {{"/t", {bad}}}; }).starts_with("error: ")) << bad;
}

TEST(MountList, BadDestinationsAreRefused) {
    for (const char* bad : {"relative", "/", "/..", "/a/../..", "//", "/./"})
        EXPECT_TRUE(plan([&](auto& r) { r.binds = {bind("/s", bad)}; }).starts_with("error: ")) << bad;
    EXPECT_EQ(plan([](auto& r) { r.binds = {bind("/s", "/d"), bind("/t", "/d/")}; }), "error: duplicate mount point: /d");
    EXPECT_TRUE(plan([](auto& r) { r.binds = {bind("volume", "/d")}; }).starts_with("error: "));
}

TEST(MountList, WithoutIpcThereIsNoShm) {
    EXPECT_FALSE(has(plan([](auto& r) { r.ipc = "none"; }), "/dev/shm"));
    EXPECT_TRUE(has(plan([](auto& r) { r.ipc = "host"; }, {"", "", "", "/dev/shm", ""}), "/dev/shm bind /dev/shm "));
}

TEST(MountList, ASizeIsOnlyForAShmOfTheContainersOwn) {
    EXPECT_TRUE(has(plan([](auto& r) { r.shm_size = 4096; }), "/dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=4096\n"));
    for (const char* ipc : {"host", "none", "container:x"})
        EXPECT_TRUE(plan([&](auto& r) { r.shm_size = 4096, r.ipc = ipc; }).starts_with("error: ")) << ipc;
    EXPECT_TRUE(plan([](auto& r) { r.shm_size = 0; }).starts_with("error: "));
}

TEST(Stubs, AreMadeOnlyWhereTheImagesOwnTreeIsSeen) {
    CreateRequest request;
    request.binds = {bind("/file", "/data/f"), bind("/dir", "/data2")};
    const auto mounts = plan_mounts(request, {}, k_sources).value();
    std::string text;
    for (const auto& stub : stubs_for(mounts, [](const std::string& source) { return source != "/dir"; })) text += stub.path + (stub.is_directory ? "/ " : " ");
    EXPECT_EQ(text, "/proc/ /dev/ /sys/ /data2/ /etc/resolv.conf /etc/hostname /etc/hosts /data/f ");
}

}  // namespace
}  // namespace skiff::engine
