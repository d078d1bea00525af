// SPDX-License-Identifier: Apache-2.0
#include "transfer/stages.hpp"

#include <fcntl.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_overlay.hpp"
#include "pack/compress.hpp"
#include "pack/tar_recipe.hpp"
#include "pack/tar_writer.hpp"
#include "transfer/archive.hpp"
#include "transfer/jail.hpp"
#include "transfer/layer_apply.hpp"
#include "transfer/layer_pack.hpp"

namespace skiff::transfer {
namespace {

using image::TransferReport;
using kernel::Fd;
using kernel::FdView;

Result<TransferReport> inflate() {
    TRY(enter_stream_jail(StreamTo::pipe));
    pack::FdSource archive(FdView::of(0));
    pack::Inflater inflater(archive);
    std::vector<std::byte> buffer(256 << 10);
    uint64_t bytes = 0;
    while (true) {
        const size_t size = TRY(inflater.read(buffer));
        if (size == 0) return TransferReport{0, bytes};
        TRY(kernel::write_all(FdView::of(1), Bytes(buffer).first(size)));
        bytes += size;
    }
}

Result<TransferReport> unpack(TreeKind kind) {
    auto powers = TRY(probe_powers());
    {
        const Fd target = Fd::adopt(image::k_target_descriptor);  // closed once it is our "/"
        TRY(enter_unpack_jail(target, kind));
    }
    const auto root = kernel::Root::adopt(TRY(kernel::open_directory("/")));
    pack::FdSource stream(FdView::of(0));
    pack::TarReader reader(stream);
    std::optional<pack::RecipeWriter> recipe;
    if (kind != TreeKind::merged) reader.set_listener(&recipe.emplace(FdView::of(image::k_recipe_descriptor)));
    LayerApply layer(root, kind, std::move(powers));
    const Applied applied = TRY(layer.all_of(reader));
    TRY(reader.drain());  // the digest is of everything, filling behind the end mark too
    if (recipe) TRY(recipe->finish());
    return TransferReport{applied.entries, applied.bytes};
}

Result<kernel::Root> enter_for_reading(TreeKind kind) {
    const Fd source = Fd::adopt(image::k_target_descriptor);
    TRY(enter_pack_jail(source, kind));
    return kernel::Root::adopt(TRY(kernel::open_directory("/")));
}

/// To the standard output, a quarter of a MiB at a time.
class Output {
public:
    Result<> add(Bytes bytes) {
        if (held_.size() + bytes.size() > k_most) TRY(flush());
        if (bytes.size() >= k_most) {
            bytes_ += bytes.size();
            return kernel::write_all(FdView::of(1), bytes);
        }
        held_.insert(held_.end(), bytes.begin(), bytes.end());
        return {};
    }
    Result<> flush() {
        bytes_ += held_.size();
        TRY(kernel::write_all(FdView::of(1), held_));
        held_.clear();
        return {};
    }
    uint64_t bytes() const { return bytes_; }

private:
    static constexpr size_t k_most = 256 << 10;
    std::vector<std::byte> held_;
    uint64_t bytes_ = 0;
};

Result<TransferReport> pack_tree(const kernel::Root& root, TreeKind kind, const char* opaque_mark) {
    Output output;
    pack::TarWriter writer([&](Bytes bytes) { return output.add(bytes); });
    LayerPack layer(root, kind, writer, opaque_mark);
    const Applied applied = TRY(layer.all());
    TRY(output.flush());
    return TransferReport{applied.entries, applied.bytes};
}

Result<TransferReport> pack_overlay(const std::vector<std::string>& layers) {
    const char* const opaque_mark = kernel::opaque_mark();
    TRY(enter_overlay_jail(layers));
    const auto root = kernel::Root::adopt(TRY(kernel::open_directory("/")));
    return pack_tree(root, TreeKind::root_filesystem, opaque_mark);
}

Result<TransferReport> assemble() {
    const auto root = TRY(enter_for_reading(TreeKind::root_filesystem));
    Output output;
    pack::FdSource recipe(FdView::of(0));
    TRY(pack::follow_recipe(recipe, root, [&](Bytes bytes) { return output.add(bytes); }));
    TRY(output.flush());
    return TransferReport{0, output.bytes()};
}

Result<TransferReport> rearrange(StreamTo to, Result<TransferReport> (&how)(pack::ByteSource&, const ByteSink&)) {
    TRY(enter_stream_jail(to));
    Output output;
    pack::FdSource source(FdView::of(0));
    const auto report = TRY(how(source, [&](Bytes bytes) { return output.add(bytes); }));
    TRY(output.flush());
    return report;
}

Result<TransferReport> perform(std::string_view verb, std::string_view kind, const std::vector<std::string>& rest) {
    const TreeKind tree = kind == "layer" ? TreeKind::layer : kind == "merged" ? TreeKind::merged : TreeKind::root_filesystem;
    if (verb == "inflate") return inflate();
    if (verb == "assemble") return assemble();
    if (verb == "split") return rearrange(StreamTo::pipe, split_archive);
    if (verb == "join") return rearrange(StreamTo::file, join_archive);
    if (verb == "unpack") return unpack(tree);
    if (kind == "overlay") return pack_overlay(rest);
    const char* const opaque_mark = kernel::opaque_mark();  // asked of /proc, which the jail does not have
    const auto root = TRY(enter_for_reading(tree));
    return pack_tree(root, tree, opaque_mark);
}

}  // namespace

int run_stage(int argument_count, char** arguments) {
    kernel::take_usual_signals();
    const std::string_view verb = argument_count > 1 ? arguments[1] : "";
    const std::string_view kind = argument_count > 2 ? arguments[2] : "";
    const bool is_alone = verb == "inflate" || verb == "assemble" || verb == "split" || verb == "join";
    const bool has_kind = (verb == "unpack" || verb == "pack") && (kind == "root" || kind == "layer" || (kind == "merged" && verb == "unpack"));
    const bool is_overlay = verb == "pack" && kind == "overlay";
    const bool is_called_right = (is_alone && argument_count == 2) || (has_kind && argument_count == 3) || (is_overlay && argument_count > 4);
    const FdView report = FdView::of(image::k_report_descriptor);
    if (!is_called_right || !kernel::status_of(report)) {
        (void)kernel::write_all(FdView::of(2), bytes_of("skiff-transfer is started by skiff, not by people\n"));
        return 2;
    }
    std::vector<std::string> rest;
    for (int i = 3; i < argument_count; ++i) rest.emplace_back(arguments[i]);
    const auto outcome = perform(verb, kind, rest);
    const auto told = kernel::write_all(report, bytes_of(image::to_report_text(outcome)));
    return outcome && told ? 0 : 1;
}

}  // namespace skiff::transfer
