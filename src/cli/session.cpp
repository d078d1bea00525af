// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include "base/format.hpp"
#include "kernel/file.hpp"

namespace skiff::cli {

Result<> Session::flush() {
    std::string text = std::move(held_);
    held_.clear();
    if (text.empty()) return {};
    return kernel::write_all(kernel::FdView::of(1), bytes_of(text));
}

void Session::tell(std::string_view text) { (void)kernel::write_all(kernel::FdView::of(2), bytes_of(text)); }  // nobody is left to hear about it

void Session::complain(const Error& error) {
    if (level_ == Level::debug && error.number() != 0) tell(format("skiff: [{}] {}\n", errno_name(error.number()), error.text()));
    else tell(format("skiff: {}\n", error.text()));
}

void Session::warn(std::string_view sentence) {
    if (level_ <= Level::warn) tell(format("WARNING: {}\n", sentence));
}

}  // namespace skiff::cli
