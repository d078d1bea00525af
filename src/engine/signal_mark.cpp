// SPDX-License-Identifier: Apache-2.0
#include "engine/signal_mark.hpp"

#include <unistd.h>

#include "base/time.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

constexpr const char* k_file = "signal.json";

Result<SignalMark> parse(const std::string& text) {
    const auto json = TRY(codec::parse_json(text));
    const auto fields = TRY(codec::JsonFields::of(json, "signal"));
    SignalMark mark;
    mark.command = TRY(fields.text("command"));
    mark.signal = static_cast<int>(TRY(fields.number<int64_t>("signal")));
    mark.pid = static_cast<int>(TRY(fields.number<int64_t>("pid")));
    mark.uid = static_cast<uint32_t>(TRY(fields.number<int64_t>("uid")));
    mark.sent_ns = TRY(fields.number<int64_t>("sent_ns"));
    return mark;
}

}  // namespace

void leave_signal_mark(const Engine::House& house, const std::string& id, const std::string& command, int signal) {
    const auto json = codec::Json::object({{"command", command}, {"signal", signal}, {"pid", getpid()}, {"uid", int64_t{getuid()}}, {"sent_ns", wall_ns()}});
    const auto directory = kernel::open_directory(house.container_directory(id));
    if (directory) (void)kernel::replace_file(*directory, k_file, json.to_text(), 0600, kernel::Durability::visible);
}

std::optional<SignalMark> read_signal_mark(const Engine::House& house, const std::string& id) {
    const auto text = kernel::read_whole_file(house.container_directory(id) + "/" + k_file, 4096);
    if (!text) return std::nullopt;
    auto mark = parse(*text);
    return mark ? std::optional(std::move(*mark)) : std::nullopt;
}

}  // namespace skiff::engine
