// SPDX-License-Identifier: Apache-2.0
#include "monitor/event_journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>

#include "base/text.hpp"
#include "codec/json.hpp"
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

Result<Event> parse(std::string_view line) {
    const codec::Json document = TRY(codec::parse_json(line));
    const auto fields = TRY(codec::JsonFields::of(document, "event"));
    Event event;
    event.at_ns = TRY(fields.number<int64_t>("at_ns"));
    event.type = TRY(fields.required_text("type"));
    event.action = TRY(fields.required_text("action"));
    event.id = TRY(fields.text("id"));
    for (auto& [name, value] : TRY(fields.text_map("attributes"))) event.attributes[name] = std::move(value);
    event.key = TRY(fields.text("key"));
    return event;
}

Result<> read_into(const std::string& path, std::vector<Event>& events) {
    const auto text = kernel::read_whole_file(path, 4 * static_cast<size_t>(k_longest_journal));
    if (!text && text.error().is_errno(ENOENT)) return {};
    if (!text) return text.error();
    for (const std::string_view line : split(*text, '\n'))
        if (auto event = parse_event(line)) events.push_back(std::move(*event));
    return {};
}

}  // namespace

Result<> append_event(const std::string& path, const Event& event, int64_t longest) {
    const kernel::Fd file = TRY(kernel::open_file(path, O_RDWR | O_APPEND | O_CREAT, 0600));
    const auto status = TRY(kernel::status_of(file));
    const std::string line = (is_torn(file, status.st_size) ? "\n" : "") + to_line(event);
    TRY_DOING(kernel::write_all(file, bytes_of(line)), "note the event {} in {}", event.action, path);
    if (status.st_size + static_cast<int64_t>(line.size()) >= longest) TRY(rotate(path, longest));
    return {};
}

Result<std::vector<Event>> read_events(const std::string& path) {
    std::vector<Event> events;
    TRY(read_into(path + ".1", events));
    TRY(read_into(path, events));
    std::stable_sort(events.begin(), events.end(), [](const Event& one, const Event& other) { return one.at_ns < other.at_ns; });
    std::set<std::string> seen;
    std::erase_if(events, [&](const Event& event) { return !event.key.empty() && !seen.insert(event.key).second; });
    return events;
}

std::string to_line(const Event& event) {
    using codec::Json;
    Json attributes = Json::object();
    for (const auto& [name, value] : event.attributes) attributes.set(name, value);
    Json line = Json::object({{"at_ns", event.at_ns}, {"type", event.type}, {"action", event.action}, {"id", event.id}});
    if (!event.attributes.empty()) line.set("attributes", std::move(attributes));
    if (!event.key.empty()) line.set("key", event.key);
    return line.to_text() + "\n";
}

Result<Event> parse_event(std::string_view line) {
    auto event = parse(line);
    if (!event) return std::move(event).error().as(Kind::corrupt);
    return event;
}

}  // namespace skiff::monitor
