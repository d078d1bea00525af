// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include "kernel/terminal.hpp"

namespace skiff::cli {

Result<Output> Output::open(const std::optional<std::string>& path, std::string_view what) {
    if (!path && kernel::is_terminal(kernel::FdView::of(1)))
        return Error::invalid("standard output is a terminal, and {} is nothing to read", what).hint("use -o FILE, or send it elsewhere with > or |");
    std::optional<kernel::OutputFile> file;
    if (path) file.emplace(TRY(kernel::OutputFile::open(*path)));
    return Output(std::move(file));
}

}  // namespace skiff::cli
