// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "monitor/order.hpp"

namespace skiff::monitor {

/// The json-file log that is being written, with its rotated predecessors PATH.1 (the youngest), PATH.2, …
class LogFile {
public:
    /// Made (0600) where it is absent; what stands in it stays.
    static Result<LogFile> open(const LogOrder& order);

    int64_t size() const { return size_; }
    /// Starts a new file when this one has reached its size. A crash in the middle leaves files that the next call
    /// puts in order; no entry is lost but those of the oldest file, which goes.
    Result<> rotate_if_due();
    /// Appends.
    Result<> write(std::string_view entries);
    /// Cuts it back to `size` bytes: a failed write leaves no half entry.
    Result<> cut_back_to(int64_t size);

private:
    LogFile(LogOrder order, kernel::Fd directory, std::string name, kernel::Fd file, int64_t size)
        : order_(std::move(order)), directory_(std::move(directory)), name_(std::move(name)), file_(std::move(file)), size_(size) {}

    LogOrder order_;
    kernel::Fd directory_;
    std::string name_;
    kernel::Fd file_;
    int64_t size_ = 0;
};

}  // namespace skiff::monitor
