// SPDX-License-Identifier: Apache-2.0
#include "cli/detach_keys.hpp"

#include "base/text.hpp"

namespace skiff::cli {

Result<DetachKeys> DetachKeys::parse(std::string_view text) {
    DetachKeys made;
    for (const std::string_view key : split(text, ',')) {
        constexpr std::string_view controls = "@abcdefghijklmnopqrstuvwxyz[\\]^_";
        const size_t control = key.size() == 6 && key.starts_with("ctrl-") ? controls.find(to_lower(key.substr(5))) : std::string_view::npos;
        if (control != std::string_view::npos) made.keys_ += static_cast<char>(control);
        else if (key.size() == 1) made.keys_ += key;
        else return Error::invalid("--detach-keys {}: {} is neither a character nor ctrl- and one of a-z @ [ \\ ] ^ _", quoted(text), quoted(key));
    }
    return made;
}

DetachKeys::Passed DetachKeys::feed(std::string_view typed) {
    Passed passed;
    if (keys_.empty()) {
        passed.bytes = std::string(typed);
        return passed;
    }
    for (const char c : typed) {
        // On a miss the held bytes go through, except for an end of theirs that may begin the keys anew ("ppq", keys "pq").
        while (seen_ > 0 && keys_[seen_] != c) {
            const std::string held = keys_.substr(0, seen_);
            size_t keep = seen_ - 1;
            while (keep > 0 && !held.ends_with(keys_.substr(0, keep))) --keep;
            passed.bytes += held.substr(0, seen_ - keep);
            seen_ = keep;
        }
        if (keys_[seen_] != c) { passed.bytes += c; continue; }
        if (++seen_ == keys_.size()) {
            seen_ = 0;
            passed.detached = true;
            return passed;
        }
    }
    return passed;
}

}  // namespace skiff::cli
