// SPDX-License-Identifier: Apache-2.0
// Mounts by mount(2) alone, for kernels before 5.12 and filters that forbid the newer calls. What cannot be made detached
// is made on a bench: a place of the host's that nobody looks at (our mount namespace is our own, and its root is not
// yet the container's). There it is sealed, and from there MS_MOVE takes it to its place.
//
// mount(2) takes paths. A place inside the root is named as self/fd/N, seen from the host's procfs, which the parent has
// opened and looked at: what a container or an image has made never stands on the way.
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/mounting.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

// Things are made of procfs' own entries: a directory and a file that every host has.
constexpr const char* k_bench = "/proc";
constexpr const char* k_bench_for_files = "/proc/version";

// mount(2); <sys/mount.h> cannot be included beside <linux/mount.h> everywhere.
constexpr unsigned long ms_remount = 32, ms_bind = 4096, ms_move = 8192, ms_rec = 16384;
constexpr unsigned long ms_rdonly = 1, ms_nosuid = 2, ms_nodev = 4, ms_noexec = 8, ms_nosymfollow = 256;
constexpr unsigned long ms_noatime = 1024, ms_nodiratime = 2048, ms_relatime = 1UL << 21, ms_strictatime = 1UL << 24;
constexpr unsigned long st_nosymfollow = 8192;  // statfs(2): its other bits are those of <sys/statvfs.h>

/// "self/fd/N": what a descriptor is called by whoever stands in the host's procfs.
struct Name {
    char text[24] = "self/fd/";

    explicit Name(int fd) noexcept {
        unsigned long at = 8, count = 0;
        char digits[12];
        for (unsigned number = static_cast<unsigned>(fd); count == 0 || number; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
        while (count) text[at++] = digits[--count];
        text[at] = 0;
    }
};

int mount_at(World& world, const char* source, const char* target, const char* type, unsigned long flags, const char* data) noexcept {
    const long stood = call(SYS_fchdir, world.orders->procfs);
    if (stood < 0) return static_cast<int>(stood);
    return static_cast<int>(call(SYS_mount, source, target, type, flags, data));
}

int bind(World& world, int fd, const char* target, bool is_recursive) noexcept {
    return mount_at(world, Name(fd).text, target, nullptr, ms_bind | (is_recursive ? ms_rec : 0), nullptr);
}

int move(World& world, const char* bench, int place) noexcept {
    return mount_at(world, bench, Name(place).text, nullptr, ms_move, nullptr);
}

/// What stands on a bench: the mount there, not what it covers.
int open_bench(const char* bench) noexcept { return static_cast<int>(call(SYS_openat, AT_FDCWD, bench, O_PATH | O_CLOEXEC)); }

/// MOUNT_ATTR_… of a mount as it is.
int attributes_of(int fd, uint64_t& attributes) noexcept {
    struct statfs status{};
    const long looked = call(SYS_fstatfs, fd, &status);
    if (looked < 0) return static_cast<int>(looked);
    const auto flags = static_cast<unsigned long>(status.f_flags);
    attributes = (flags & ST_RDONLY ? MOUNT_ATTR_RDONLY : 0) | (flags & ST_NOSUID ? MOUNT_ATTR_NOSUID : 0) | (flags & ST_NODEV ? MOUNT_ATTR_NODEV : 0) |
                 (flags & ST_NOEXEC ? MOUNT_ATTR_NOEXEC : 0) | (flags & ST_NODIRATIME ? MOUNT_ATTR_NODIRATIME : 0) |
                 (flags & st_nosymfollow ? MOUNT_ATTR_NOSYMFOLLOW : 0) |
                 (flags & ST_NOATIME ? MOUNT_ATTR_NOATIME : flags & ST_RELATIME ? MOUNT_ATTR_RELATIME : MOUNT_ATTR_STRICTATIME);
    return 0;
}

unsigned long mount_flags_of(uint64_t attributes) noexcept {
    const uint64_t atime = attributes & MOUNT_ATTR__ATIME;
    return (attributes & MOUNT_ATTR_RDONLY ? ms_rdonly : 0) | (attributes & MOUNT_ATTR_NOSUID ? ms_nosuid : 0) | (attributes & MOUNT_ATTR_NODEV ? ms_nodev : 0) |
           (attributes & MOUNT_ATTR_NOEXEC ? ms_noexec : 0) | (attributes & MOUNT_ATTR_NODIRATIME ? ms_nodiratime : 0) |
           (attributes & MOUNT_ATTR_NOSYMFOLLOW ? ms_nosymfollow : 0) |
           (atime == MOUNT_ATTR_NOATIME ? ms_noatime : atime == MOUNT_ATTR_STRICTATIME ? ms_strictatime : ms_relatime);
}

/// A remount replaces every flag, so it begins with those that are there. Nothing that was asked for may be missing
/// afterwards: an old kernel takes a flag that it does not know without a word.
int change_attributes(World& world, int fd, uint64_t set, uint64_t clear, bool) noexcept {
    if (set == 0 && clear == 0) return 0;
    uint64_t attributes = 0;
    int result = attributes_of(fd, attributes);
    if (result < 0) return result;
    attributes = (attributes & ~clear) | set;
    result = mount_at(world, nullptr, Name(fd).text, nullptr, ms_remount | ms_bind | mount_flags_of(attributes), nullptr);
    if (result < 0) return result;
    uint64_t reached = 0;
    result = attributes_of(fd, reached);
    return result < 0 ? result : (reached & set) == set ? 0 : -EOPNOTSUPP;
}

int change_on(World& world, const char* bench, uint64_t set, uint64_t clear) noexcept {
    const Closing top(open_bench(bench));
    return top.fd < 0 ? top.fd : change_attributes(world, top.fd, set, clear, false);
}

int change_propagation(World& world, int fd, uint64_t kind, bool is_recursive) noexcept {
    return mount_at(world, nullptr, Name(fd).text, nullptr, kind | (is_recursive ? ms_rec : 0), nullptr);
}

/// A source in our own mount namespace, which must be what the parent has looked at in its own.
int open_source(World& world, const Step& step, struct stat& status) noexcept {
    const int source = static_cast<int>(call(SYS_openat, AT_FDCWD, step.source, O_PATH | O_CLOEXEC));
    if (source < 0) return source;
    struct stat promised{};
    long looked = call(SYS_newfstatat, source, "", &status, AT_EMPTY_PATH);
    if (looked >= 0) looked = call(SYS_newfstatat, world.orders->slots[step.slot], "", &promised, AT_EMPTY_PATH);
    if (looked >= 0 && (status.st_dev != promised.st_dev || status.st_ino != promised.st_ino)) {
        world.detail = Detail::source_changed;
        looked = -ESTALE;
    }
    if (looked >= 0) return source;
    close_fd(source);
    return static_cast<int>(looked);
}

int attach_root(World& world, const Step& step) noexcept {
    struct stat status{};
    const Closing root(open_source(world, step, status));
    if (root.fd < 0) return root.fd;
    const int bound = bind(world, root.fd, Name(root.fd).text, true);
    return bound < 0 ? bound : open_root(world, step.source);
}

/// The options of a filesystem and one more, in a buffer of PATH_MAX; negated errno.
int join_options(const char* options, const char* more, char* joined) noexcept {
    unsigned long at = 0;
    for (; options && *options && at < PATH_MAX; ++options) joined[at++] = *options;
    if (at) joined[at++] = ',';
    for (; *more && at < PATH_MAX; ++more) joined[at++] = *more;
    if (at >= PATH_MAX) return -E2BIG;
    joined[at] = 0;
    return 0;
}

int mount_filesystem(World& world, const Step& step) noexcept {
    const Closing place(find_or_make(world, step.target, step.number, 0755));
    if (place.fd < 0) return place.fd;
    ModeOption mode;
    int result = mode_for(world, place.fd, step, mode);
    const char* options = step.text;
    if (result >= 0 && mode.text[0]) {
        result = join_options(step.text, mode.text, world.path);
        options = world.path;
    }
    if (result < 0) return result;
    result = mount_at(world, step.source ? step.source : step.type, k_bench, step.type, step.extra, options);
    if (result >= 0 && step.number & k_place_gives_files && !world.has_made_place) {
        const Closing top(open_bench(k_bench));
        result = top.fd < 0 ? top.fd : copy_up(world, place.fd, top.fd);
    }
    if (result < 0) return result;
    // By a change of the mount, not by flags of the call: read-only would otherwise hold for the whole filesystem.
    if (result >= 0) result = change_on(world, k_bench, step.flags, step.flags & MOUNT_ATTR__ATIME ? MOUNT_ATTR__ATIME : 0);
    return result < 0 ? result : move(world, k_bench, place.fd);
}

int mount_tree(World& world, const Step& step) noexcept {
    struct stat status{};
    const Closing source(open_source(world, step, status));
    if (source.fd < 0) return source.fd;
    const char* bench = S_ISDIR(status.st_mode) ? k_bench : k_bench_for_files;
    int result = bind(world, source.fd, bench, step.number & k_source_recursive);
    if (result >= 0) result = change_on(world, bench, step.flags, step.extra);
    if (result == -EPERM && step.extra != 0) world.detail = Detail::locked_attributes;
    if (result < 0) return result;
    const Closing place(find_place_for(world, step, status.st_mode));
    return place.fd < 0 ? place.fd : move(world, bench, place.fd);
}

int cover(World& world, int fd, int place) noexcept { return bind(world, fd, Name(place).text, false); }

/// A tmpfs for the first one, binds of it for the others.
int hide(World& world, int place) noexcept {
    if (world.empty >= 0) return cover(world, world.empty, place);
    int result = mount_at(world, "tmpfs", k_bench, "tmpfs", ms_nosuid | ms_nodev | ms_noexec, "mode=555,size=4k");
    if (result >= 0) result = change_on(world, k_bench, MOUNT_ATTR_RDONLY, 0);
    if (result < 0) return result;
    world.empty = open_bench(k_bench);
    return world.empty < 0 ? world.empty : move(world, k_bench, place);
}

int seal(World& world, int place) noexcept {
    struct stat status{};
    const long looked = call(SYS_newfstatat, place, "", &status, AT_EMPTY_PATH);
    if (looked < 0) return static_cast<int>(looked);
    const char* bench = S_ISDIR(status.st_mode) ? k_bench : k_bench_for_files;
    int result = bind(world, place, bench, true);
    if (result >= 0) result = change_on(world, bench, MOUNT_ATTR_RDONLY, 0);
    return result < 0 ? result : move(world, bench, place);
}

}  // namespace

const Mounting k_classic = {
    .attach_root = attach_root,
    .mount_filesystem = mount_filesystem,
    .mount_tree = mount_tree,
    .change_attributes = change_attributes,
    .change_propagation = change_propagation,
    .cover = cover,
    .hide = hide,
    .seal = seal,
};

}  // namespace skiff::runtime::child
