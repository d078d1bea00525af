// SPDX-License-Identifier: Apache-2.0
#include "image/archive_members.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace skiff::image {
namespace {

using namespace std::string_view_literals;

constexpr size_t k_longest_document = 4 << 20, k_most_document_bytes = 64 << 20, k_most_members = 100'000, k_most_layers = 512, k_most_strangers = 8;
constexpr int k_most_links = 16;
constexpr size_t k_head = 512;
constexpr std::string_view k_blobs = "blobs/sha256/";

/// What the first bytes of a member say it is. (A look at magic numbers, no more: whatever it really is, the jailed readers
/// find out.)
enum class Looks { document, tar, compressed, neither };
Looks look_of(std::string_view head) {
    if (head.starts_with("\x1f\x8b"sv) || head.starts_with("\x28\xb5\x2f\xfd"sv) || (head.size() >= 4 && (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18"sv)) return Looks::compressed;
    if (head.starts_with("BZh") || head.starts_with("\xfd" "7zXZ"sv)) return Looks::compressed;
    const bool is_block = head.size() == k_head;
    if (is_block && (head.substr(257, 5) == "ustar" || head.find_first_not_of('\0') == std::string_view::npos)) return Looks::tar;
    const size_t first = head.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && (head[first] == '{' || head[first] == '[')) return Looks::document;
    return Looks::neither;
}

/// The digest that a member's name promises.
std::optional<oci::Digest> promised_by(std::string_view name) {
    if (!name.starts_with(k_blobs)) return std::nullopt;
    auto digest = oci::Digest::parse(format("sha256:{}", name.substr(k_blobs.size())));
    if (!digest) return std::nullopt;
    return std::move(*digest);
}

/// The digest in podman's and Docker's names of layers, which may be one that the store has.
std::optional<oci::Digest> hinted_by(std::string_view name) {
    if (auto promised = promised_by(name)) return promised;
    if (name.ends_with(".tar")) name.remove_suffix(4);
    auto digest = oci::Digest::parse(format("sha256:{}", name));
    if (!digest) return std::nullopt;
    return std::move(*digest);
}

Error not_an_archive() {
    return Error::corrupt("this is no archive of images: it has neither a manifest.json nor an index.json").hint("the archive of a filesystem is brought in by `skiff import`");
}

}  // namespace

std::string member_name(std::string_view name) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(name, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") parts.emplace_back(part);
        else if (!parts.empty()) parts.pop_back();
    }
    return join(parts, "/");
}

Result<ArchiveMembers> ArchiveMembers::read(const std::string& root, database::Database& database, const std::string& transfer, FrameReader& frames,
                                            const std::function<void(const TakenLayer&)>& tell) {
    ArchiveMembers members;
    members.root_ = root;
    members.transfer_ = transfer;
    members.database_ = &database;
    members.tell_ = tell;
    while (const auto frame = TRY(frames.next())) {
        if (++members.members_ > k_most_members) return Error::corrupt("the archive has more than {} members", k_most_members);
        const std::string name = member_name(frame->name);
        if (frame->kind == Frame::Kind::file) {
            TRY_DOING(members.take_file(*frame, frames), "{} in the archive", quoted(frame->name));
            continue;
        }
        const size_t slash = name.rfind('/');
        const bool is_relative = frame->kind == Frame::Kind::symlink && !frame->target.starts_with('/') && slash != std::string::npos;
        members.links_[name] = member_name(is_relative ? name.substr(0, slash + 1) + frame->target : frame->target);
    }
    return members;
}

Result<> ArchiveMembers::take_file(const Frame& frame, FrameReader& frames) {
    const std::string name = member_name(frame.name);
    std::string head(std::min<uint64_t>(frame.size, k_head), '\0');
    for (size_t got = 0; got < head.size();) {
        const size_t size = TRY(frames.read(MutableBytes(reinterpret_cast<std::byte*>(head.data()) + got, head.size() - got)));
        if (size == 0) return Error::corrupt("it is cut short");
        got += size;
    }
    size_t given = 0;
    const ByteFeed feed = [&](MutableBytes buffer) -> Result<size_t> {
        if (given == head.size()) return frames.read(buffer);
        const size_t size = std::min(buffer.size(), head.size() - given);
        std::copy_n(bytes_of(head).begin() + static_cast<ptrdiff_t>(given), size, buffer.begin());
        given += size;
        return size;
    };

    Looks looks = look_of(head);
    if (looks == Looks::neither && (name.ends_with(".tar") || promised_by(name)) && head.size() == k_head) looks = Looks::tar;  // tar's oldest form has no magic
    if (looks == Looks::document && frame.size <= k_longest_document) {
        document_bytes_ += frame.size;
        if (document_bytes_ > k_most_document_bytes) return Error::corrupt("the archive's documents are longer than {} MiB together", k_most_document_bytes >> 20);
        std::string text;
        std::vector<std::byte> buffer(64 << 10);
        for (size_t size = TRY(feed(buffer)); size > 0; size = TRY(feed(buffer))) text += text_of(Bytes(buffer).first(size));
        documents_[name] = std::move(text);
        return {};
    }
    if (looks == Looks::tar || looks == Looks::compressed) return take_layer(name, feed, looks == Looks::compressed);
    return {};
}

Result<> ArchiveMembers::take_layer(const std::string& name, const ByteFeed& feed, bool is_compressed) {
    Sha256 hash;
    ArchivedLayer layer{.stored = oci::Digest::of({}), .stored_size = 0, .diff_id = {}, .problem = {}, .fresh = {}};
    const ByteFeed hashed = [&](MutableBytes buffer) -> Result<size_t> {
        const size_t size = TRY(feed(buffer));
        hash.add(Bytes(buffer).first(size));
        layer.stored_size += size;
        return size;
    };
    const auto hint = hinted_by(name);
    bool is_known = false;
    if (hint && !is_compressed) {
        auto row = TRY(database_->query("SELECT 1 FROM layers WHERE diff_id = ?", {hint->string()}));
        is_known = TRY(row.step());
    }

    std::optional<NewLayer> made;
    if (!is_known) {
        if (fresh.size() == k_most_layers) return Error::unsupported("more than {} layers that are not in the store", k_most_layers).hint("save its images into several archives");
        auto staged = TRY(StagedLayer::begin(root_));
        auto unpacked = unpack_feed(transfer_, hashed, is_compressed, staged);
        if (unpacked) {
            staged.close_files();
            made.emplace(NewLayer{std::move(staged), std::move(*unpacked)});
        } else if (unpacked.error().is(Kind::corrupt) || unpacked.error().is(Kind::unsupported) || unpacked.error().is(Kind::invalid)) {
            layer.problem = std::move(unpacked).error();  // of interest only if an image has it
        } else {
            return std::move(unpacked).error();
        }
    }
    std::vector<std::byte> buffer(256 << 10);
    while (TRY(hashed(buffer)) > 0) {}  // what the unpacker had no need of
    layer.stored = oci::Digest::from_sum(hash.finish_hex());
    if (made) {
        layer.diff_id = made->unpacked.diff_id;
        layer.fresh = fresh.size();
        if (tell_) tell_({layer.diff_id->string(), made->unpacked.tar_size});
        fresh.push_back(std::move(*made));
    } else if (is_known) {
        layer.diff_id = layer.stored;  // what its name says, or it will not fit the image's config
    } else if (++strangers_ > k_most_strangers && !has("manifest.json") && !has("index.json")) {
        return not_an_archive();
    } else if (strangers_ > k_most_layers) {
        return Error::corrupt("the archive has more than {} members that look like layers and are none", k_most_layers);
    }
    layers_.insert_or_assign(name, std::move(layer));
    return {};
}

std::string ArchiveMembers::resolve(const std::string& typed) const {
    std::string name = member_name(typed);
    for (int i = 0; i < k_most_links; ++i) {
        const auto link = links_.find(name);
        if (link == links_.end()) break;
        name = link->second;
    }
    return name;
}

Result<std::string> ArchiveMembers::document(const std::string& typed) const {
    const std::string name = resolve(typed);
    const auto found = documents_.find(name);
    if (found == documents_.end()) return Error::corrupt("the archive has no document {} of at most {} MiB", quoted(typed), k_longest_document >> 20);
    if (const auto promised = promised_by(name); promised && oci::Digest::of(bytes_of(found->second)) != *promised)
        return Error::corrupt("{} in the archive is damaged: its bytes are {}", quoted(typed), oci::Digest::of(bytes_of(found->second)));
    return found->second;
}

Result<const ArchivedLayer*> ArchiveMembers::layer(const std::string& typed) const {
    const std::string name = resolve(typed);
    const auto found = layers_.find(name);
    if (found == layers_.end()) return Error::corrupt("the archive has no layer {}", quoted(typed));
    const ArchivedLayer& layer = found->second;
    if (const auto promised = promised_by(name); promised && layer.stored != *promised)
        return Error::corrupt("{} in the archive is damaged: its bytes are {}", quoted(typed), layer.stored);
    if (layer.problem) return Error(*layer.problem).context("the layer {} in the archive", quoted(typed));
    return &layer;
}

}  // namespace skiff::image
