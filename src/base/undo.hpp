// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace skiff {
inline namespace base {

/// Runs `action` when it goes out of scope, unless `keep()` was called: undo until kept.
/// The action must not fail; what may fail has an explicit call of its own.
template <class Action>
class [[nodiscard]] Undo {
public:
    explicit Undo(Action action) : action_(std::move(action)) {}
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    ~Undo() { if (armed_) action_(); }

    /// What was made is to stay.
    void keep() { armed_ = false; }

private:
    Action action_;
    bool armed_ = true;
};

}  // namespace base
}  // namespace skiff
