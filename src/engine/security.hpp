// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/requests.hpp"
#include "kernel/capability.hpp"

namespace skiff::engine {

/// --security-opt and --privileged, decided.
struct SecurityChoices {
    bool no_new_privileges = false;
    bool has_seccomp = true;               ///< a filter at all
    std::string apparmor_profile;          ///< empty: none
    bool masks_paths = true;               ///< the default masked and read-only paths
    std::vector<std::string> mask, unmask; ///< more of them, fewer of them
};

struct SecurityFacts { bool has_apparmor = false; };

/// Error kinds: invalid (no such option), unsupported (a label or profile that this host or version cannot apply): what
/// cannot be enforced is never ignored.
Result<SecurityChoices> plan_security(const CreateRequest& request, const SecurityFacts& facts);

/// --cap-add and --cap-drop by Docker's rules: `usual` without the dropped and with the added; "ALL" added means all
/// but the dropped, "ALL" dropped means only the added; --privileged means `all`.
Result<kernel::CapabilityMask> plan_capabilities(const CreateRequest& request, kernel::CapabilityMask usual, kernel::CapabilityMask all);

/// The default list without what `choices` unmasks and, for the masked ones, with what it masks.
std::vector<std::string> masked_paths(std::vector<std::string> usual, const SecurityChoices& choices);
std::vector<std::string> readonly_paths(std::vector<std::string> usual, const SecurityChoices& choices);

}  // namespace skiff::engine
