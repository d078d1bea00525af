// SPDX-License-Identifier: Apache-2.0
// Names for namespaces: the intent is on disk first, then come the mounts; removing goes the other way.
#include "engine/kept_namespaces.hpp"

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_namespace.hpp"

namespace skiff::engine {
namespace {

constexpr const char* k_netns = "/run/netns";
constexpr const char* k_record = "record";
constexpr const char* k_draft = ".new";      // a name's directory before it has its record
constexpr const char* k_discarded = ".gone"; // one that is being deleted

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

std::string netns_place(const std::string& name) { return format("{}/{}", k_netns, name); }

codec::Json record_of(const std::vector<kernel::NamespaceHandle>& handles) {
    auto record = codec::Json::object();
    for (const auto& handle : handles) record.set(std::string(handle.kind.name), handle.inode);
    return record;
}

Result<> mount_at(const kernel::NamespaceHandle& handle, const std::string& place) {
    (void)TRY(kernel::open_file(place, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0));
    auto mounted = kernel::mount_namespace(handle.fd, place);
    if (!mounted && handle.kind.name == "mnt" && mounted.error().is_errno(EINVAL))
        return Error::conflict("keep the mnt namespace {}: it is skiff's own, or counts as older", handle.inode)
            .hint("the kernel lets a mount namespace hold only younger ones, lest two hold each other");
    return mounted;
}

/// What `ip netns` sees of a kept network namespace.
Result<> show_to_ip(const kernel::NamespaceHandle& handle, const std::string& name) {
    TRY(kernel::make_directories(k_netns, 0755));
    TRY(kernel::make_shared_place(k_netns));
    return mount_at(handle, netns_place(name));
}

/// Takes that away, if it is ours: the very namespace, or the empty file that a killed keep left. `kept` is mounted, so its
/// number is no other's.
Result<> hide_from_ip(const KeptNamespace& kept, const std::string& name) {
    const auto place = netns_place(name);
    const auto seen = kernel::open_namespace(place);
    const bool is_foreign = seen ? seen->inode != kept.inode : !seen.error().is(Kind::invalid);
    if (is_foreign) return {};
    TRY(kernel::unmount_namespace(place));
    return kernel::remove_file(place);
}

}  // namespace

Result<> check_kept_name(std::string_view name) {
    const bool is_good = !name.empty() && name.size() <= 64 && name[0] != '.' && name[0] != '-' && std::ranges::all_of(name, is_name_letter);
    if (!is_good) return Error::invalid("{} is no name for namespaces: at most 64 letters, digits, \"_\", \".\" and \"-\", a letter or digit first", quoted(name));
    return {};
}

Result<> KeptNamespaces::keep(const std::string& name, const std::vector<kernel::NamespaceHandle>& handles) const {
    TRY(check_kept_name(name));
    TRY(kernel::make_directories(directory_, 0700));
    const auto directory = TRY(lock());
    if (TRY(kernel::exists_at(directory, name))) return Error::exists("the name {} is taken", quoted(name)).hint("skiff ns rm {}", name);
    const bool has_network = std::ranges::any_of(handles, [](const auto& handle) { return handle.kind.name == "net"; });
    if (has_network && TRY(kernel::exists(netns_place(name))))
        return Error::conflict("{} is there already", netns_place(name)).hint("ip netns has that name; choose another");

    // The directory appears with its record in it: made beside, then renamed.
    TRY(kernel::remove_tree_at(directory, k_draft));
    TRY(kernel::make_directory_at(directory, k_draft, 0700));
    const auto inside = TRY(kernel::open_at(directory, k_draft, O_RDONLY | O_DIRECTORY));
    TRY(kernel::replace_file(inside, k_record, record_of(handles).to_text(), 0600, kernel::Durability::visible));
    TRY(kernel::rename_at(directory, k_draft, directory, name));
    if (auto mounted = mount_all(name, handles); !mounted) {
        (void)take_away(directory, name);  // the first failure is what the caller must hear
        return mounted.error();
    }
    return {};
}

Result<> KeptNamespaces::mount_all(const std::string& name, const std::vector<kernel::NamespaceHandle>& handles) const {
    const auto home = directory_ + "/" + name;
    TRY(kernel::make_private_place(home));
    for (const auto& handle : handles) TRY(mount_at(handle, format("{}/{}", home, handle.kind.name)));
    for (const auto& handle : handles)
        if (handle.kind.name == "net") TRY(show_to_ip(handle, name));
    return {};
}

Result<std::vector<KeptName>> KeptNamespaces::list() const {
    std::vector<KeptName> found;
    const auto names = kernel::list_directory(directory_);
    if (!names && (names.error().is(Kind::not_found) || names.error().is(Kind::forbidden))) return found;
    if (!names) return names.error();
    bool has_leftovers = false;
    for (const auto& name : *names) {
        has_leftovers = has_leftovers || name == k_draft || name == k_discarded;
        if (!check_kept_name(name)) continue;
        if (auto kept = find(name); kept) found.push_back(std::move(*kept));
        else if (!kept.error().is(Kind::not_found)) return kept.error();  // not found: it went meanwhile
    }
    if (has_leftovers) {
        const auto directory = TRY(lock());
        for (const char* name : {k_draft, k_discarded}) TRY(kernel::remove_tree_at(directory, name));
    }
    return found;
}

Result<KeptName> KeptNamespaces::find(const std::string& name) const {
    TRY(check_kept_name(name));
    const auto home = directory_ + "/" + name;
    const auto text = kernel::read_whole_file(format("{}/{}", home, k_record), 4096);
    if (!text && !text.error().is(Kind::not_found)) return text.error();
    if (!text) return Error::not_found("no namespaces are kept as {}", quoted(name)).hint("skiff ns ls shows the names");
    const auto record = TRY_DOING(codec::parse_json(*text), "read the record of the namespaces {}", quoted(name));
    if (!record.is_object()) return Error::corrupt("the record of the namespaces {} is not an object", quoted(name));
    KeptName kept{name, {}};
    for (const auto& [kind, value] : record.members()) {
        (void)TRY(kernel::parse_namespace_kind(kind));
        KeptNamespace one{kind, value.to_uint64().value_or(0), format("{}/{}", home, kind)};
        const auto handle = kernel::open_namespace(one.path);
        one.is_there = handle && handle->inode == one.inode && handle->kind.name == kind;
        kept.namespaces.push_back(std::move(one));
    }
    return kept;
}

Result<std::string> KeptNamespaces::path_of(const std::string& name, std::string_view kind) const {
    const auto kept = TRY(find(name));
    for (const auto& one : kept.namespaces) {
        if (one.kind != kind) continue;
        if (!one.is_there) return Error::conflict("the {} namespace of {} is not mounted any more", kind, quoted(name)).hint("skiff ns rm {}", name);
        return one.path;
    }
    return Error::not_found("{} keeps no {} namespace", quoted(name), kind);
}

Result<kernel::Fd> KeptNamespaces::lock() const {
    auto directory = TRY(kernel::open_file(directory_, O_RDONLY | O_DIRECTORY));
    TRY(kernel::lock_open_file(directory));
    return directory;
}

Result<> KeptNamespaces::remove(const std::string& name) const {
    (void)TRY(find(name));  // a wrong name needs no lock, nor the directory
    const auto directory = TRY(lock());
    return take_away(directory, name);
}

Result<> KeptNamespaces::take_away(kernel::FdView directory, const std::string& name) const {
    const auto kept = TRY(find(name));
    for (const auto& one : kept.namespaces)
        if (one.kind == "net" && one.is_there) TRY(hide_from_ip(one, name));
    TRY(kernel::unmount_namespace(directory_ + "/" + name));  // lazily: with all that is mounted in it
    // The record goes last, in one step. Other mount namespaces may have copies of the mounts, which go with these files.
    TRY(kernel::remove_tree_at(directory, k_discarded));
    TRY(kernel::rename_at(directory, name, directory, k_discarded));
    return kernel::remove_tree_at(directory, k_discarded);
}

}  // namespace skiff::engine
