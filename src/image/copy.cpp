// SPDX-License-Identifier: Apache-2.0
#include "image/copy.hpp"

#include <utility>

#include "image/stage.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/file.hpp"
#include "kernel/pipe.hpp"

namespace skiff::image {
namespace {

Result<> copy_layer(const std::string& transfer, const std::string& layer, kernel::FdView target) {
    const auto source = TRY(kernel::open_directory(layer));
    auto stream = TRY(kernel::make_pipe());
    auto packing = TRY(start_stage(transfer, {"pack", "layer"}, {{kernel::FdView(stream.writer), 1}, {source, k_target_descriptor}}));
    stream.writer.reset();
    auto unpacking = TRY(start_stage(transfer, {"unpack", "merged"}, {{kernel::FdView(stream.reader), 0}, {target, k_target_descriptor}}));
    stream.reader.reset();
    // Where both failed: a cut stream makes the reader complain, and a reader that stopped makes the writer fail.
    auto unpacked = finish_stage(std::move(unpacking));
    auto packed = finish_stage(std::move(packing));
    if (!unpacked && (packed || !unpacked.error().is(Kind::corrupt))) return std::move(unpacked).error();
    if (!packed) return std::move(packed).error();
    return {};
}

}  // namespace

Result<> copy_layers(const std::string& transfer, const std::vector<std::string>& layers, kernel::FdView target) {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) TRY_DOING(copy_layer(transfer, *layer, target), "copy the layer {}", *layer);
    return {};
}

}  // namespace skiff::image
