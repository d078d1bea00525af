// SPDX-License-Identifier: Apache-2.0
#include "monitor/log_lines.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::monitor {
namespace {

constexpr size_t k_stretch = 64 << 10;

/// Fills `stretch` from `place`; fewer bytes at the end of the file.
Result<size_t> read_at(kernel::FdView file, char* stretch, size_t size, int64_t place) {
    size_t done = 0;
    while (done < size) {
        const ssize_t got = pread(file.number(), stretch + done, size - done, place + static_cast<int64_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error::system(errno, "read the log");
        if (got == 0) break;
        done += static_cast<size_t>(got);
    }
    return done;
}

/// The largest number of the files NAME.1, NAME.2, …
Result<uint64_t> largest_number(kernel::FdView directory, const std::string& name) {
    constexpr uint64_t k_most = 100'000;
    uint64_t largest = 0;
    for (const auto& other : TRY(kernel::list_directory_at(directory, "."))) {
        if (!other.starts_with(name) || other.size() < name.size() + 2 || other[name.size()] != '.') continue;
        const auto number = parse_uint(std::string_view(other).substr(name.size() + 1));
        if (number && *number <= k_most) largest = std::max(largest, *number);
    }
    return largest;
}

}  // namespace

Result<std::optional<std::string_view>> LogLines::next() {
    while (true) {
        const size_t newline = buffer_.find('\n', start_);
        if (newline != std::string::npos) {
            const auto line = std::string_view(buffer_).substr(start_, newline - start_);
            start_ = newline + 1;
            return std::optional(line);
        }
        buffer_.erase(0, start_);
        start_ = 0;
        const size_t before = buffer_.size();
        buffer_.resize(before + k_stretch);
        const size_t got = TRY(read_at(file_, buffer_.data() + before, k_stretch, position_));
        buffer_.resize(before + got);
        position_ += static_cast<int64_t>(got);
        if (got > 0) continue;
        if (TRY(kernel::status_of(file_)).st_size >= position_) return std::optional<std::string_view>();
        position_ = 0;
        buffer_.clear();
    }
}

Result<int64_t> place_of_last_lines(kernel::FdView file, uint64_t& count) {
    int64_t end = TRY(kernel::status_of(file)).st_size;
    std::string stretch;
    // Each newline ends a line; the line before it begins behind the newline before that.
    bool has_end = false;  // a newline was seen whose line's beginning is still to be found
    while (end > 0) {
        const int64_t begin = std::max<int64_t>(0, end - static_cast<int64_t>(k_stretch));
        stretch.resize(static_cast<size_t>(end - begin));
        stretch.resize(TRY(read_at(file, stretch.data(), stretch.size(), begin)));
        for (size_t i = stretch.size(); i > 0; --i) {
            if (stretch[i - 1] != '\n') continue;
            if (has_end && --count == 0) return begin + static_cast<int64_t>(i);
            if (!has_end && count == 0) return begin + static_cast<int64_t>(i);
            has_end = true;
        }
        end = begin;
    }
    if (has_end && count > 0) --count;
    return int64_t{0};
}

Result<std::vector<LogFileFound>> open_log_files(kernel::FdView directory, const std::string& name) {
    // From the youngest on: a file that is renamed meanwhile moves to where we have not been yet, and is met twice
    // instead of never. In the middle of a rotation, or after one that was cut short, a number has no file.
    std::vector<LogFileFound> found;
    const uint64_t largest = TRY(largest_number(directory, name));
    for (uint64_t number = 0;; ++number) {
        auto file = kernel::open_at(directory, number == 0 ? name : format("{}.{}", name, number), O_RDONLY | O_NOFOLLOW);
        if (!file && !file.error().is_errno(ENOENT)) return std::move(file).error();
        if (!file && number > largest) break;
        if (!file) continue;
        const ino_t inode = TRY(kernel::status_of(*file)).st_ino;
        if (std::ranges::none_of(found, [&](const LogFileFound& other) { return other.inode == inode; })) found.push_back({std::move(*file), inode});
    }
    std::ranges::reverse(found);
    return found;
}

}  // namespace skiff::monitor
