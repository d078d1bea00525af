// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

/// What ordinary recovery neither sees nor mends: damage by hands, disks and programs other than ours.
namespace skiff::engine {

struct CheckOptions {
    bool repair = false;
    bool quick = false;  ///< layers are looked for, not hashed
};

/// One thing that is wrong.
struct Fault {
    std::string area;    ///< "database", "image", "container", "leftover", "cgroup", "namespace"
    std::string where;   ///< a path, a name or an id
    std::string says;    ///< what is wrong
    std::string repair;  ///< what --repair does about it, as a command: "remove it"; empty: it can do nothing
    std::string advice;  ///< what the user can do, where --repair can do nothing
    std::function<Result<>()> mend = nullptr;  ///< does that; safe to repeat after a kill
    bool is_repaired = false;
    std::string failure = {};  ///< why the repair failed
};

}  // namespace skiff::engine
