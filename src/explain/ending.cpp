// SPDX-License-Identifier: Apache-2.0
#include "explain/ending.hpp"

#include <csignal>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "kernel/process.hpp"

namespace skiff::explain {
namespace {

using engine::ContainerStatus;
using engine::PostMortem;

constexpr int64_t k_second = 1'000'000'000;
constexpr int k_by_signal = 128;
constexpr int k_start_failed = 125;

std::string size_of(int64_t bytes) {
    if (bytes >= 10 << 20) return format("{} MiB", bytes >> 20);
    if (bytes >= 1 << 20) return format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
    return format("{} KiB", (bytes + 1023) >> 10);
}

std::string time_of(int64_t ns) {
    if (ns < k_second) return format("{} ms", ns / 1'000'000);
    if (ns < 100 * k_second) return format("{:.1f} s", static_cast<double>(ns) / k_second);
    return format("{} min {} s", ns / k_second / 60, ns / k_second % 60);
}

/// What an exit code usually means, where there is a custom.
const char* custom_of(int code) {
    switch (code) {
        case 1: return "the program's own: most say 1 for any failure";
        case 2: return "the program's own: shells say 2 for wrong usage";
        case 126: return "a shell inside says so of a command that cannot be executed";
        case 127: return "a shell inside says so of a command that is not found";
        case 255: return "the program's own: often -1";
        default: return "the program's own";
    }
}

std::string meaning_of(int signal) {
    switch (signal) {
        case SIGSEGV: return "it touched memory that is not its own";
        case SIGBUS: return "it touched memory that is not there (a file that shrank, a full /dev/shm)";
        case SIGABRT: return "it gave up by itself (abort, a failed assertion)";
        case SIGILL: return "the processor does not know one of its instructions";
        case SIGFPE: return "it divided by zero or the like";
        case SIGSYS: return "its seccomp filter forbids a system call";
        case SIGPIPE: return "it wrote to somebody who had gone";
        case SIGXCPU: return "its limit of processor time was reached";
        case SIGXFSZ: return "its limit of a file's size was reached";
        default: return {};
    }
}

/// The signal that ended it, or that the program says ended a child of its.
int signal_in(const PostMortem& facts) {
    const int code = facts.state.exit_code.value_or(0);
    return code > k_by_signal && code <= k_by_signal + 64 ? code - k_by_signal : 0;
}

std::string lived(const PostMortem& facts) {
    const auto& state = facts.state;
    if (state.started_ns == 0 || state.finished_ns < state.started_ns) return {};
    return " after " + time_of(state.finished_ns - state.started_ns);
}

void tell_of_signal(const PostMortem& facts, int signal, Ending& ending) {
    const auto& sent = facts.sent;
    if (sent) {
        ending.causes.push_back(format("`skiff {}` (process {}, uid {}) sent it {} at {}", sent->command, sent->pid, sent->uid, kernel::signal_name(sent->signal), to_rfc3339(sent->sent_ns)));
        if (sent->command == "stop" && sent->signal == SIGKILL) {
            ending.causes.emplace_back("it had not ended within the time that stop gives");
            ending.advice.push_back(format("let the program end on {}, or give it longer: skiff stop -t 60 {}", "SIGTERM", facts.name));
        }
        if (sent->signal == signal) return;
    }
    if (facts.state.oom_killed && signal == SIGKILL) return;
    if (const std::string meaning = meaning_of(signal); !meaning.empty()) ending.causes.push_back(meaning);
    else if (!sent) ending.causes.emplace_back("no command of skiff sent it; the kernel does not tell who did");
    if (signal == SIGSYS) ending.advice.push_back("see which call: strace -f, or run it with --security-opt seccomp=unconfined to be sure");
}

void tell_of_memory(const PostMortem& facts, Ending& ending) {
    const auto& state = facts.state;
    const std::string limit = state.used && state.used->memory_limit > 0 ? " of " + size_of(state.used->memory_limit) : std::string();
    if (state.oom_deadline) {
        ending.causes.push_back(format("it needed more memory than {} and was paused; nobody gave it more within {} (--oom-deadline)", size_of(facts.limits.memory.value_or(0)),
                                       time_of(facts.limits.oom.deadline_ns.value_or(0))));
        ending.advice.push_back(format("give it more: {} && skiff start {}", engine::advise_on_memory(facts.name, facts.limits).front(), facts.name));
    } else if (state.oom_killed) {
        ending.causes.push_back(format("the kernel killed {} of its processes for want of memory", state.used && state.used->oom_kills > 0 ? format("{}", state.used->oom_kills) : "some"));
        if (signal_in(facts) != SIGKILL) ending.causes.emplace_back("its first process outlived that and ended by itself");
        if (facts.limits.oom.policy == "pause") {
            ending.causes.push_back(format("it took the {} between --memory and the kernel's limit before it could be paused", size_of(facts.limits.oom.headroom.value_or(0))));
            ending.advice.emplace_back("a larger --oom-headroom, when it is created, leaves more time to pause it");
        }
        const int64_t now = facts.limits.memory.value_or(0);
        if (now > 0) ending.advice.push_back(format("give it more: skiff update -m {}m {} && skiff start {}", 2 * (now >> 20), facts.name, facts.name));
        else ending.advice.emplace_back("the host itself had no memory left: give the containers limits (-m), so that the right one is killed");
    }
    if (!state.used) return;
    if (state.used->memory_peak > 0)
        ending.used.push_back(format("memory: at most {}{}{}", size_of(state.used->memory_peak), limit, state.used->limit_hits > 0 ? format("; the limit was met {} times", state.used->limit_hits) : ""));
}

/// One that stands still because it needs more memory.
void tell_of_pause(const PostMortem& facts, int64_t now_ns, Ending& ending) {
    const auto& mark = *facts.state.out_of_memory;
    const auto bytes = [](uint64_t size) { return size_of(static_cast<int64_t>(size)); };
    ending.how = format("it has not ended: it needs more memory than it was given, and has been paused for {}", time_of(now_ns - mark.since_ns));
    ending.causes.push_back(format("{} of {} were used, and the kernel could take nothing back", bytes(mark.usage), bytes(mark.promised)));
    ending.causes.push_back(format("at {} the kernel would kill: --oom-policy pause stops it before", bytes(mark.hard)));
    if (facts.limits.oom.deadline_ns) ending.causes.push_back(format("it is killed {} after it was paused (--oom-deadline)", time_of(*facts.limits.oom.deadline_ns)));
    ending.advice = engine::advise_on_memory(facts.name, facts.limits);
}

void tell_of_time(const PostMortem& facts, Ending& ending) {
    const auto& used = facts.state.used;
    if (!used) return;
    std::string text = "processor time: " + time_of(used->cpu_ns);
    if (used->throttled_ns > 0) text += format("; made to wait {} by --cpus", time_of(used->throttled_ns));
    ending.used.push_back(text);
    if (used->read_bytes + used->written_bytes > 0) ending.used.push_back(format("block I/O: {} read, {} written", size_of(used->read_bytes), size_of(used->written_bytes)));
}

void tell_of_restarts(const PostMortem& facts, Ending& ending) {
    if (!facts.policy.is_set()) return;
    const std::string policy = "--restart " + engine::text_of(facts.policy);
    const std::string so_far = facts.restarts == 0 ? "it has not come to that yet" : facts.restarts == 1 ? "once so far" : format("{} times so far", facts.restarts);
    if (facts.before) {
        const std::string code = facts.before->exit_code ? format("exit code {}", *facts.before->exit_code) : "nobody knows which exit code";
        ending.causes.push_back(format("it was started again by itself ({}), {}; the life before ended with {} at {}", policy, so_far, code, to_rfc3339(facts.before->ended_ns)));
        if (facts.before->oom_killed) ending.causes.emplace_back("in that life the kernel killed processes of it for want of memory");
        if (facts.before->used) ending.used.push_back(format("the life before: memory at most {}, processor time {}", size_of(facts.before->used->memory_peak), time_of(facts.before->used->cpu_ns)));
    } else if (facts.next_start_ns) {
        ending.causes.push_back(format("it starts again by itself in {} ({}; restart {})", time_of(*facts.next_start_ns), policy, facts.restarts));
        ending.advice.push_back(format("end that: skiff stop {}; or skiff update --restart no {}", facts.name, facts.name));
    } else if (!engine::has_ended(facts.state.status)) {
        ending.causes.push_back(format("when it ends it may start again by itself ({}): {}", policy, so_far));
    } else if (facts.was_stopped) {
        ending.causes.push_back(format("it does not start again by itself ({}): somebody stopped it", policy));
    } else if (facts.policy.most > 0 && facts.restarts >= facts.policy.most) {
        ending.causes.push_back(format("it does not start again by itself ({}): it has done so {} times", policy, facts.restarts));
    } else {
        ending.causes.push_back(format("it does not start again by itself now ({}): {}", policy, so_far));
    }
}

void tell_how_it_ended(const PostMortem& facts, Ending& ending) {
    const auto& state = facts.state;
    if (state.host_went_down) {
        ending.how = "it ran when the host went down; its exit code is not known, and 255 stands for it";
        ending.causes.emplace_back("the host was rebooted, or lost its power");
        ending.advice.push_back("skiff start " + facts.name);
        return;
    }
    if (!state.exit_code) {
        ending.how = "it has ended, and nobody saw how: both processes of its monitor had been killed";
        if (facts.sent) ending.causes.push_back(format("`skiff {}` had sent it {} at {}", facts.sent->command, kernel::signal_name(facts.sent->signal), to_rfc3339(facts.sent->sent_ns)));
        ending.causes.emplace_back("somebody may have killed it together with its monitor (kill -9, or the end of everything in a session or service)");
        if (!state.oom_killed) ending.causes.emplace_back("or the kernel did, for want of memory of the host: see dmesg");
        ending.advice.push_back("skiff start " + facts.name);
        return;
    }
    const int code = *state.exit_code, signal = signal_in(facts);
    ending.how = format("it ended with exit code {}{}", code, lived(facts));
    if (signal != 0) {
        ending.how += format(": {}", kernel::signal_name(signal));
        tell_of_signal(facts, signal, ending);
    } else if (code == 0) {
        ending.causes.emplace_back("the program ended by itself and calls that success");
        if (facts.sent) ending.causes.push_back(format("`skiff {}` had sent it {}", facts.sent->command, kernel::signal_name(facts.sent->signal)));
    } else {
        ending.causes.emplace_back(custom_of(code));
        if (facts.sent) ending.causes.push_back(format("`skiff {}` had sent it {}", facts.sent->command, kernel::signal_name(facts.sent->signal)));
    }
}

}  // namespace

Ending explain_ending(const PostMortem& facts, int64_t now_ns) {
    Ending ending;
    const auto& state = facts.state;
    switch (state.status) {
        case ContainerStatus::created:
            if (state.error.empty()) {
                ending.how = "it was never started";
                ending.advice.push_back("skiff start " + facts.name);
            } else {
                ending.how = format("it could not be started (exit code {})", state.exit_code.value_or(k_start_failed));
                ending.causes.push_back(state.error);
            }
            return ending;
        case ContainerStatus::running:
        case ContainerStatus::paused:
            if (state.out_of_memory) {
                tell_of_pause(facts, now_ns, ending);
                return ending;
            }
            ending.how = format("it has not ended: it has been {} for {}", state.status == ContainerStatus::paused ? "there, and is paused," : "running", time_of(now_ns - state.started_ns));
            ending.advice.push_back("skiff stats " + facts.name);
            tell_of_restarts(facts, ending);
            return ending;
        case ContainerStatus::removing:
        case ContainerStatus::dead: ending.how = "it is being removed"; return ending;
        case ContainerStatus::restarting:
        case ContainerStatus::exited:
        case ContainerStatus::unknown: break;
    }
    if (!state.error.empty()) {  // an automatic start
        ending.how = format("it could not be started again (exit code {})", state.exit_code.value_or(k_start_failed));
        ending.causes.push_back(state.error);
        tell_of_restarts(facts, ending);
        return ending;
    }
    tell_how_it_ended(facts, ending);
    tell_of_restarts(facts, ending);
    tell_of_memory(facts, ending);
    tell_of_time(facts, ending);
    return ending;
}

}  // namespace skiff::explain
