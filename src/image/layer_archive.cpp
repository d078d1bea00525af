// SPDX-License-Identifier: Apache-2.0
#include "image/layer_archive.hpp"

#include <vector>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "image/stage.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/file.hpp"
#include "kernel/pipe.hpp"

namespace skiff::image {
namespace {

Error damaged(const StoredLayer& layer, std::string_view how) {
    return Error::corrupt("the layer {} cannot be made into an archive again: {}", layer.diff_id.brief(), how)
        .hint("its files in {} were changed, or its first archive held a file twice", layer.directory);
}

Result<kernel::Fd> open_recipe(const StoredLayer& layer) {
    auto recipe = kernel::open_file(layer.directory + "/recipe", O_RDONLY);
    if (!recipe && recipe.error().is_errno(ENOENT))
        return Error::unsupported("the layer {} was imported by a skiff that did not write down how to make its archive again", layer.diff_id.brief()).hint("import the image once more");
    return recipe;
}

}  // namespace

Result<> assemble_layer(const std::string& transfer, const StoredLayer& layer, const std::function<Result<>(Bytes)>& sink) {
    const auto recipe = TRY(open_recipe(layer));
    const auto tree = TRY(kernel::open_directory(layer.directory + "/diff"));
    auto stream = TRY(kernel::make_pipe());
    auto stage = TRY(start_stage(transfer, {"assemble"}, {{recipe, 0}, {stream.writer, 1}, {tree, k_target_descriptor}}));
    stream.writer.reset();

    Sha256 hash;
    uint64_t size = 0;
    std::vector<std::byte> buffer(256 << 10);
    for (size_t got = TRY(kernel::read_some(stream.reader, buffer)); got > 0; got = TRY(kernel::read_some(stream.reader, buffer))) {
        const Bytes piece(buffer.data(), got);
        size += got;
        if (size > layer.tar_size) return damaged(layer, "it would be longer than it was");
        hash.add(piece);
        TRY(sink(piece));
    }
    if (auto assembled = finish_stage(std::move(stage)); !assembled) {
        if (assembled.error().is(Kind::corrupt)) return damaged(layer, assembled.error().text());
        return std::move(assembled).error();
    }
    if (size != layer.tar_size || oci::Digest::from_sum(hash.finish_hex()) != layer.diff_id) return damaged(layer, "its bytes are others than they were");
    return {};
}

}  // namespace skiff::image
