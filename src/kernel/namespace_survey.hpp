// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace skiff::kernel {

/// A namespace and what keeps it alive.
struct SeenNamespace {
    std::string kind;
    uint64_t inode = 0;
    uint64_t parent = 0;                  ///< of pid and user namespaces (NS_GET_PARENT); 0: none that we may see
    uint64_t owner = 0;                   ///< the user namespace that owns it (NS_GET_USERNS); 0: not known
    std::optional<uint32_t> owner_uid;    ///< of user namespaces: who made it (NS_GET_OWNER_UID)
    std::vector<pid_t> processes;         ///< that live in it, be it by one thread, sorted
    std::vector<pid_t> holders;           ///< that have it open, or whose children will live in it
    std::vector<std::string> mounts;      ///< places where it is mounted, in any mount namespace
};

/// All namespaces that this process may see: by processes, by mounts in any mount namespace, by open descriptors, and as
/// parent or owner of those. Processes that end meanwhile, or that we may not look at, are passed over.
Result<std::vector<SeenNamespace>> survey_namespaces();

}  // namespace skiff::kernel
