// SPDX-License-Identifier: Apache-2.0
#include "engine/net_device_table.hpp"

#include <string>
#include <vector>

#include "base/text.hpp"

namespace skiff::engine {

Traffic parse_net_devices(std::string_view text) {
    constexpr size_t k_received = 0, k_sent = 8;  // proc_pid_net(5): eight figures each way, bytes first
    Traffic sum;
    for (const std::string_view line : split(text, '\n')) {
        const auto [name, figures] = split_once(line, ':');
        if (!figures || trim(name) == "lo") continue;
        std::vector<std::string_view> words = split(*figures, ' ');
        std::erase(words, std::string_view());
        if (words.size() <= k_sent) continue;
        sum.received += parse_uint(words[k_received]).value_or(0);
        sum.sent += parse_uint(words[k_sent]).value_or(0);
    }
    return sum;
}

}  // namespace skiff::engine
