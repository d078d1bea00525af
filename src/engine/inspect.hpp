// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codec/json.hpp"
#include "engine/container_record.hpp"
#include "engine/mount_list.hpp"
#include "engine/sharing.hpp"
#include "image/store.hpp"

/// Documents in the shape of `docker inspect`.
namespace skiff::engine {

/// Where a container's files are on the host.
struct ContainerPaths { std::string directory, log; };

struct ContainerSizes { int64_t writable = 0, total = 0; };

/// `networks`: its member NetworkSettings (inspect_network.hpp).
codec::Json container_document(const ContainerRecord& record, const ContainerState& state, const ContainerPaths& paths,
                               const std::string& hostname, int restarts, const std::optional<ContainerSizes>& sizes, codec::Json networks);

/// `config` is the image's own configuration document.
codec::Json image_document(const image::Image& image, const std::vector<std::string>& digests, const codec::Json& config,
                           const std::vector<std::string>& diff_ids);

}  // namespace skiff::engine
