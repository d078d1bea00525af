// SPDX-License-Identifier: Apache-2.0
#include "base/id.hpp"

#include <sys/random.h>

#include <array>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace skiff {
inline namespace base {

Result<ContainerId> ContainerId::parse(std::string_view text) {
    if (text.empty()) return Error::invalid("a container id must not be empty");
    if (text.size() > 255) return Error::invalid("container id {} is longer than 255 bytes", quoted(text));
    for (const char c : text) {
        const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '_' || c == '+' || c == '-' || c == '.';
        if (!is_allowed) return Error::invalid("container id {} may hold letters, digits and _ + - . only", quoted(text));
    }
    if (text == "." || text == "..") return Error::invalid("container id {} is not a name", quoted(text));
    return ContainerId(std::string(text));
}

ContainerId ContainerId::random() {
    while (true) {
        std::array<std::byte, 32> noise{};
        ssize_t got = 0;
        do got = getrandom(noise.data(), noise.size(), 0);
        while (got < 0 && errno == EINTR);  // early after boot it waits
        MUST(got == static_cast<ssize_t>(noise.size()), "the kernel has random bytes");
        std::string text = to_hex(noise);
        if (text.substr(0, 12).find_first_of("abcdef") != std::string::npos) return ContainerId(std::move(text));
    }
}

}  // namespace base
}  // namespace skiff
