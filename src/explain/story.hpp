// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "runtime/lifecycle.hpp"

namespace skiff::explain {

/// `run --explain`: the steps of a plan, told as they are carried out. One line a step: its number, who did it, how
/// long it took, what it was and why.
class Story {
public:
    /// The line for one step, with its newline.
    std::string tell(const runtime::Told& told);
    /// The line at the end: how many steps there were and how long they took together, by whom.
    std::string close() const;

private:
    int steps_ = 0, by_child_ = 0;
    int64_t parent_microseconds_ = 0, child_microseconds_ = 0;
};

}  // namespace skiff::explain
