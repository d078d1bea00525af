// SPDX-License-Identifier: Apache-2.0
#include "engine/attachment.hpp"

#include "engine/attachment_link.hpp"

namespace skiff::engine {
namespace {

Event event_of(const monitor::SayExited& said) {
    Event event;
    event.what = Event::What::ended;
    event.ended.exit_code = said.record.code();
    event.ended.is_known = said.record.ending.has_value();
    event.ended.oom_killed = said.record.oom_killed;
    return event;
}

}  // namespace

Attachment::Attachment(std::unique_ptr<Link> link) : link_(std::move(link)) {}
Attachment::Attachment(Attachment&&) noexcept = default;
Attachment& Attachment::operator=(Attachment&&) noexcept = default;
Attachment::~Attachment() = default;

kernel::FdView Attachment::fd() const { return link_->client.fd(); }

Result<Event> Attachment::next() {
    for (;;) {
        const auto said = TRY(link_->client.next());
        Event event;
        if (!said) return event;  // lost
        if (const auto* output = std::get_if<monitor::SayOutput>(&*said)) {
            event.what = output->is_error ? Event::What::error_output : Event::What::output;
            event.bytes = output->bytes;
            return event;
        }
        if (const auto* notice = std::get_if<monitor::SayNotice>(&*said)) {
            event.what = Event::What::notice;
            event.bytes = notice->text;
            return event;
        }
        if (const auto* told = std::get_if<monitor::SayTold>(&*said)) {
            event.what = Event::What::told;
            event.told = told->told;
            return event;
        }
        if (const auto* exited = std::get_if<monitor::SayExited>(&*said)) {
            event = event_of(*exited);
            if (link_->on_end && link_->on_end()) (void)link_->client.say_cleaned_up();  // unheard, the monitor does it again, harmlessly
            return event;
        }
        if (const auto* failed = std::get_if<monitor::SayFailed>(&*said)) return Error::make(failed->kind, "{}", failed->text);
        if (const auto* refused = std::get_if<monitor::SayRefused>(&*said)) return Error::make(refused->kind, "{}", refused->text);
    }
}

Result<> Attachment::send_input(Bytes bytes) { return link_->client.give_input(bytes); }
Result<> Attachment::close_input() {
    link_->held_input.reset();
    return link_->client.end_input();
}
Result<> Attachment::resize(uint16_t rows, uint16_t columns) { return link_->client.resize({rows, columns}); }
Result<> Attachment::signal(int number) { return link_->client.signal(number); }

}  // namespace skiff::engine
