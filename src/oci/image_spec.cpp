// SPDX-License-Identifier: Apache-2.0
// Media types, and which of an index's manifests suits a machine.
#include "oci/image_spec.hpp"

#include "base/text.hpp"

namespace skiff::oci {

using namespace media_type;

bool is_manifest_type(std::string_view type) { return type == k_manifest || type == k_docker_manifest; }
bool is_index_type(std::string_view type) { return type == k_index || type == k_docker_index; }
bool is_config_type(std::string_view type) { return type == k_config || type == k_docker_config; }

Result<LayerForm> layer_form(std::string_view type) {
    if (type == k_layer || type == "application/vnd.docker.image.rootfs.diff.tar") return LayerForm::tar;
    if (type == k_layer_gzip || type == k_docker_layer_gzip) return LayerForm::gzip;
    if (type == k_layer_zstd || type == "application/vnd.docker.image.rootfs.diff.tar.zstd") return LayerForm::zstd;
    if (type.starts_with("application/vnd.docker.image.rootfs.foreign.") || type.starts_with("application/vnd.oci.image.layer.nondistributable."))
        return Error::forbidden("layer of type {}: foreign layers are not fetched", type);
    return Error::unsupported("{} is not a kind of layer that skiff unpacks", quoted(type));
}

const Descriptor* Index::find_for(const Platform& host) const {
    const Descriptor* best = nullptr;
    const Descriptor* any = nullptr;
    unsigned best_rank = 0;
    for (const Descriptor& manifest : manifests) {
        if (!is_manifest_type(manifest.media_type)) continue;
        if (!manifest.platform) {
            if (!any) any = &manifest;
            continue;
        }
        const auto rank = suitability(*manifest.platform, host);
        if (rank && (!best || *rank < best_rank)) {
            best = &manifest;
            best_rank = *rank;
        }
    }
    return best ? best : any;
}

}  // namespace skiff::oci
