// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

/// Text from values. `fmt` is compiled once, in format.cpp, so that including this header stays cheap.
namespace skiff {
inline namespace base {

/// fmt's syntax, checked at compile time: `format("{} of {}", done, total)`.
template <class... Args>
std::string format(fmt::format_string<Args...> text, Args&&... args) {
    return fmt::vformat(text, fmt::make_format_args(args...));
}

}  // namespace base
}  // namespace skiff
