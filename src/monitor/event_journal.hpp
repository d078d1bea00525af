// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "codec/event.hpp"
#include "kernel/fd.hpp"

/// What has happened to containers, one line of JSON each, in a file that commands and monitors append to
/// (docs/formats/events.md). An append is one write(2): lines of writers at the same time never mix, and a writer that is
/// killed has written its line whole or not at all. Only a power cut or a full disk leaves half a line, which the next
/// writer ends and every reader passes over.
namespace skiff::monitor {

using codec::Event;

/// When the file has this size, it becomes PATH.1 (an older PATH.1 is forgotten) and a new one begins.
inline constexpr int64_t k_longest_journal = 8 << 20;

/// Adds a line to the file, made (0600) where it is absent. Nothing is synced: a power cut may lose the last events.
Result<> append_event(const std::string& path, const Event& event, int64_t longest = k_longest_journal);

/// Reads PATH.1 and PATH once, and then what is added, in the order of the lines.
class JournalReader {
public:
    explicit JournalReader(std::string path) : path_(std::move(path)) {}
    /// Passes over what is there: next() gives what is added from now on.
    Result<> skip();
    /// The lines that this reader has not given yet. Absent files hold nothing.
    Result<std::vector<Event>> next();

private:
    Result<> read_on(std::vector<Event>& events);
    std::string path_;
    kernel::Fd file_;        // of PATH as it was; it may be PATH.1 by now
    std::string half_;       // a line whose end has not come yet
    bool has_begun_ = false;
};

}  // namespace skiff::monitor
