// SPDX-License-Identifier: Apache-2.0
#include "runtime/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sched.h>

#include "oci/defaults.hpp"
#include "runtime/mount_options.hpp"

namespace skiff::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

HostFacts modern_host() {
    HostFacts host;
    host.own_capabilities = kernel::capabilities_up_to(40);
    host.rlimits.may_raise = true;
    return host;
}

Bundle default_bundle() {
    Bundle bundle;
    bundle.directory = "/bundle";
    bundle.spec = oci::default_spec(false);
    bundle.spec.process->terminal = false;
    bundle.spec.mounts.erase(std::remove_if(bundle.spec.mounts.begin(), bundle.spec.mounts.end(), [](const oci::Mount& mount) { return mount.type == "cgroup"; }),
                             bundle.spec.mounts.end());  // this host has no trees
    return bundle;
}

Result<BirthPlan> plan_for(const Bundle& bundle, const HostFacts& host = modern_host()) {
    return plan_birth(*ContainerId::parse("web"), bundle, {}, host);
}

/// The plan's text, or the refusal's.
std::string told(const Bundle& bundle, const HostFacts& host = modern_host()) {
    const auto plan = plan_for(bundle, host);
    return plan ? plan->steps.describe() : plan.error().text();
}

size_t place_of(const std::string& text, const std::string& line) {
    const size_t at = text.find(line);
    EXPECT_NE(at, std::string::npos) << line << " is not in\n" << text;
    return at;
}

TEST(Plan, DoesThingsInTheOrderThatIsSafe) {
    Bundle bundle = default_bundle();
    bundle.spec.hooks.create_container = {{.path = "/bin/hook", .args = {}, .env = {}, .timeout = std::nullopt}};
    const std::string text = told(bundle);
    const char* in_order[] = {"tell the runtime that we are born", "new session", "make every mount a slave", "bind /bundle/rootfs onto itself", "mount proc at /proc",
                              "make /dev/null (c 1:3)", "make /proc/sys read-only", "mask /proc/kcore", "make the root read-only", "tell the runtime that the root is ready",
                              "wait for the hooks", "pivot_root", "limit the bounding set", "become uid 0 gid 0", "no new privileges", "find sh", "tell the runtime that we are ready",
                              "wait until the runtime has written the record", "wait for start", "close every descriptor from 3 on", "execve sh"};
    for (size_t i = 0; i + 1 < std::size(in_order); ++i) EXPECT_LT(place_of(text, in_order[i]), place_of(text, in_order[i + 1])) << in_order[i] << " before " << in_order[i + 1];
}

TEST(Plan, WaitsOnlyForWhatThereIs) {
    const Bundle bundle = default_bundle();
    EXPECT_THAT(told(bundle), Not(HasSubstr("wait for the hooks")));
    CreateOptions run;
    run.starts = true;
    const auto plan = plan_birth(*ContainerId::parse("web"), bundle, run, modern_host());
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->steps.describe(), Not(HasSubstr("wait for start")));
    EXPECT_THAT(plan->steps.describe(), HasSubstr("wait until the runtime has written the record"));
}

TEST(Plan, AFilterComesLastWithNoNewPrivilegesAndBeforeTheCapabilitiesGoWithout) {
    Bundle bundle = default_bundle();
    bundle.spec.linux_.seccomp = oci::Seccomp{};
    bundle.spec.linux_.seccomp->syscalls.push_back({.names = {"mkdir"}, .action = oci::SeccompAction::errno_, .errno_ret = {}, .args = {}});
    std::string text = told(bundle);
    EXPECT_LT(place_of(text, "close every descriptor"), place_of(text, "load a seccomp filter"));
    EXPECT_LT(place_of(text, "capabilities\n"), place_of(text, "load a seccomp filter"));
    bundle.spec.process->no_new_privileges = false;
    text = told(bundle);
    EXPECT_GT(place_of(text, "capabilities\n"), place_of(text, "load a seccomp filter"));
}

TEST(Plan, NewNamespacesAreOneCloneAndJoinedOnesNeedAStage) {
    Bundle bundle = default_bundle();
    auto plan = plan_for(bundle);
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->has_stage);
    EXPECT_EQ(plan->clone_flags, uint64_t{CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS});
    for (oci::Namespace& entry : bundle.spec.linux_.namespaces)
        if (entry.kind == oci::NamespaceKind::network) entry.path = "/proc/1/ns/net";
    plan = plan_for(bundle);
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->has_stage);
    EXPECT_THAT(plan->steps.describe(), HasSubstr("join the network namespace /proc/1/ns/net\n"));
    EXPECT_THAT(plan->steps.describe(), Not(HasSubstr("bring lo up")));
}

TEST(Plan, ClocksWithOffsetsAreMadeByAStageProcess) {
    Bundle bundle = default_bundle();
    bundle.spec.linux_.namespaces.push_back({oci::NamespaceKind::time, ""});
    bundle.spec.linux_.time_offsets["boottime"] = {.secs = -5, .nanosecs = 7};
    const auto plan = plan_for(bundle);
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->has_stage);
    EXPECT_EQ(plan->clone_flags & CLONE_NEWTIME, 0u);
    const std::string text = plan->steps.describe();
    EXPECT_LT(place_of(text, "new time namespace, boottime by -5.000000007 s\n"), place_of(text, "clone with new namespaces"));
}

TEST(Plan, WhenAndWhereItRunsIsChosenBeforeItsPrivilegesGo) {
    Bundle bundle = default_bundle();
    bundle.spec.process->scheduler = oci::Scheduler{.policy = "SCHED_BATCH", .nice = 3, .flags = {}};
    bundle.spec.process->io_priority = oci::IoPriority{.io_class = "IOPRIO_CLASS_IDLE", .priority = 1};
    bundle.spec.linux_.memory_policy = oci::MemoryPolicy{.mode = "MPOL_BIND", .nodes = "0", .flags = {}};
    const std::string text = told(bundle);
    for (const char* line : {"schedule it as SCHED_BATCH, nice 3\n", "do I/O as IOPRIO_CLASS_IDLE, priority 1\n", "take memory by MPOL_BIND of the nodes 0\n"})
        EXPECT_LT(place_of(text, line), place_of(text, "limit the bounding set"));
}

TEST(Plan, ASmallDescriptorLimitComesAfterEverythingThatOpens) {
    Bundle bundle = default_bundle();
    bundle.spec.process->rlimits = {{"RLIMIT_NOFILE", 64, 64}, {"RLIMIT_CORE", 0, 0}};
    const std::string text = told(bundle);
    EXPECT_GT(place_of(text, "limit RLIMIT_NOFILE to 64"), place_of(text, "wait for start"));
    EXPECT_LT(place_of(text, "limit RLIMIT_CORE to 0"), place_of(text, "limit the bounding set"));
}

TEST(Plan, AnExecsSubGroupsAreBelowTheContainersOwn) {
    const oci::RuntimeSpec spec = default_bundle().spec;
    HostFacts host = modern_host();
    host.hierarchies.mode = cgroup::Mode::legacy;
    host.hierarchies.trees = {{.controllers = {"memory"}, .mount_point = "/m"}, {.controllers = {"cpu", "cpuacct"}, .mount_point = "/c"}};
    const auto told_with = [&](std::vector<std::string> groups, const std::string& own = "/web") {
        JoinTarget target;
        target.init = {.pid = 7, .start_ticks = 1};
        target.has_cgroup = true;
        target.cgroup = own;
        ExecOptions options;
        options.cgroup = std::move(groups);
        const auto plan = plan_exec(*ContainerId::parse("web"), *spec.process, spec, target, options, host);
        return plan ? plan->steps.describe() : plan.error().text();
    };
    EXPECT_THAT(told_with({"inner"}), AllOf(HasSubstr("join /web/inner in the cgroup tree memory\n"), HasSubstr("join /web/inner in the cgroup tree cpu,cpuacct\n")));
    EXPECT_THAT(told_with({"cpuacct:/a/b"}), AllOf(HasSubstr("join /web/a/b in the cgroup tree cpu,cpuacct\n"), Not(HasSubstr("tree memory\njoin /web"))));
    EXPECT_THAT(told_with({"/"}), HasSubstr("join /web in the cgroup tree memory\n"));
    EXPECT_THAT(told_with({"pids:x"}), HasSubstr("pids"));
    for (const char* bad : {"", "memory:", "../up", "memory:/a/../../up"}) EXPECT_THAT(told_with({bad}), HasSubstr("--cgroup")) << bad;
    EXPECT_THAT(told_with({"x"}, ""), HasSubstr("no group of its own"));
    host.hierarchies.mode = cgroup::Mode::unified;
    host.hierarchies.trees = {{.controllers = {}, .mount_point = "/u", .is_v2 = true}};
    EXPECT_THAT(told_with({"memory:x"}), HasSubstr("version 2"));
    EXPECT_THAT(told_with({"x", "y"}), HasSubstr("twice"));
}

TEST(Plan, RefusesWhatWouldChangeTheHost) {
    Bundle bundle = default_bundle();
    bundle.spec.linux_.sysctl = {{"kernel.core_pattern", "|/x"}};
    EXPECT_THAT(told(bundle), HasSubstr("sysctl"));
    bundle = default_bundle();
    std::erase_if(bundle.spec.linux_.namespaces, [](const oci::Namespace& entry) { return entry.kind == oci::NamespaceKind::uts; });
    EXPECT_THAT(told(bundle), HasSubstr("the host's own would change"));
}

TEST(Plan, RefusesWhatItCannotDoByName) {
    Bundle bundle = default_bundle();
    bundle.spec.not_supported = {"linux.intelRdt"};
    EXPECT_THAT(told(bundle), HasSubstr("linux.intelRdt"));
    bundle = default_bundle();
    bundle.spec.process->apparmor_profile = "docker-default";
    EXPECT_THAT(told(bundle), HasSubstr("AppArmor"));
    bundle = default_bundle();
    bundle.spec.mounts.push_back({"/x", "bind", "/y", {"bind", "tmpcopyup"}});
    EXPECT_THAT(told(bundle), HasSubstr("tmpcopyup"));
}

TEST(Plan, NothingCoversTheKernelsOwnFiles) {
    for (const char* place : {"/proc/sys", "/proc/self/attr", "/proc/../proc/sys/", "/"}) {
        Bundle bundle = default_bundle();
        bundle.spec.mounts.push_back({place, "bind", "/data", {"bind"}});
        EXPECT_FALSE(plan_for(bundle)) << place;
    }
    Bundle bundle = default_bundle();
    bundle.spec.mounts.push_back({"/proc/uptime", "bind", "/var/lib/lxcfs/proc/uptime", {"bind"}});
    EXPECT_TRUE(plan_for(bundle));
}

TEST(MountOptions, TheLastWordWins) {
    const auto options = parse_mount_options({"ro", "nosuid", "rw", "noatime", "relatime", "size=64k", "rro"});
    EXPECT_EQ(attribute_words(options.set), "nosuid");
    EXPECT_EQ(attribute_words(options.set_recursive), "ro");
    ASSERT_EQ(options.data.size(), 1u);
    EXPECT_EQ(options.data[0].first, "size");
    EXPECT_EQ(options.data[0].second, "64k");
}

HostFacts old_host() {
    HostFacts host = modern_host();
    host.mounts = {.by_descriptor = false, .layers_one_by_one = false, .has_volatile_overlays = false};
    return host;
}

const child::Step& step_of(const BirthPlan& plan, child::Op op, std::string_view target) {
    for (size_t i = 0; i < plan.steps.size(); ++i)
        if (plan.steps[i].op == op && plan.steps[i].target && plan.steps[i].target == target) return plan.steps[i];
    ADD_FAILURE() << "no such step for " << target << " in\n" << plan.steps.describe();
    return plan.steps[0];
}

TEST(Plan, OnAnOldKernelItTellsTheSameSteps) {
    EXPECT_EQ(told(default_bundle(), old_host()), told(default_bundle()));
}

TEST(Plan, OnAnOldKernelOptionsAreWordsAndFlags) {
    Bundle bundle = default_bundle();
    bundle.spec.mounts.push_back({"/scratch", "tmpfs", "tmpfs", {"size=1m", "sync", "mode=700", "ro", "lazytime", "nolazytime"}});
    const auto plan = plan_for(bundle, old_host());
    ASSERT_TRUE(plan) << plan.error().text();
    const child::Step& step = step_of(*plan, child::Op::mount_filesystem, "/scratch");
    EXPECT_STREQ(step.text, "size=1m,mode=700");
    EXPECT_EQ(step.extra, 16u) << "MS_SYNCHRONOUS";
    EXPECT_EQ(step.flags, 1u) << "MOUNT_ATTR_RDONLY: of this mount, not of the filesystem";
    EXPECT_EQ(plan->needs[*plan->procfs_slot].kind, Need::Kind::procfs);
}

TEST(Plan, OnAnOldKernelAttributesOfAWholeTreeNeedASingleMount) {
    Bundle bundle = default_bundle();
    bundle.spec.mounts.push_back({"/sealed", "bind", "/src", {"rbind", "rro"}});
    bundle.spec.mounts.push_back({"/free", "bind", "/src", {"rbind", "ro"}});
    bundle.spec.mounts.push_back({"/below/data", "bind", "/src", {"rbind"}});
    bundle.spec.linux_.readonly_paths.emplace_back("/below/data/part");
    const auto plan = plan_for(bundle, old_host());
    ASSERT_TRUE(plan) << plan.error().text();
    const auto reason = [&](std::string_view target) { return plan->needs[static_cast<size_t>(step_of(*plan, child::Op::mount_tree, target).slot)].must_be_single; };
    EXPECT_EQ(reason("/sealed"), "its attributes are to hold for everything in it");
    EXPECT_EQ(reason("/free"), "");
    EXPECT_EQ(reason("/below/data"), "linux.readonlyPaths has /below/data/part");

    bundle.spec.linux_.readonly_paths.emplace_back("/below");
    EXPECT_EQ(told(bundle, old_host()), "linux.readonlyPaths has /below, and /below/data is mounted in it: only mount_setattr (Linux 5.12) reaches that, "
                                        "which this kernel lacks or a filter forbids");
    EXPECT_THAT(told(bundle), HasSubstr("make /below read-only"));
}

TEST(Plan, AnOverlayThatNeedsAPageOfNamesIsMountedByTheChild) {
    CreateOptions options;
    options.overlay.emplace();
    for (int i = 0; i < 20; ++i) options.overlay->lower.push_back(format("/store/layers/{:08}/diff", i));
    options.overlay->upper = "/store/upper", options.overlay->work = "/store/work";
    HostFacts linux_6_1 = modern_host();
    linux_6_1.mounts.layers_one_by_one = false;

    auto plan = plan_birth(*ContainerId::parse("web"), default_bundle(), options, linux_6_1);
    ASSERT_TRUE(plan);
    const child::Step& step = step_of(*plan, child::Op::mount_overlay, "/store/layers");
    EXPECT_STREQ(step.source, "/bundle/rootfs");
    EXPECT_TRUE(std::string_view(step.text).starts_with("lowerdir=00000000/diff:00000001/diff:"));
    EXPECT_TRUE(plan->mounts_by_descriptor()) << "everything else is";

    plan = plan_birth(*ContainerId::parse("web"), default_bundle(), options, modern_host());
    EXPECT_THAT(plan->steps.describe(), HasSubstr("attach the overlay at /bundle/rootfs"));
    EXPECT_EQ(plan->steps.find(child::Op::mount_overlay), nullptr);
    EXPECT_EQ(plan->needs.front().kind, Need::Kind::root);
}

}  // namespace
}  // namespace skiff::runtime
