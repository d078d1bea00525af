// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "oci/digest.hpp"

namespace skiff::image {

/// A layer of the store: its directory (…/layers/SHORT) and the archive that it once was.
struct StoredLayer { std::string directory; oci::Digest diff_id; uint64_t tar_size = 0; };

/// Makes the layer's archive again, by the jailed program, and hands it on; what went through has that size and digest.
/// Error (corrupt): it has not, for somebody changed the tree; what was handed on is worthless then.
Result<> assemble_layer(const std::string& transfer, const StoredLayer& layer, const std::function<Result<>(Bytes)>& sink);

}  // namespace skiff::image
