// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"

/// Room that is kept on the disk for removing: the database must write to forget something, which on a full disk would
/// fail, and nobody could make room. The file ROOT/reserve holds that room.
namespace skiff::engine {

/// Makes the reserve where there is none. A disk that has no room for it is no failure.
void keep_reserve(const std::string& root);
/// Gives its room back to the filesystem; false where there is none.
bool give_up_reserve(const std::string& root);

/// Does `act`, and once more with the reserve's room when the disk turned out to be full.
template <class Act>
auto with_reserve(const std::string& root, Act&& act) {
    auto result = act();
    if (!result && result.error().is(Kind::no_space) && give_up_reserve(root)) result = act();
    return result;
}

}  // namespace skiff::engine
