// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::runtime {

/// A directory with a config.json (runtime-spec bundle.md).
struct Bundle {
    std::string directory;  ///< absolute
    oci::RuntimeSpec spec;

    /// Reads and checks DIRECTORY/config.json.
    static Result<Bundle> load(const std::string& directory);
    /// root.path made absolute. MUST: the spec has a root.
    std::string rootfs() const;
};

}  // namespace skiff::runtime
