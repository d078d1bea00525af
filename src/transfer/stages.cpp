// SPDX-License-Identifier: Apache-2.0
#include "transfer/stages.hpp"

#include <fcntl.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/file.hpp"
#include "pack/compress.hpp"
#include "transfer/jail.hpp"
#include "transfer/layer_apply.hpp"

namespace skiff::transfer {
namespace {

using image::TransferReport;
using kernel::Fd;
using kernel::FdView;

Result<TransferReport> inflate() {
    TRY(enter_inflate_jail());
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
    {
        const Fd target = Fd::adopt(image::k_target_descriptor);  // closed once it is our "/"
        TRY(enter_unpack_jail(target, kind));
    }
    const auto root = kernel::Root::adopt(TRY(kernel::open_directory("/")));
    pack::FdSource stream(FdView::of(0));
    pack::TarReader reader(stream);
    LayerApply layer(root, kind);
    const Applied applied = TRY(layer.all_of(reader));
    TRY(reader.drain());  // the digest is of everything, filling behind the end mark too
    return TransferReport{applied.entries, applied.bytes};
}

Result<TransferReport> perform(std::string_view verb, std::string_view kind) {
    if (verb == "inflate") return inflate();
    return unpack(kind == "layer" ? TreeKind::layer : TreeKind::root_filesystem);
}

}  // namespace

int run_stage(int argument_count, char** arguments) {
    const std::string_view verb = argument_count > 1 ? arguments[1] : "";
    const std::string_view kind = argument_count > 2 ? arguments[2] : "";
    const bool is_called_right = (verb == "inflate" && argument_count == 2) || (verb == "unpack" && argument_count == 3 && (kind == "root" || kind == "layer"));
    const FdView report = FdView::of(image::k_report_descriptor);
    if (!is_called_right || !kernel::status_of(report)) {
        (void)kernel::write_all(FdView::of(2), bytes_of("skiff-transfer is started by skiff, not by people\n"));
        return 2;
    }
    const auto outcome = perform(verb, kind);
    const auto told = kernel::write_all(report, bytes_of(image::to_report_text(outcome)));
    return outcome && told ? 0 : 1;
}

}  // namespace skiff::transfer
