// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"
#include "runtime/state.hpp"

namespace skiff::runtime {

/// A directory with a config.json (runtime-spec bundle.md).
struct Bundle {
    std::string directory;  ///< absolute
    std::string text;       ///< config.json as it was read
    oci::RuntimeSpec spec;

    /// Reads and checks `config`, else DIRECTORY/config.json.
    static Result<Bundle> load(const std::string& directory, const std::string& config = "");
    /// root.path made absolute. MUST: the spec has a root.
    std::string rootfs() const;
};

/// The bundle as it was when the container was created: what is written into its config.json afterwards must not count
/// (runtime-spec runtime.md, "Lifecycle"). A container of the engine's has no copy; its bundle is nobody else's to write.
Result<Bundle> load_kept_bundle(const Record& record, const StateDir& states);
/// Makes that copy, for a container whose directory is reserved.
Result<> keep_bundle(const Bundle& bundle, const ContainerId& id, const StateDir& states);

}  // namespace skiff::runtime
