// SPDX-License-Identifier: Apache-2.0
// How the plans of this folder print themselves.
#include "cgroup/write.hpp"

#include "base/format.hpp"

namespace skiff::cgroup {

std::string describe(const Write& write) { return format("{} = {} ({})", write.file, write.value, write.why); }

std::string describe(const std::vector<Write>& writes) {
    std::string text;
    for (const Write& write : writes) text += describe(write) + "\n";
    return text;
}

}  // namespace skiff::cgroup
