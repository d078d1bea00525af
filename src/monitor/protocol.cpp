// SPDX-License-Identifier: Apache-2.0
// Messages ↔ packets. The first byte says what follows; a reader that runs past the end refuses the packet.
#include "monitor/protocol.hpp"

#include <cstring>

namespace skiff::monitor {
namespace {

enum class Tag : uint8_t {
    ask_attach = 1, ask_wait, ask_resize, ask_signal, ask_exec, give_input, end_input, cleaned_up, ask_memory,
    say_told = 64, say_started, say_failed, say_attached, say_done, say_refused, say_output, say_error_output, say_exited, say_notice,
};

class Writer {
public:
    explicit Writer(Tag tag) { text_ += static_cast<char>(tag); }
    template <class T> Writer& number(T value) {
        char raw[sizeof value];
        std::memcpy(raw, &value, sizeof value);
        text_.append(raw, sizeof value);
        return *this;
    }
    /// A text with its length in front, for texts that others follow.
    Writer& counted(std::string_view text) { return number(static_cast<uint32_t>(text.size())).rest(text); }
    Writer& rest(std::string_view text) { text_ += text; return *this; }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

class Reader {
public:
    explicit Reader(std::string_view packet) : left_(packet) {}

    template <class T> T number() {
        T value{};
        if (left_.size() < sizeof value) { sound_ = false; left_ = {}; return value; }
        std::memcpy(&value, left_.data(), sizeof value);
        left_.remove_prefix(sizeof value);
        return value;
    }
    bool flag() {
        const auto raw = number<uint8_t>();
        if (raw > 1) sound_ = false;
        return raw == 1;
    }
    std::string_view counted() {
        const auto size = number<uint32_t>();
        if (size > left_.size()) { sound_ = false; left_ = {}; return {}; }
        const auto text = left_.substr(0, size);
        left_.remove_prefix(size);
        return text;
    }
    std::string_view rest() { return std::exchange(left_, {}); }
    void refuse() { sound_ = false; }
    /// Whether all was there and nothing is left over.
    bool is_sound() const { return sound_ && left_.empty(); }

private:
    std::string_view left_;
    bool sound_ = true;
};

template <class... F> struct Cases : F... { using F::operator()...; };

uint8_t bits_of(Streams streams) { return static_cast<uint8_t>((streams.in ? 1 : 0) | (streams.out ? 2 : 0) | (streams.err ? 4 : 0)); }

Streams read_streams(Reader& reader) {
    const auto bits = reader.number<uint8_t>();
    if (bits > 7) reader.refuse();
    return {.in = (bits & 1) != 0, .out = (bits & 2) != 0, .err = (bits & 4) != 0};
}

TerminalSize read_size(Reader& reader) {
    const auto rows = reader.number<uint16_t>();
    const auto columns = reader.number<uint16_t>();
    return {.rows = rows, .columns = columns};
}

Kind read_kind(Reader& reader) {
    const auto raw = reader.number<uint8_t>();
    if (raw <= static_cast<uint8_t>(Kind::internal)) return static_cast<Kind>(raw);
    reader.refuse();
    return Kind::internal;
}

ExitRecord read_record(Reader& reader) {
    ExitRecord record;
    const bool is_known = reader.flag();
    const bool by_signal = reader.flag();
    const auto value = reader.number<int32_t>();
    if (is_known) record.ending = kernel::Ending{.by_signal = by_signal, .value = value};
    record.oom_killed = reader.flag();
    record.started_ns = reader.number<int64_t>();
    record.finished_ns = reader.number<int64_t>();
    return record;
}

Error no_such_message(std::string_view packet) {
    if (packet.empty()) return Error::invalid("an empty message");
    return Error::invalid("a message of kind {} with {} bytes makes no sense", static_cast<unsigned char>(packet.front()), packet.size() - 1);
}

}  // namespace

std::string encode(const Request& request) {
    return std::visit(Cases{
        [](const AskAttach& ask) { return Writer(Tag::ask_attach).number(bits_of(ask.streams)).number(ask.size.rows).number(ask.size.columns).take(); },
        [](const AskWait&) { return Writer(Tag::ask_wait).take(); },
        [](const AskResize& ask) { return Writer(Tag::ask_resize).number(ask.size.rows).number(ask.size.columns).take(); },
        [](const AskSignal& ask) { return Writer(Tag::ask_signal).number(static_cast<int32_t>(ask.number)).take(); },
        [](const AskExec& ask) { return Writer(Tag::ask_exec).counted(ask.id).rest(ask.process_json).take(); },
        [](const GiveInput& give) { return Writer(Tag::give_input).rest(give.bytes).take(); },
        [](const EndInput&) { return Writer(Tag::end_input).take(); },
        [](const AskMemory& ask) { return Writer(Tag::ask_memory).number(uint8_t{ask.lets_be}).take(); },
        [](const CleanedUp&) { return Writer(Tag::cleaned_up).take(); },
    }, request);
}

std::string encode(const Saying& saying) {
    return std::visit(Cases{
        [](const SayTold& say) {
            return Writer(Tag::say_told).number(static_cast<uint8_t>(say.told.chapter)).number(uint8_t{say.told.by_child}).number(say.told.microseconds).counted(say.told.what).rest(say.told.why).take();
        },
        [](const SayStarted& say) { return Writer(Tag::say_started).number(static_cast<int32_t>(say.pid)).number(say.started_ns).take(); },
        [](const SayFailed& say) { return Writer(Tag::say_failed).number(static_cast<uint8_t>(say.kind)).rest(say.text).take(); },
        [](const SayAttached&) { return Writer(Tag::say_attached).take(); },
        [](const SayDone&) { return Writer(Tag::say_done).take(); },
        [](const SayRefused& say) { return Writer(Tag::say_refused).number(static_cast<uint8_t>(say.kind)).rest(say.text).take(); },
        [](const SayOutput& say) { return Writer(say.is_error ? Tag::say_error_output : Tag::say_output).rest(say.bytes).take(); },
        [](const SayNotice& say) { return Writer(Tag::say_notice).rest(say.text).take(); },
        [](const SayExited& say) {
            const auto ending = say.record.ending.value_or(kernel::Ending{});
            return Writer(Tag::say_exited).number(uint8_t{say.record.ending.has_value()}).number(uint8_t{ending.by_signal})
                .number(static_cast<int32_t>(ending.value)).number(uint8_t{say.record.oom_killed})
                .number(say.record.started_ns).number(say.record.finished_ns).take();
        },
    }, saying);
}

Result<Request> decode_request(Bytes packet) {
    const std::string_view text = text_of(packet);
    Reader reader(text);
    const auto tag = static_cast<Tag>(reader.number<uint8_t>());
    Request request;
    switch (tag) {
    case Tag::ask_attach: {
        AskAttach ask;
        ask.streams = read_streams(reader);
        ask.size = read_size(reader);
        request = ask;
        break;
    }
    case Tag::ask_wait: request = AskWait{}; break;
    case Tag::ask_resize: request = AskResize{read_size(reader)}; break;
    case Tag::ask_signal: {
        const auto number = reader.number<int32_t>();
        if (number < 1 || number > 64) reader.refuse();
        request = AskSignal{number};
        break;
    }
    case Tag::ask_exec: {
        AskExec ask;
        ask.id = reader.counted();
        ask.process_json = reader.rest();
        if (ask.id.size() != 64) reader.refuse();
        request = std::move(ask);
        break;
    }
    case Tag::give_input: request = GiveInput{reader.rest()}; break;
    case Tag::end_input: request = EndInput{}; break;
    case Tag::ask_memory: request = AskMemory{reader.flag()}; break;
    case Tag::cleaned_up: request = CleanedUp{}; break;
    default: return no_such_message(text);
    }
    if (!reader.is_sound()) return no_such_message(text);
    return request;
}

bool is_exec_request(Bytes beginning) { return !beginning.empty() && std::to_integer<uint8_t>(beginning[0]) == static_cast<uint8_t>(Tag::ask_exec); }

Result<Saying> decode_saying(Bytes packet) {
    const std::string_view text = text_of(packet);
    Reader reader(text);
    const auto tag = static_cast<Tag>(reader.number<uint8_t>());
    Saying saying;
    switch (tag) {
    case Tag::say_told: {
        SayTold say;
        const auto chapter = reader.number<uint8_t>();
        if (chapter > static_cast<uint8_t>(runtime::Chapter::talk)) return Error::invalid("a message of the monitor tells of a chapter that does not exist");
        say.told.chapter = static_cast<runtime::Chapter>(chapter);
        say.told.by_child = reader.flag();
        say.told.microseconds = reader.number<int64_t>();
        say.told.what = reader.counted();
        say.told.why = reader.rest();
        saying = std::move(say);
        break;
    }
    case Tag::say_started: {
        SayStarted say;
        say.pid = reader.number<int32_t>();
        say.started_ns = reader.number<int64_t>();
        saying = say;
        break;
    }
    case Tag::say_failed: {
        SayFailed say;
        say.kind = read_kind(reader);
        say.text = reader.rest();
        saying = std::move(say);
        break;
    }
    case Tag::say_attached: saying = SayAttached{}; break;
    case Tag::say_done: saying = SayDone{}; break;
    case Tag::say_refused: {
        SayRefused say;
        say.kind = read_kind(reader);
        say.text = reader.rest();
        saying = std::move(say);
        break;
    }
    case Tag::say_output:
    case Tag::say_error_output: saying = SayOutput{tag == Tag::say_error_output, reader.rest()}; break;
    case Tag::say_notice: saying = SayNotice{std::string(reader.rest())}; break;
    case Tag::say_exited: saying = SayExited{read_record(reader)}; break;
    default: return no_such_message(text);
    }
    if (!reader.is_sound()) return no_such_message(text);
    return saying;
}

}  // namespace skiff::monitor
