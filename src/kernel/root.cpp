// SPDX-License-Identifier: Apache-2.0
// Finding things inside a tree: openat2(2) where the path exists, and a walk by descriptors where it is to be made.
#include "kernel/root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <deque>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr int k_most_symlinks = 40;  // as many as the kernel follows

Result<Fd> resolve(FdView top, std::string_view path, int flags, uint64_t extra) {
    open_how how{};
    how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | extra;
    const std::string text = path.empty() ? "." : std::string(path);
    // EAGAIN: a rename or mount raced with "..": the kernel could not prove that we stayed inside. Again, then give up.
    for (int attempt = 0;; ++attempt) {
        const long number = syscall(SYS_openat2, top.number(), text.c_str(), &how, sizeof how);
        if (number >= 0) return Fd::adopt(static_cast<int>(number));
        if (errno == EINTR || (errno == EAGAIN && attempt < 128)) continue;
        return Error::system(errno, "open {} inside the tree", quoted(path));
    }
}

/// A walk that may create. Holds a descriptor for each directory from the top down, so that ".." is a step back along
/// them and never asks the kernel, whom somebody could answer by moving directories about.
class Walk {
public:
    explicit Walk(Fd top) { stack_.push_back(std::move(top)); }

    FdView here() const { return stack_.back(); }
    Fd take() && { return std::move(stack_.back()); }

    enum class Missing { fails, is_made };

    /// Steps through `path`; each step must be, lead to, or (is_made) become a directory.
    Result<> through(std::string_view path, Missing missing, mode_t mode) {
        std::deque<std::string> todo;
        for (const std::string_view name : components_of(path)) todo.emplace_back(name);
        while (!todo.empty()) {
            const std::string name = std::move(todo.front());
            todo.pop_front();
            TRY(step(name, todo, missing, mode));
        }
        return {};
    }

    /// Where the symlink `name` leads: steps to the top if it is absolute and returns its target's names.
    Result<std::vector<std::string>> enter_link(FdView link, const std::string& name) {
        if (++followed_ > k_most_symlinks) return Error::system(ELOOP, "follow the symlink {}", quoted(name));
        const std::string target = TRY(read_link_at(link, ""));
        if (target.starts_with('/')) stack_.resize(1);
        std::vector<std::string> names;
        for (const std::string_view part : components_of(target)) names.emplace_back(part);
        return names;
    }

private:
    Result<> step(const std::string& name, std::deque<std::string>& todo, Missing missing, mode_t mode) {
        if (name == "..") {
            if (stack_.size() > 1) stack_.pop_back();
            return {};
        }
        auto found = open_at(here(), name, O_PATH | O_NOFOLLOW);
        if (!found && found.error().is_errno(ENOENT) && missing == Missing::is_made) {
            if (mkdirat(here().number(), name.c_str(), mode) == 0) {
                found = open_at(here(), name, O_PATH | O_NOFOLLOW | O_DIRECTORY);
                if (found) TRY(set_mode(*found, mode));
            } else if (errno != EEXIST) {
                return Error::system(errno, "make the directory {} inside the tree", quoted(name));
            } else {
                found = open_at(here(), name, O_PATH | O_NOFOLLOW);  // somebody was faster
            }
        }
        if (!found) return std::move(found).error();

        const struct stat status = TRY(status_of(*found));
        if (S_ISLNK(status.st_mode)) {
            const auto names = TRY(enter_link(*found, name));
            todo.insert(todo.begin(), names.begin(), names.end());
            return {};
        }
        if (!S_ISDIR(status.st_mode)) return Error::system(ENOTDIR, "step into {} inside the tree", quoted(name));
        stack_.push_back(std::move(*found));
        return {};
    }

    /// What mkdir(2) made, less the umask, gets the mode that was meant.
    static Result<> set_mode(FdView directory, mode_t mode) {
        const Fd readable = TRY(open_at(directory, ".", O_RDONLY | O_DIRECTORY));
        if (fchmod(readable.number(), mode) != 0) return Error::system(errno, "set the mode of a directory inside the tree");
        return {};
    }

    std::vector<Fd> stack_;
    int followed_ = 0;
};

Result<Fd> copy_of(FdView fd) {
    const int copy = fcntl(fd.number(), F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return Error::system(errno, "duplicate descriptor {}", fd.number());
    return Fd::adopt(copy);
}

}  // namespace

std::vector<std::string_view> components_of(std::string_view path) {
    std::vector<std::string_view> names;
    for (const std::string_view name : split(path, '/'))
        if (!name.empty() && name != ".") names.push_back(name);
    return names;
}

Result<Root> Root::open(const std::string& path) { return Root(TRY(open_directory(path))); }

Result<Fd> Root::open_inside(std::string_view path, int flags) const { return resolve(top_, path, flags, 0); }

Result<Fd> Root::open_inside_nofollow(std::string_view path, int flags) const {
    if (components_of(path).empty()) return resolve(top_, path, flags, 0);
    const Place place = TRY(place_of(path));
    return TRY_DOING(open_at(place.parent, place.name, flags | O_NOFOLLOW), "open {} inside the tree", quoted(path));
}

Result<Place> Root::place_of(std::string_view path) const {
    auto names = components_of(path);
    if (names.empty()) return Error::invalid("{} names the top of the tree itself", quoted(path));
    std::string before;
    for (size_t i = 0; i + 1 < names.size(); ++i) (before += names[i]) += '/';
    if (names.back() == "..") return Error::invalid("{} ends in \"..\"", quoted(path));
    Fd parent = TRY(resolve(top_, before, O_PATH | O_DIRECTORY, 0));
    return Place{std::move(parent), std::string(names.back())};
}

Result<Fd> Root::make_directories(std::string_view path, mode_t mode) const {
    if (auto found = resolve(top_, path, O_PATH | O_DIRECTORY, 0)) return std::move(*found);  // as it nearly always is
    Walk walk(TRY(copy_of(top_)));
    TRY_DOING(walk.through(path, Walk::Missing::is_made, mode), "make the directory {} inside the tree", quoted(path));
    return std::move(walk).take();
}

Result<Fd> Root::make_file(std::string_view path, mode_t mode) const {
    const auto doing = [&](Error error) { return std::move(error).context("make the file {} inside the tree", quoted(path)); };
    Walk walk(TRY(copy_of(top_)));
    std::vector<std::string> names;
    for (const std::string_view name : components_of(path)) names.emplace_back(name);

    while (!names.empty()) {
        const std::string last = std::move(names.back());
        names.pop_back();
        if (auto walked = walk.through(join(names, "/"), Walk::Missing::is_made, 0755); !walked) return doing(std::move(walked).error());
        if (last == "..") return doing(Error::system(EISDIR, "the path ends in \"..\""));

        auto found = open_at(walk.here(), last, O_PATH | O_NOFOLLOW);
        if (!found && found.error().is_errno(ENOENT)) {
            if (auto made = open_at(walk.here(), last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode); made) {
                if (fchmod(made->number(), mode) != 0) return doing(Error::system(errno, "set its mode"));
            } else if (!made.error().is_errno(EEXIST)) {
                return doing(std::move(made).error());
            }
            found = open_at(walk.here(), last, O_PATH | O_NOFOLLOW);
        }
        if (!found) return doing(std::move(found).error());

        const struct stat status = TRY(status_of(*found));
        if (S_ISDIR(status.st_mode)) return doing(Error::system(EISDIR, "a directory is in its place"));
        if (!S_ISLNK(status.st_mode)) return std::move(*found);
        auto target = walk.enter_link(*found, last);
        if (!target) return doing(std::move(target).error());
        names = std::move(*target);
    }
    return doing(Error::system(EISDIR, "the path is the top of the tree"));
}

Result<uint64_t> filesystem_magic(FdView fd) {
    struct statfs status{};
    if (fstatfs(fd.number(), &status) != 0) return Error::system(errno, "fstatfs descriptor {}", fd.number());
    return static_cast<uint64_t>(status.f_type);
}

Result<Fd> reopen(FdView handle, int flags) { return open_file(proc_path(handle), flags); }

}  // namespace skiff::kernel
