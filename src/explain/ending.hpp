// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/post_mortem.hpp"

namespace skiff::explain {

/// A container's end in sentences: each true of the facts, none of them a guess that is not called one.
struct Ending {
    std::string how;                    ///< "exited with code 137 after 3 seconds: …"
    std::vector<std::string> causes;    ///< what the kernel and the records say about it, the strongest first
    std::vector<std::string> used;      ///< memory, processor time, block I/O, with limits
    std::vector<std::string> advice;    ///< what to try, as commands
};

/// `now_ns`: wall clock, for a container that still runs.
Ending explain_ending(const engine::PostMortem& facts, int64_t now_ns);

}  // namespace skiff::explain
