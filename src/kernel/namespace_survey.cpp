// SPDX-License-Identifier: Apache-2.0
// Who keeps which namespace alive. ioctl_ns(2), namespaces(7)
#include "kernel/namespace_survey.hpp"

#include <linux/nsfs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_table.hpp"
#include "kernel/namespace.hpp"

namespace skiff::kernel {
namespace {

class Survey {
public:
    explicit Survey(std::string own_mounts) : own_mounts_(std::move(own_mounts)) {}

    void add_process(pid_t pid) {
        const auto directory = format("/proc/{}", pid);
        add_task(pid, directory);
        // A thread may have left its process (setns(2), unshare(2)).
        if (const auto threads = list_directory(directory + "/task"); threads && threads->size() > 1)
            for (const auto& thread : *threads) add_task(pid, format("{}/task/{}", directory, thread));
        for (const char* kind : {"pid_for_children", "time_for_children"}) add_held(pid, format("{}/ns/{}", directory, kind));
        add_descriptors(pid, directory + "/fd");
    }

    std::vector<SeenNamespace> result() && {
        std::vector<SeenNamespace> list;
        for (auto& [key, seen] : seen_) {
            std::ranges::sort(seen.mounts);
            const auto same = std::ranges::unique(seen.mounts);
            seen.mounts.erase(same.begin(), same.end());
            list.push_back(std::move(seen));
        }
        return list;
    }

private:
    SeenNamespace& entry(const std::string& kind, uint64_t inode) {
        auto& seen = seen_[{kind, inode}];
        seen.kind = kind;
        seen.inode = inode;
        return seen;
    }

    void add_task(pid_t pid, const std::string& directory) {
        for (const NamespaceKind& kind : namespace_kinds()) {
            const auto path = format("{}/ns/{}", directory, kind.name);
            const auto link = read_link(path);
            const auto name = link ? parse_namespace_name(*link) : std::nullopt;
            if (!name) continue;
            auto& seen = entry(name->kind, name->inode);
            if (seen.processes.empty() || seen.processes.back() != pid) seen.processes.push_back(pid);
            look_up(path, seen);
            if (kind.name == "mnt" && !with_mounts_.contains(name->inode)) add_mounts(directory, *name, *link == own_mounts_);
        }
    }

    /// A namespace that `pid` keeps alive by a link of its own, unless it lives there anyway.
    void add_held(pid_t pid, const std::string& path) {
        const auto link = read_link(path);
        const auto name = link ? parse_namespace_name(*link) : std::nullopt;
        if (!name) return;
        auto& seen = entry(name->kind, name->inode);
        const bool is_known = (!seen.processes.empty() && seen.processes.back() == pid) || (!seen.holders.empty() && seen.holders.back() == pid);
        if (!is_known) seen.holders.push_back(pid);
        look_up(path, seen);
    }

    void look_up(const std::string& path, SeenNamespace& seen) {
        if (looked_at_.contains(seen.inode)) return;
        if (auto handle = open_namespace(path); handle && handle->inode == seen.inode) look_at(handle->fd, seen);
    }

    /// Its relatives; each is looked at in turn.
    void look_at(FdView fd, SeenNamespace& seen) {
        if (!looked_at_.insert(seen.inode).second) return;
        if (seen.kind == "user") {
            uid_t uid = 0;
            if (ioctl(fd.number(), NS_GET_OWNER_UID, &uid) == 0) seen.owner_uid = uid;
        }
        if (seen.kind == "user" || seen.kind == "pid") seen.parent = relative(fd, NS_GET_PARENT, seen.kind);
        seen.owner = relative(fd, NS_GET_USERNS, "user");
    }

    uint64_t relative(FdView fd, unsigned long request, const std::string& kind) {
        const Fd found = Fd::adopt(ioctl(fd.number(), request));
        if (!found) return 0;
        const auto status = status_of(found);
        if (!status) return 0;
        look_at(found, entry(kind, status->st_ino));
        return status->st_ino;
    }

    void add_mounts(const std::string& directory, const NamespaceName& where, bool is_ours) {
        const auto table = read_whole_file(directory + "/mountinfo");
        if (!table) return;
        with_mounts_.insert(where.inode);
        for (const auto line : split(*table, '\n')) {
            const auto fields = split(line, ' ');
            const auto name = fields.size() > 4 ? parse_namespace_name(unescaped_field(fields[3])) : std::nullopt;
            if (!name || line.find(" - nsfs ") == std::string_view::npos) continue;
            auto& seen = entry(name->kind, name->inode);
            const auto place = unescaped_field(fields[4]);
            seen.mounts.push_back(place);
            if (is_ours) look_up(place, seen);  // a path of another mount namespace means something else here
        }
    }

    void add_descriptors(pid_t pid, const std::string& directory) {
        const auto names = list_directory(directory);
        if (!names) return;
        for (const auto& name : *names) add_held(pid, directory + "/" + name);
    }

    std::map<std::pair<std::string, uint64_t>, SeenNamespace> seen_;
    std::set<uint64_t> looked_at_;     ///< their relatives are known
    std::set<uint64_t> with_mounts_;   ///< mount namespaces whose table was read
    std::string own_mounts_;
};

}  // namespace

Result<std::vector<SeenNamespace>> survey_namespaces() {
    std::vector<pid_t> pids;
    for (const auto& name : TRY(list_directory("/proc")))
        if (const auto pid = parse_uint(name); pid) pids.push_back(static_cast<pid_t>(*pid));
    std::ranges::sort(pids);
    Survey survey(TRY(read_link("/proc/self/ns/mnt")));
    for (const pid_t pid : pids) survey.add_process(pid);
    return std::move(survey).result();
}

}  // namespace skiff::kernel
