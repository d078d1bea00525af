// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/file_output.hpp"

namespace skiff::cli {

/// Where a command that makes a file writes to: what -o names, or standard output.
class Output {
public:
    /// `what` is for the refusal to write it to a terminal: "an archive".
    static Result<Output> open(const std::optional<std::string>& path, std::string_view what);
    kernel::FdView fd() const { return file_ ? file_->fd() : kernel::FdView::of(1); }
    /// It is complete: the file appears.
    Result<> publish() { return file_ ? file_->publish() : Result<>(); }

private:
    explicit Output(std::optional<kernel::OutputFile> file) : file_(std::move(file)) {}
    std::optional<kernel::OutputFile> file_;
};

}  // namespace skiff::cli
