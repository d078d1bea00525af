// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/lifecycle.hpp"

namespace skiff::explain {

/// `run --explain`: the steps of a plan, told as they are carried out. One line a step (its number, who did it, how many
/// microseconds it took, what it was and why) below a heading for what a run of steps is about.
class Story {
public:
    /// The lines before the first step: whose story it is, and what the columns are.
    std::string open(std::string_view name, std::string_view id) const;
    /// The line for one step, with its newline; before it, a heading where a new subject begins.
    std::string tell(const runtime::Told& told);
    /// The line at the end: how many steps there were, how long all of it took by the clock (what nobody tells, such as
    /// the program's own run, is in it), and which subjects took most of it.
    std::string close(int64_t elapsed_microseconds) const;

private:
    static constexpr size_t k_chapters = static_cast<size_t>(runtime::Chapter::talk) + 1;

    int steps_ = 0, by_child_ = 0;
    int64_t parent_microseconds_ = 0, child_microseconds_ = 0;
    std::array<int64_t, k_chapters> microseconds_{};
    runtime::Chapter heading_ = runtime::Chapter::talk;  ///< the last that was shown; none yet
};

}  // namespace skiff::explain
