// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle.hpp"

#include <fcntl.h>

#include "kernel/file.hpp"

namespace skiff::runtime {
namespace {

constexpr const char* k_config = "config.json";

}  // namespace

Result<Bundle> Bundle::load(const std::string& directory, const std::string& config) {
    Bundle bundle;
    bundle.directory = TRY_DOING(kernel::real_path(directory), "open the bundle");
    const std::string file = config.empty() ? bundle.directory + "/" + k_config : config;
    auto text = kernel::read_whole_file(file);
    if (!text) return std::move(text).error().context("read the bundle {}", bundle.directory);
    bundle.text = std::move(*text);
    bundle.spec = TRY_DOING(oci::parse_runtime_spec(bundle.text), "{}", file);
    return bundle;
}

std::string Bundle::rootfs() const {
    MUST(spec.root, "the bundle has a root");
    return spec.root->path.starts_with('/') ? spec.root->path : directory + "/" + spec.root->path;
}

Result<> keep_bundle(const Bundle& bundle, const ContainerId& id, const StateDir& states) {
    const kernel::Fd copy = TRY(kernel::open_file(states.path_of(id) + "/" + k_config, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    TRY_DOING(kernel::write_all(copy, bytes_of(bundle.text)), "keep a copy of config.json");
    return {};
}

Result<Bundle> load_kept_bundle(const Record& record, const StateDir& states) {
    const std::string copy = states.path_of(TRY(ContainerId::parse(record.id))) + "/" + k_config;
    auto text = kernel::read_whole_file(copy);
    if (!text && text.error().is(Kind::not_found)) return Bundle::load(record.bundle);
    Bundle bundle;
    bundle.directory = record.bundle;
    bundle.text = TRY(std::move(text));
    bundle.spec = TRY_DOING(oci::parse_runtime_spec(bundle.text), "{}", copy);
    return bundle;
}

}  // namespace skiff::runtime
