// SPDX-License-Identifier: Apache-2.0
#include "monitor/log_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/file.hpp"

namespace skiff::monitor {
namespace {

Result<kernel::Fd> open_for_appending(kernel::FdView directory, const std::string& name) {
    return kernel::open_at(directory, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);
}

}  // namespace

Result<LogFile> LogFile::open(const LogOrder& order) {
    const size_t slash = order.path.rfind('/');
    kernel::Fd directory = TRY(kernel::open_directory(order.path.substr(0, slash + 1)));
    std::string name = order.path.substr(slash + 1);
    kernel::Fd file = TRY(open_for_appending(directory, name));
    const auto status = TRY(kernel::status_of(file));
    return LogFile(order, std::move(directory), std::move(name), std::move(file), status.st_size);
}

Result<> LogFile::rotate_if_due() {
    if (!order_.max_size || size_ < *order_.max_size) return {};
    if (order_.max_file < 2) return cut_back_to(0);

    // From the oldest on: each rename takes the place of one that has moved, or that is one too many. Done again after
    // a crash, the renames that were done find nothing and the rest follows.
    for (int older = order_.max_file - 1; older >= 1; --older) {
        const std::string from = older == 1 ? name_ : format("{}.{}", name_, older - 1);
        auto renamed = kernel::rename_at(directory_, from, directory_, format("{}.{}", name_, older));
        if (!renamed && !renamed.error().is_errno(ENOENT)) return renamed;
    }
    file_ = TRY(open_for_appending(directory_, name_));
    size_ = 0;
    return {};
}

Result<> LogFile::write(std::string_view entries) {
    TRY(kernel::write_all(file_, bytes_of(entries)));
    size_ += static_cast<int64_t>(entries.size());
    return {};
}

Result<> LogFile::cut_back_to(int64_t size) {
    if (ftruncate(file_.number(), size) != 0) return Error::system(errno, "shorten the log {}", order_.path);
    size_ = size;
    return {};
}

}  // namespace skiff::monitor
