// SPDX-License-Identifier: Apache-2.0
#include "explain/story.hpp"

#include <algorithm>
#include <vector>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::explain {
namespace {

using runtime::Chapter;

constexpr size_t k_what_width = 66;  // longer ones push their reason to the right: nothing is cut
constexpr size_t k_id_size = 64, k_brief_id_size = 12;
constexpr size_t k_shown_chapters = 4;

std::string_view name_of(Chapter chapter) {
    switch (chapter) {
        case Chapter::plan: return "plan";
        case Chapter::group: return "cgroup";
        case Chapter::root: return "root filesystem";
        case Chapter::namespaces: return "namespaces";
        case Chapter::mounts: return "mounts";
        case Chapter::devices: return "devices and streams";
        case Chapter::masks: return "hidden and sealed paths";
        case Chapter::identity: return "identity and limits";
        case Chapter::program: return "program";
        case Chapter::cleanup: return "clean-up";
        case Chapter::talk: return "waiting for each other";
    }
    return "";
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// One line, whatever a path or an argument contains.
std::string on_one_line(std::string_view text) {
    std::string shown;
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        shown += code < 0x20 || code == 0x7f ? format("\\x{:02x}", code) : std::string(1, c);
    }
    return shown;
}

/// The same with ids as Docker shows them: 64 hexadecimal digits become their first twelve and "…".
std::string with_brief_ids(std::string_view text) {
    std::string shown;
    for (size_t at = 0; at < text.size();) {
        size_t end = at;
        while (end < text.size() && is_hex(text[end])) ++end;
        if (end - at == k_id_size) shown.append(text.substr(at, k_brief_id_size)) += "…";
        else shown += text.substr(at, end - at);
        if (end < text.size()) shown += text[end++];
        at = end;
    }
    return shown;
}

/// Columns on a screen: a UTF-8 character is one.
size_t width_of(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string Story::open(std::string_view name, std::string_view id) const {
    return format("{}, container {}\n  #  who         µs  what\n", name, id);
}

std::string Story::tell(const runtime::Told& told) {
    ++steps_;
    by_child_ += told.by_child;
    (told.by_child ? child_microseconds_ : parent_microseconds_) += told.microseconds;
    microseconds_[static_cast<size_t>(told.chapter)] += told.microseconds;

    std::string line;
    if (told.chapter != Chapter::talk && told.chapter != heading_) {
        heading_ = told.chapter;
        line = format("── {}\n", name_of(heading_));
    }
    std::string what = with_brief_ids(on_one_line(told.what));
    if (!told.why.empty()) {
        if (const size_t width = width_of(what); width < k_what_width) what.append(k_what_width - width, ' ');
        what += "  # " + with_brief_ids(on_one_line(told.why));
    }
    // The child's steps stand a little to the right: they are seen without reading.
    return line + format("{:3}  {}  {:>6}  {}{}\n", steps_, told.by_child ? "  child " : "parent  ", told.microseconds, told.by_child ? "  " : "", what);
}

std::string Story::close(int64_t elapsed_microseconds) const {
    std::vector<size_t> order;
    for (size_t i = 0; i < k_chapters; ++i)
        if (microseconds_[i] > 0) order.push_back(i);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return microseconds_[a] > microseconds_[b]; });
    if (order.size() > k_shown_chapters) order.resize(k_shown_chapters);
    std::vector<std::string> most;
    for (const size_t i : order) most.push_back(format("{} {}", name_of(static_cast<Chapter>(i)), microseconds_[i]));
    return format("── {} steps: {} µs by the clock; {} by the parent in {} µs, {} by the child in {} µs{}{}\n", steps_, elapsed_microseconds, steps_ - by_child_, parent_microseconds_, by_child_, child_microseconds_,
                  most.empty() ? "" : "; most of it: ", join(most, ", "));
}

}  // namespace skiff::explain
