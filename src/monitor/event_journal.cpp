// SPDX-License-Identifier: Apache-2.0
#include "monitor/event_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::monitor {
namespace {

/// Whoever finds the file too long: under a lock, for two that rename at once would forget the newer lines.
Result<> rotate(const std::string& path, int64_t longest) {
    const auto lock = TRY(kernel::Lock::take(path + ".lock"));
    const auto file = kernel::open_file(path, O_RDONLY);
    if (!file) return {};  // another was faster
    const auto status = TRY(kernel::status_of(*file));
    if (status.st_size < longest) return {};
    return kernel::rename_at(kernel::here(), path, kernel::here(), path + ".1");
}

/// Whether the last line has no end: a power cut, or a disk that was full.
bool is_torn(kernel::FdView file, int64_t size) {
    std::array<char, 1> last{};
    return size > 0 && pread(file.number(), last.data(), 1, size - 1) == 1 && last[0] != '\n';
}

}  // namespace

Result<> append_event(const std::string& path, const Event& event, int64_t longest) {
    const kernel::Fd file = TRY(kernel::open_file(path, O_RDWR | O_APPEND | O_CREAT, 0600));
    const auto status = TRY(kernel::status_of(file));
    const std::string line = (is_torn(file, status.st_size) ? "\n" : "") + codec::to_line(event);
    TRY_DOING(kernel::write_all(file, bytes_of(line)), "note the event {} in {}", event.action, path);
    if (status.st_size + static_cast<int64_t>(line.size()) >= longest) TRY(rotate(path, longest));
    return {};
}

Result<> JournalReader::read_on(std::vector<Event>& events) {
    std::string text = std::move(half_) + TRY(kernel::read_to_end(file_, 4 * static_cast<size_t>(k_longest_journal)));
    const size_t end = text.rfind('\n') + 1;  // 0 where there is none
    half_ = text.substr(end);
    text.resize(end);
    for (const std::string_view line : split(text, '\n'))
        if (auto event = codec::parse_event(line)) events.push_back(std::move(*event));
    return {};
}

Result<> JournalReader::skip() {
    has_begun_ = true;
    auto current = kernel::open_file(path_, O_RDONLY);
    if (!current && current.error().is_errno(ENOENT)) return {};
    if (!current) return std::move(current).error();
    if (lseek(current->number(), 0, SEEK_END) < 0) return Error::system(errno, "go to the end of {}", path_);
    file_ = std::move(*current);
    half_.clear();
    return {};
}

Result<std::vector<Event>> JournalReader::next() {
    std::vector<Event> events;
    if (!has_begun_) {
        if (auto older = kernel::open_file(path_ + ".1", O_RDONLY)) file_ = std::move(*older);
        has_begun_ = true;
    }
    if (file_) TRY(read_on(events));
    while (true) {
        auto current = kernel::open_file(path_, O_RDONLY);
        if (!current && current.error().is_errno(ENOENT)) return events;
        if (!current) return std::move(current).error();
        const auto now = TRY(kernel::status_of(*current));
        if (file_) {
            const auto before = TRY(kernel::status_of(file_));
            if (before.st_ino == now.st_ino && before.st_dev == now.st_dev) return events;
            TRY(read_on(events));  // what was added between our look at it and its change of name
        }
        half_.clear();
        file_ = std::move(*current);
        TRY(read_on(events));
    }
}

}  // namespace skiff::monitor
