// SPDX-License-Identifier: Apache-2.0
// `wait`: until a container is in a state, or something has happened to it. Nothing is looked at twice without a reason: an
// event in the journal, a file in the container's directory, its monitor's word, or the end of a process wakes it.
#include <algorithm>

#include "base/text.hpp"
#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/event_alarm.hpp"
#include "engine/house.hpp"
#include "engine/restarting.hpp"
#include "engine/state.hpp"
#include "kernel/poll.hpp"
#include "monitor/client.hpp"
#include "monitor/event_journal.hpp"

namespace skiff::engine {
namespace {

Ended ended_of(const ContainerState& state) {
    // docker: a container that was never started has the code of its failed start, or 0
    if (state.status == ContainerStatus::created) return Ended{.exit_code = state.exit_code.value_or(0)};
    return Ended{.exit_code = state.exit_code.value_or(monitor::k_unknown_code), .is_known = state.exit_code.has_value(), .oom_killed = state.oom_killed};
}

/// "die", as the journal has it.
Ended ended_of(const codec::Event& died) {
    const auto code = died.attributes.find("exitCode");
    const auto number = code == died.attributes.end() ? std::nullopt : parse_int(code->second);
    return Ended{.exit_code = static_cast<int>(number.value_or(monitor::k_unknown_code)), .is_known = number && !died.attributes.contains("exitCodeUnknown")};
}

/// Which life an event of a monitor's is about: its key without the action.
std::string_view life_of(const codec::Event& event) { return std::string_view(event.key).substr(std::min(event.key.size(), event.action.size())); }

/// One of the containers that are waited for, and what is known of it since the beginning.
struct Subject {
    ContainerRecord record;
    bool was_up = false;                   ///< at the beginning, and which life that was
    int64_t first_life_ns = 0;
    ContainerState state;                  ///< at the last look
    std::vector<codec::Event> events;      ///< of its own, since the beginning
    std::optional<Ended> answer;           ///< its monitor's: an end since the beginning

    bool has_been_up() const { return was_up || answer || std::ranges::any_of(events, [](const auto& event) { return event.action == "start"; }); }
    const codec::Event* first(std::string_view action) const {
        const auto found = std::ranges::find(events, action, &codec::Event::action);
        return found == events.end() ? nullptr : &*found;
    }
    /// An end since the beginning that stands on record. (A monitor notes "die" a moment before.)
    std::optional<Ended> find_end() const {
        if (answer) return answer;
        if (const auto* died = first("die")) {
            const bool lives_again = std::ranges::any_of(events, [&](const auto& event) { return event.action == "start" && life_of(event) != life_of(*died); });
            if (lives_again) return ended_of(*died);
            if (!is_up(state.status)) return state.exit_code ? ended_of(state) : ended_of(*died);
        }
        if (was_up && !is_up(state.status)) return ended_of(state);
        if (was_up && state.life_ns != first_life_ns) return Ended{.exit_code = monitor::k_unknown_code, .is_known = false};
        return std::nullopt;
    }
};

/// What was waited for, if it is there or has been there.
std::optional<Waited> judge(const Subject& subject, WaitCondition condition) {
    const bool stays = !subject.record.config.restart.is_set();
    if (is_met_by(condition, "die", stays))
        if (const auto end = subject.find_end()) return Waited{end};
    for (const codec::Event& event : subject.events)
        if (event.action != "die" && is_met_by(condition, event.action, stays)) return Waited{};
    if (!holds(condition, subject.state.status)) return std::nullopt;
    if (condition == WaitCondition::running && subject.state.pid == 0) return std::nullopt;  // its monitor is there, its program not yet or no more
    const bool tells_an_end = condition == WaitCondition::not_running || condition == WaitCondition::exited || condition == WaitCondition::unknown;
    return tells_an_end ? Waited{ended_of(subject.state)} : Waited{};
}

class Waits {
public:
    /// From here on nothing that happens is missed.
    static Result<Waits> begin(Engine::House& house, const std::vector<WaitCondition>& conditions) {
        Waits waits(house, conditions, TRY(EventAlarm::on(house)));
        TRY(waits.journal_.skip());
        return waits;
    }

    Result<> add(const std::string& reference) {
        Subject subject;
        subject.record = TRY(find_attended(*house_, reference));
        TRY(alarm_.add_container(*house_, subject.record.id));
        subject.state = TRY(look_up_state(*house_, subject.record));
        subject.was_up = is_up(subject.state.status);
        subject.first_life_ns = subject.state.life_ns;
        subjects_.push_back(std::move(subject));
        return {};
    }

    /// Of the one that was added as number `place`.
    Result<Waited> finish(size_t place) {
        Subject& subject = subjects_[place];
        monitor_.reset(), may_ask_ = true, init_has_ended_ = false;
        while (true) {
            if (const auto waited = TRY(look(subject))) return *waited;
            TRY(rest(subject));
        }
    }

private:
    Waits(Engine::House& house, const std::vector<WaitCondition>& conditions, EventAlarm alarm)
        : house_(&house), conditions_(&conditions), alarm_(std::move(alarm)), journal_(house.event_journal()) {}

    bool wants(WaitCondition condition) const { return std::ranges::find(*conditions_, condition) != conditions_->end(); }

    Result<> take_events() {
        for (const auto& event : TRY(journal_.next()))
            for (Subject& subject : subjects_)
                if (event.type == "container" && event.id == subject.record.id) subject.events.push_back(event);
        return {};
    }

    Result<std::optional<Waited>> look(Subject& subject) {
        TRY(take_events());  // before the state, which is then as new as they are
        auto record = house_->store.find(subject.record.id);
        if (!record && record.error().is(Kind::not_found)) return TRY(look_at_gone(subject));
        if (!record) return std::move(record).error();
        subject.record = std::move(*record);  // it may have been renamed, and its policy changed

        const auto adopted = adopt_orphan(*house_, subject.record, {}, WhenBusy::wait);
        if (!adopted && adopted.error().is(Kind::not_found)) return TRY(look_at_gone(subject));
        subject.state = TRY(look_up_state(*house_, subject.record));
        auto waited = judge(subject);
        if (!waited || is_up(subject.state.status)) return waited;

        // While somebody starts it, its files tell of two lives: who has its lock sees one.
        const auto lock = lock_container(*house_, subject.record);
        if (!lock && lock.error().is(Kind::not_found)) return TRY(look_at_gone(subject));
        if (!lock) return lock.error();
        subject.state = TRY(look_up_state(*house_, subject.record));
        return judge(subject);
    }

    std::optional<Waited> judge(const Subject& subject) const {
        for (const WaitCondition condition : *conditions_)
            if (const auto waited = engine::judge(subject, condition)) return waited;
        return std::nullopt;
    }

    /// It is removed: what is waited for has happened by now, or never will.
    Result<Waited> look_at_gone(Subject& subject) {
        TRY(take_events());
        std::optional<Ended> end = subject.answer;
        if (const auto* died = subject.first("die"); !end && died) end = ended_of(*died);
        const Ended nobody_knows{.exit_code = monitor::k_unknown_code, .is_known = false};
        if (!end && subject.has_been_up()) end = nobody_knows;
        const bool waits_for_end = wants(WaitCondition::not_running) || wants(WaitCondition::next_exit) || wants(WaitCondition::exited);
        if (end && (waits_for_end || wants(WaitCondition::removed))) return Waited{end};
        if (wants(WaitCondition::removed)) return Waited{ended_of(subject.state)};
        if (const auto waited = judge(subject); waited && !waited->ended) return *waited;  // it had come to that before
        return Error::not_found("container {} was removed while it was waited for", shown(subject.record));
    }

    Result<> rest(Subject& subject) {
        kernel::Fd init, next_start;
        if (is_up(subject.state.status)) init = connect(subject);
        else monitor_.reset(), init_has_ended_ = false;
        if (subject.state.status == ContainerStatus::restarting) next_start = TRY(find_next_start(subject));

        std::vector<kernel::Watched> watched = {{.fd = alarm_.fd()}, {.fd = monitor_ ? monitor_->fd() : kernel::FdView()}, {.fd = init}, {.fd = next_start}};
        (void)TRY(kernel::wait_for_events(watched));
        if (watched[0].is_ready()) TRY(alarm_.rearm(*house_));
        if (watched[1].is_ready()) hear(subject);
        if (watched[2].is_ready()) init_has_ended_ = true;  // what it left, its directory tells
        return {};
    }

    /// To its monitor, who tells the end when it is on record; where there is none to be had, the first process.
    kernel::Fd connect(const Subject& subject) {
        if (monitor_) return {};
        if (may_ask_)
            if (auto client = meet_witness(*house_, subject.record)) monitor_ = std::move(*client);
        if (monitor_ || init_has_ended_) return {};
        auto running = find_running(*house_, subject.record);
        return running ? std::move(running->init) : kernel::Fd();
    }

    void hear(Subject& subject) {
        const auto said = monitor_->next();
        const auto* exited = said && *said ? std::get_if<monitor::SayExited>(&**said) : nullptr;
        if (exited && !subject.answer)
            subject.answer = Ended{.exit_code = exited->record.code(), .is_known = exited->record.ending.has_value(), .oom_killed = exited->record.oom_killed};
        if (said && *said && !exited) may_ask_ = false;  // it serves too many already
        monitor_.reset();  // it was killed: there is another one by the next look
    }

    /// The process that will start it again; begun here where somebody who should have was killed.
    Result<kernel::Fd> find_next_start(const Subject& subject) {
        auto found = TRY(find_waiting(*house_, subject.record.id));
        if (!found) {
            TRY(clean_up(*house_, subject.record.id));
            found = TRY(find_waiting(*house_, subject.record.id));
        }
        return found ? std::move(*found) : kernel::Fd();
    }

    Engine::House* house_;
    const std::vector<WaitCondition>* conditions_;
    EventAlarm alarm_;
    monitor::JournalReader journal_;
    std::vector<Subject> subjects_;
    // Of the one that is being waited for:
    std::optional<monitor::Client> monitor_;
    bool may_ask_ = true, init_has_ended_ = false;
};

}  // namespace

Result<> Engine::wait(const std::vector<std::string>& references, const std::vector<WaitCondition>& conditions,
                      const std::function<Result<>(const std::string&, const Result<Waited>&)>& tell) {
    auto waits = TRY(Waits::begin(*house_, conditions));
    std::vector<Result<>> added;
    for (const auto& reference : references) added.push_back(waits.add(reference));  // all of them before the first wait
    size_t place = 0;
    for (size_t number = 0; number < references.size(); ++number) {
        if (!added[number]) TRY(tell(references[number], std::move(added[number]).error()));
        else TRY(tell(references[number], waits.finish(place++)));
    }
    return {};
}

Result<Ended> Engine::wait(const std::string& reference) {
    const std::vector<WaitCondition> conditions{WaitCondition::not_running};
    auto waits = TRY(Waits::begin(*house_, conditions));
    TRY(waits.add(reference));
    const Waited waited = TRY(waits.finish(0));
    return *waited.ended;  // not_running always tells one
}

}  // namespace skiff::engine
