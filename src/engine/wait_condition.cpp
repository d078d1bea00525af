// SPDX-License-Identifier: Apache-2.0
#include "engine/wait_condition.hpp"

#include "base/text.hpp"
#include "engine/container_record.hpp"

namespace skiff::engine {
namespace {

struct Word { std::string_view word; WaitCondition means; };
constexpr Word k_words[] = {
    {"not-running", WaitCondition::not_running}, {"next-exit", WaitCondition::next_exit}, {"removed", WaitCondition::removed},
    {"created", WaitCondition::created}, {"configured", WaitCondition::created},
    {"running", WaitCondition::running}, {"paused", WaitCondition::paused}, {"restarting", WaitCondition::restarting},
    {"exited", WaitCondition::exited}, {"stopped", WaitCondition::exited}, {"unknown", WaitCondition::unknown},
};

struct Refusal { std::string_view word, why; };
constexpr Refusal k_refusals[] = {
    {"healthy", "skiff has no health checks yet"},
    {"unhealthy", "skiff has no health checks yet"},
    {"initialized", "skiff makes and starts a container in one step; wait for running"},
    {"stopping", "skiff has no such state: a container runs until it has ended; wait for exited"},
    {"removing", "skiff removes a container in one step; wait for removed"},
};

}  // namespace

Result<WaitCondition> parse_wait_condition(std::string_view word) {
    for (const Word& known : k_words)
        if (known.word == word) return known.means;
    for (const Refusal& refusal : k_refusals)
        if (refusal.word == word) return Error::unsupported("--condition {}: {}", word, refusal.why);
    return Error::invalid("--condition {}: no such condition", quoted(word))
        .hint("not-running, next-exit, removed, created, running, paused, restarting, exited or unknown");
}

bool holds(WaitCondition condition, ContainerStatus status) {
    switch (condition) {
        case WaitCondition::not_running: return !is_up(status) && status != ContainerStatus::restarting;
        case WaitCondition::next_exit:
        case WaitCondition::removed: return false;
        case WaitCondition::created: return status == ContainerStatus::created;
        case WaitCondition::running: return status == ContainerStatus::running;
        case WaitCondition::paused: return status == ContainerStatus::paused;
        case WaitCondition::restarting: return status == ContainerStatus::restarting;
        case WaitCondition::exited: return has_ended(status);
        case WaitCondition::unknown: return status == ContainerStatus::unknown;
    }
    return false;
}

bool is_met_by(WaitCondition condition, std::string_view action, bool stays) {
    switch (condition) {
        case WaitCondition::not_running:
        case WaitCondition::next_exit: return action == "die";
        case WaitCondition::exited: return action == "die" && stays;
        case WaitCondition::running: return action == "start" || action == "unpause";
        case WaitCondition::paused: return action == "pause";
        case WaitCondition::removed:
        case WaitCondition::created:
        case WaitCondition::restarting:
        case WaitCondition::unknown: return false;
    }
    return false;
}

}  // namespace skiff::engine
