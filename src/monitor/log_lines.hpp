// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::monitor {

/// One log file, read line by line from a place on.
class LogLines {
public:
    explicit LogLines(kernel::Fd file, int64_t from = 0) : file_(std::move(file)), position_(from) {}

    /// The next whole line without its newline, good until the next call. Empty: there is none yet. A file that was cut
    /// back meanwhile (rotation with one file) is read from its beginning.
    Result<std::optional<std::string_view>> next();
    kernel::FdView file() const { return file_; }

private:
    kernel::Fd file_;
    int64_t position_;       ///< of the byte behind buffer_
    std::string buffer_;
    size_t start_ = 0;       ///< of what has not been given out
};

/// The place in `file` from which `count` whole lines follow; count becomes how many more the file does not have.
Result<int64_t> place_of_last_lines(kernel::FdView file, uint64_t& count);

/// The log's files that exist, oldest first. A rotation meanwhile loses and doubles none.
struct LogFileFound { kernel::Fd file; ino_t inode = 0; };
Result<std::vector<LogFileFound>> open_log_files(kernel::FdView directory, const std::string& name);

}  // namespace skiff::monitor
