// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace skiff::cli {

/// Watches what is typed for the keys that leave a container running behind (ctrl-p ctrl-q).
class DetachKeys {
public:
    /// "ctrl-p,ctrl-q", "ctrl-x", "a,b"; an empty text watches for nothing.
    static Result<DetachKeys> parse(std::string_view text);

    struct Passed { std::string bytes; bool detached = false; };
    /// What of `typed` is for the container. Bytes that may begin the keys are held back until it is clear. What was
    /// typed behind the keys is dropped.
    Passed feed(std::string_view typed);

private:
    std::string keys_;
    size_t seen_ = 0;
};
inline constexpr std::string_view k_usual_detach_keys = "ctrl-p,ctrl-q";

}  // namespace skiff::cli
