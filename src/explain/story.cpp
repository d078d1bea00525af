// SPDX-License-Identifier: Apache-2.0
#include "explain/story.hpp"

#include "base/format.hpp"

namespace skiff::explain {
namespace {

constexpr size_t k_what_width = 64;  // longer ones push their reason to the right: nothing is cut

/// One line, whatever a path or an argument contains.
std::string on_one_line(const std::string& text) {
    std::string shown;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        shown += code < 0x20 || code == 0x7f ? format("\\x{:02x}", code) : std::string(1, c);
    }
    return shown;
}

}  // namespace

std::string Story::tell(const runtime::Told& told) {
    ++steps_;
    by_child_ += told.by_child;
    (told.by_child ? child_microseconds_ : parent_microseconds_) += told.microseconds;

    std::string what = on_one_line(told.what);
    if (!told.why.empty()) {
        if (what.size() < k_what_width) what.resize(k_what_width, ' ');
        what += "  # " + on_one_line(told.why);
    }
    return format("{:3}  {:6}  {:>6} µs  {}\n", steps_, told.by_child ? "child" : "parent", told.microseconds, what);
}

std::string Story::close() const {
    return format("     {} steps: {} by the parent in {} µs, {} by the child in {} µs\n", steps_, steps_ - by_child_, parent_microseconds_, by_child_, child_microseconds_);
}

}  // namespace skiff::explain
