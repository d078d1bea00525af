// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle.hpp"

#include "kernel/file.hpp"

namespace skiff::runtime {

Result<Bundle> Bundle::load(const std::string& directory) {
    Bundle bundle;
    bundle.directory = TRY_DOING(kernel::real_path(directory), "open the bundle");
    auto text = kernel::read_whole_file(bundle.directory + "/config.json");
    if (!text) return std::move(text).error().context("read the bundle {}", bundle.directory);
    bundle.spec = TRY_DOING(oci::parse_runtime_spec(*text), "{}/config.json", bundle.directory);
    return bundle;
}

std::string Bundle::rootfs() const {
    MUST(spec.root, "the bundle has a root");
    return spec.root->path.starts_with('/') ? spec.root->path : directory + "/" + spec.root->path;
}

}  // namespace skiff::runtime
