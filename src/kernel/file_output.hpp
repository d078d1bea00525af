// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// A file that a user asked for by name (-o FILE): it appears when it is whole, in place of what had its name; until then
/// it has no name at all where the filesystem can do that (O_TMPFILE). What is no regular file (/dev/stdout, a pipe) is
/// written to as it is.
class OutputFile {
public:
    static Result<OutputFile> open(const std::string& path);
    OutputFile(OutputFile&&) noexcept = default;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();

    FdView fd() const { return file_; }
    /// It is complete.
    Result<> publish();

private:
    OutputFile() = default;
    Fd file_, directory_;
    std::string name_;         // empty: nothing is to be published
    std::string draft_name_;   // a file with a name that nobody asked for, to be renamed or removed
};

}  // namespace skiff::kernel
