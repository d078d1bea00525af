// SPDX-License-Identifier: Apache-2.0
// The root and what is mounted below it, each as the steps that make it.
#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "kernel/root.hpp"
#include "runtime/cgroup_mounts.hpp"
#include "runtime/mount_options.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;

constexpr uint64_t k_slave_recursive = (1UL << 19) | 16384;        // MS_SLAVE | MS_REC
constexpr uint64_t k_unbindable = 1UL << 17, k_private = 1UL << 18;  // MS_UNBINDABLE, MS_PRIVATE

/// "/a/b" for "a//b/.", "/b" for "/a/../b": as the container will see it.
std::string clean_destination(std::string_view path) {
    std::vector<std::string> names;
    for (const std::string_view name : kernel::components_of(path)) {
        if (name != "..") names.emplace_back(name);
        else if (!names.empty()) names.pop_back();
    }
    return "/" + join(names, "/");
}

/// The files of a procfs that lxcfs and its friends replace; anything else there would fake the kernel (CVE-2019-19921).
bool may_cover_procfs(std::string_view destination) {
    static constexpr std::array allowed = {
        std::string_view("/proc/cpuinfo"), std::string_view("/proc/diskstats"), std::string_view("/proc/meminfo"), std::string_view("/proc/stat"),
        std::string_view("/proc/swaps"), std::string_view("/proc/uptime"), std::string_view("/proc/loadavg"), std::string_view("/proc/slabinfo"),
        std::string_view("/proc/net/dev"), std::string_view("/proc/sys/kernel/ns_last_pid"), std::string_view("/proc/sys/crypto/fips_enabled")};
    return std::find(allowed.begin(), allowed.end(), destination) != allowed.end();
}

Result<uint64_t> place_bits(const std::string& destination, const oci::Mount& mount, const MountOptions& options) {
    uint64_t bits = 0;
    if (destination == "/") return Error::invalid("a mount on / would hide the root: use root.path");
    if (mount.type == "proc" || mount.type == "sysfs" || destination == "/dev" || destination == "/proc" || destination == "/sys")
        bits |= child::k_place_no_symlinks;
    if (destination == "/proc" && !options.is_bind && mount.type != "proc")
        return Error::invalid("only a procfs may be mounted on /proc, not {}", quoted(mount.type));
    if (destination.starts_with("/proc/")) {
        if (!may_cover_procfs(destination)) return Error::invalid("{} may not be covered: it would fake what the kernel says", destination);
        bits |= child::k_place_on_procfs;
    }
    if (destination == "/proc") bits |= child::k_place_on_procfs;
    return bits;
}

std::string with_words(std::string text, uint64_t set) {
    const std::string words = attribute_words(set);
    if (!words.empty()) text += " (" + words + ")";
    return text;
}

/// " (nosuid,mode=755)": attributes and the filesystem's own options.
std::string in_brackets(std::string words, const std::vector<std::pair<std::string, std::optional<std::string>>>& data) {
    for (const auto& [key, value] : data) {
        if (!words.empty()) words += ',';
        words += key;
        if (value) (words += '=') += *value;
    }
    return words.empty() ? words : " (" + words + ")";
}

std::string_view purpose_of(std::string_view type, bool copies_up) {
    if (copies_up) return "in memory, with what the image has there";
    if (type == "proc") return "ps and friends see only this container";
    if (type == "sysfs") return "programs look there for devices";
    if (type == "tmpfs") return "fresh and empty, in memory";
    if (type == "devpts") return "terminals of its own";
    if (type == "mqueue") return "the IPC namespace's message queues, as files";
    return "config.json asks for it";
}

void plan_propagation(BirthPlan& plan, const std::string& destination, const MountOptions& options) {
    for (const uint64_t flags : options.propagation) {
        child::Step& step = plan.steps.add(Op::set_propagation, format("set the propagation of {} to {}", destination, propagation_words(flags)), "config.json asks for it");
        step.target = plan.steps.keep(destination);
        step.flags = flags & ~uint64_t{16384};
        step.number = flags & 16384 ? uint64_t{child::k_place_recursive} : 0;
    }
}

void plan_recursive_attributes(BirthPlan& plan, const std::string& destination, const MountOptions& options) {
    if (options.set_recursive == 0 && options.clear_recursive == 0) return;
    child::Step& step = plan.steps.add(Op::set_attributes, with_words(format("set attributes of {} and all below", destination), options.set_recursive),
                                       "what is mounted further down obeys too");
    step.target = plan.steps.keep(destination);
    step.flags = options.set_recursive;
    step.extra = options.clear_recursive;
    step.number = child::k_place_recursive;
}

/// Other attributes for what is mounted at `destination` by now; all else of it stays, as with mount(8).
Result<> plan_remount(BirthPlan& plan, const std::string& destination, const MountOptions& options) {
    if (!options.data.empty()) return Error::unsupported("remount changes attributes of the mount such as ro and nosuid, not {} of its filesystem", quoted(options.data.front().first));
    if (options.set != 0 || options.clear != 0) {
        child::Step& step = plan.steps.add(Op::set_attributes, with_words(format("remount {}", destination), options.set), "config.json asks for it");
        step.target = plan.steps.keep(destination);
        step.flags = options.set;
        step.extra = options.clear;
    }
    plan_propagation(plan, destination, options);
    plan_recursive_attributes(plan, destination, options);
    return {};
}

/// " (ro,ids of the tree mapped)"
std::string bind_words(const MountOptions& options, const std::optional<MountIds>& ids) {
    std::string words = attribute_words(options.set);
    if (ids) words += std::string(words.empty() ? "" : ",") + (ids->recursive ? "ids of the tree mapped" : "ids mapped");
    return words.empty() ? words : " (" + words + ")";
}

Result<> plan_bind(BirthPlan& plan, const Bundle& bundle, const std::string& destination, const oci::Mount& mount, const MountOptions& options, uint64_t bits,
                   const HostFacts& host) {
    const std::string source = mount.source.starts_with('/') ? mount.source : bundle.directory + "/" + mount.source;
    const bool has_recursive = options.is_recursive && (options.set_recursive || options.clear_recursive);
    const auto ids = TRY(plan_mount_ids(mount, options, bundle.spec, host));
    child::Step& step = add_with_need(plan, {.kind = Need::Kind::tree, .path = source, .recursive = options.is_recursive, .number = k_slave_recursive,
                                             .must_be_procfs = destination == "/proc", .ids = ids,
                                             .must_be_single = has_recursive ? "its attributes are to hold for everything in it" : ""},
                                      Op::mount_tree, format("bind {} at {}{}", source, destination, bind_words(options, ids)),
                                      "a clone of the tree, sealed before anyone can see it");
    step.target = plan.steps.keep(destination);
    step.flags = options.set;
    step.extra = options.clear;
    step.number |= bits;
    return {};
}

void plan_filesystem(BirthPlan& plan, const std::string& destination, const oci::Mount& mount, const MountOptions& options, uint64_t bits) {
    child::Step& step = plan.steps.add(Op::mount_filesystem, format("mount {} at {}{}", mount.type, destination, in_brackets(attribute_words(options.set), options.data)),
                                       std::string(purpose_of(mount.type, options.copies_up)));
    step.type = plan.steps.keep(mount.type);
    step.source = plan.steps.keep(mount.source.empty() ? mount.type : mount.source);
    step.target = plan.steps.keep(destination);
    give_options(plan, step, options.data);
    step.flags = options.set;
    step.number = bits;
}

void plan_root_propagation(BirthPlan& plan, uint64_t kind, const char* what, const char* why) {
    child::Step& step = plan.steps.add(Op::set_propagation, what, why);
    step.target = ".";
    step.flags = kind;
}

}  // namespace

Result<> plan_root(BirthPlan& plan, const Bundle& bundle, const CreateOptions& options, const HostFacts& host) {
    const std::string& wanted = bundle.spec.linux_.rootfs_propagation;
    if (!wanted.empty() && !propagation_of(wanted)) return Error::invalid("linux.rootfsPropagation {} is not a propagation", quoted(wanted));
    const bool is_private = wanted == "private" || wanted == "rprivate";
    plan.steps.add(Op::set_propagation_of_all, is_private ? "make every mount private" : "make every mount a slave of the host's",
                   "nothing that is mounted here shows on the host")
        .flags = is_private ? (1UL << 18) | 16384 : k_slave_recursive;

    const std::string rootfs = bundle.rootfs();
    const std::string what = options.overlay ? format("attach the overlay at {}", rootfs)
                                             : format("bind {} onto itself", rootfs);
    if (options.overlay && !kernel::can_mount_detached(*options.overlay, host.mounts)) {
        const kernel::OverlayCall call = TRY(kernel::plan_overlay_call(*options.overlay, host.mounts));
        child::Step& step = plan.steps.add(Op::mount_overlay, format("mount an overlay of {} layers at {}", options.overlay->lower.size(), rootfs), "by mount(2), which takes a page of names where fsconfig(2) takes 255 characters");
        step.source = plan.steps.keep(rootfs);
        step.target = plan.steps.keep(call.base);
        step.text = plan.steps.keep(call.options);
        if (!plan.mounts_by_descriptor()) plan_root_propagation(plan, k_unbindable, "keep the root out of binds", "a bind of a directory above it would show all of this once more");
        return {};
    }
    add_with_need(plan, {.kind = Need::Kind::root, .path = rootfs, .recursive = true, .number = k_slave_recursive}, Op::attach_root, what,
                  options.overlay ? "in our mount namespace only: it dies with the container" : "pivot_root needs a mount of its own")
        .source = plan.steps.keep(rootfs);
    return {};
}

Result<> plan_mounts(BirthPlan& plan, const Bundle& bundle, const HostFacts& host) {
    for (size_t i = 0; i < bundle.spec.mounts.size(); ++i) {
        const oci::Mount& mount = bundle.spec.mounts[i];
        const std::string destination = clean_destination(mount.destination);
        const MountOptions options = parse_mount_options(mount.options);
        if (options.copies_up && (options.is_bind || mount.type != "tmpfs")) return Error::invalid("mounts[{}] ({}): tmpcopyup is for a tmpfs alone", i, destination);
        if (options.is_remount) {
            TRY_DOING(plan_remount(plan, destination, options), "mounts[{}] ({})", i, destination);
            continue;
        }
        uint64_t bits = TRY_DOING(place_bits(destination, mount, options), "mounts[{}]", i);

        if (options.is_bind || mount.type == "bind") {
            if (mount.source.empty()) return Error::invalid("mounts[{}] ({}) is a bind without a source", i, destination);
            TRY_DOING(plan_bind(plan, bundle, destination, mount, options, bits, host), "mounts[{}] ({})", i, destination);
        } else if (options.ids != MountOptions::Ids::as_they_are || !mount.uid_mappings.empty() || !mount.gid_mappings.empty()) {
            return Error::invalid("mounts[{}] ({}): only a bind mount can map ids, not one of type {}", i, destination, quoted(mount.type));
        } else if (mount.type == "cgroup" || mount.type == "cgroup2") {
            TRY_DOING(plan_cgroup_mount(plan, bundle.spec, destination, options, host), "mounts[{}] ({})", i, destination);
        } else if (mount.type.empty() || mount.type == "none") {
            return Error::invalid("mounts[{}] ({}) has neither a type nor \"bind\"", i, destination);
        } else {
            const auto& data = options.data;
            if (mount.type == "tmpfs" && std::none_of(data.begin(), data.end(), [](const auto& option) { return option.first == "mode"; }))
                bits |= child::k_place_gives_mode;  // as in runc; where nothing is covered, tmpfs' own 1777
            if (options.copies_up) bits |= child::k_place_gives_files;
            plan_filesystem(plan, destination, mount, options, bits);
        }
        plan_propagation(plan, destination, options);
        plan_recursive_attributes(plan, destination, options);
    }
    if (plan.steps.find(Op::mount_overlay) && !plan.mounts_by_descriptor())
        plan_root_propagation(plan, k_private, "let the root be bound again", "parts of it are still to be sealed");
    return {};
}

Result<> plan_masks(BirthPlan& plan, const oci::RuntimeSpec& spec) {
    for (const std::string& path : spec.linux_.readonly_paths) {
        if (!path.starts_with('/')) return Error::invalid("linux.readonlyPaths: {} is not absolute", quoted(path));
        plan.steps.add(Op::make_readonly, format("make {} read-only", path), "settings of the kernel that belong to the host").target = plan.steps.keep(path);
    }
    for (const std::string& path : spec.linux_.masked_paths) {
        if (!path.starts_with('/')) return Error::invalid("linux.maskedPaths: {} is not absolute", quoted(path));
        plan.steps.add(Op::mask, format("mask {}", path), "it tells too much about the host").target = plan.steps.keep(path);
    }
    if (spec.root->readonly) {
        child::Step& seal = plan.steps.add(Op::seal_root, "make the root read-only", "root.readonly");
        seal.target = ".";
        seal.flags = MOUNT_ATTR_RDONLY;
    }
    return {};
}

}  // namespace skiff::runtime
