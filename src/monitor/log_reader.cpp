// SPDX-License-Identifier: Apache-2.0
// From a log's files to entries: what stands there, then, with follow, what comes.
#include "monitor/log_reader.hpp"

#include <fcntl.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/file_watch.hpp"
#include "kernel/poll.hpp"
#include "monitor/log_entry.hpp"
#include "monitor/log_lines.hpp"

namespace skiff::monitor {
namespace {

class Reading {
public:
    Reading(const LogQuery& query, const std::function<bool(const LogEntry&)>& take) : query_(query), take_(take) {}

    /// Tells all whole lines that are there; false when the caller or the query wants no more.
    Result<bool> tell(LogLines& lines) {
        while (const auto line = TRY(lines.next()))
            if (!tell_line(*line)) return false;
        return true;
    }

private:
    bool tell_line(std::string_view line) {
        const auto entry = parse_entry(line);
        if (!entry) return take_({.is_error = false, .time_ns = 0, .text = std::string(line) + "\n"});
        if (query_.until_ns && entry->time_ns > *query_.until_ns) return false;
        if (query_.since_ns && entry->time_ns < *query_.since_ns) return true;
        if (!(entry->is_error ? query_.err : query_.out)) return true;
        return take_({.is_error = entry->is_error, .time_ns = entry->time_ns, .text = entry->text});
    }

    const LogQuery& query_;
    const std::function<bool(const LogEntry&)>& take_;
};

/// Where in its files a log is to be read from, for the last `count` lines.
Result<std::vector<LogLines>> last_lines(std::vector<LogFileFound> files, std::optional<uint64_t> count) {
    std::vector<LogLines> lines;
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        int64_t from = 0;
        if (count) from = TRY(place_of_last_lines(file->file, *count));
        lines.insert(lines.begin(), LogLines(std::move(file->file), from));
        if (count && *count == 0) break;  // what is older is not asked for
    }
    return lines;
}

/// Follows one log from file to file.
class Following {
public:
    static Result<Following> begin(kernel::FdView directory, std::string name) {
        kernel::FileWatch watch = TRY(kernel::FileWatch::create());
        (void)TRY(watch.add(directory));
        return Following(directory, std::move(name), std::move(watch));
    }

    Result<> on_to(LogLines lines) {
        if (number_) watch_.forget(*number_);
        number_ = TRY(watch_.add(lines.file()));
        inode_ = TRY(kernel::status_of(lines.file())).st_ino;
        lines_.emplace(std::move(lines));
        return {};
    }

    /// Reads what is there, then waits for more, until the end.
    Result<> run(Reading& reading, const LogQuery& query) {
        bool is_last = false;
        while (true) {
            watch_.take();  // before reading: what comes while we read wakes us again
            // Whether there is a younger file is asked first: its existence means that nothing more comes into this one.
            auto next = TRY(successor());
            if (lines_ && !TRY(reading.tell(*lines_))) return {};
            if (next) { TRY(on_to(std::move(*next))); continue; }
            if (is_last) return {};

            std::vector<kernel::Watched> watched{{.fd = watch_.fd()}, {.fd = query.follow_until->fd()}, {.fd = query.cancelled}};
            (void)TRY(kernel::wait_for_events(watched, -1));
            if (watched[2].is_ready()) return {};
            if (watched[1].is_ready()) is_last = TRY(query.follow_until->is_over());
        }
    }

private:
    Following(kernel::FdView directory, std::string name, kernel::FileWatch watch)
        : directory_(directory), name_(std::move(name)), watch_(std::move(watch)) {}

    /// The file that came after the one that is being read; empty while that is the youngest.
    Result<std::optional<LogLines>> successor() {
        auto files = TRY(open_log_files(directory_, name_));
        std::optional<LogLines> next;
        if (files.empty() || (lines_ && files.back().inode == inode_)) return next;
        size_t place = 0;  // ours is gone already: the oldest there is
        for (size_t i = 0; lines_ && i < files.size(); ++i)
            if (files[i].inode == inode_) place = i + 1;
        next.emplace(std::move(files[place].file));
        return next;
    }

    kernel::FdView directory_;
    std::string name_;
    kernel::FileWatch watch_;
    std::optional<int> number_;
    std::optional<LogLines> lines_;
    ino_t inode_ = 0;
};

}  // namespace

Result<> read_log(const std::string& path, const LogQuery& query, const std::function<bool(const LogEntry&)>& take) {
    const size_t slash = path.rfind('/');
    const std::string name = path.substr(slash + 1);
    const kernel::Fd directory = TRY(kernel::open_directory(slash == std::string::npos ? "." : path.substr(0, slash + 1)));

    std::optional<Following> following;
    if (query.follow_until) following.emplace(TRY(Following::begin(directory, name)));
    auto lines = TRY(last_lines(TRY(open_log_files(directory, name)), query.tail));

    Reading reading(query, take);
    for (size_t i = 0; i < lines.size(); ++i) {
        if (following && i + 1 == lines.size()) TRY(following->on_to(std::move(lines[i])));
        else if (!TRY(reading.tell(lines[i]))) return {};
    }
    if (following) TRY(following->run(reading, query));
    return {};
}

}  // namespace skiff::monitor
