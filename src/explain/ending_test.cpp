// SPDX-License-Identifier: Apache-2.0
#include "explain/ending.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skiff::explain {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t k_second = 1'000'000'000;

engine::PostMortem exited(int code) {
    engine::PostMortem facts;
    facts.name = "web";
    facts.state.status = engine::ContainerStatus::exited;
    facts.state.exit_code = code;
    facts.state.started_ns = 100 * k_second;
    facts.state.finished_ns = 103 * k_second;
    return facts;
}

TEST(Ending, AnExitCodeIsTheProgramsOwn) {
    const auto ending = explain_ending(exited(3), 0);
    EXPECT_EQ(ending.how, "it ended with exit code 3 after 3.0 s");
    EXPECT_THAT(ending.causes, Contains("the program's own"));
    EXPECT_THAT(ending.advice, IsEmpty());
}

TEST(Ending, ASignalThatNobodyOfUsSentHasNoSender) {
    const auto ending = explain_ending(exited(137), 0);
    EXPECT_THAT(ending.how, HasSubstr("SIGKILL"));
    EXPECT_THAT(ending.causes, Contains(HasSubstr("does not tell who did")));
}

TEST(Ending, ASignalOfOursHasOne) {
    auto facts = exited(143);
    facts.sent = engine::SignalMark{.command = "stop", .signal = 15, .pid = 42, .uid = 1000, .sent_ns = 102 * k_second};
    const auto ending = explain_ending(facts, 0);
    EXPECT_THAT(ending.causes, Contains(HasSubstr("`skiff stop` (process 42, uid 1000) sent it SIGTERM")));
    EXPECT_THAT(ending.causes, Not(Contains(HasSubstr("does not tell"))));
}

TEST(Ending, WantOfMemoryIsTheCauseAndSomeAdvice) {
    auto facts = exited(137);
    facts.state.oom_killed = true;
    facts.limits.memory = 64 << 20;
    facts.state.used = monitor::Accounting{.cpu_ns = 0, .throttled_ns = 0, .memory_peak = 64 << 20, .memory_limit = 64 << 20, .limit_hits = 9, .oom_kills = 2, .read_bytes = 0, .written_bytes = 0};
    const auto ending = explain_ending(facts, 0);
    EXPECT_THAT(ending.causes, Contains(HasSubstr("killed 2 of its processes")));
    EXPECT_THAT(ending.causes, Not(Contains(HasSubstr("does not tell"))));
    EXPECT_THAT(ending.used, Contains("memory: at most 64 MiB of 64 MiB; the limit was met 9 times"));
    EXPECT_THAT(ending.advice, Contains(HasSubstr("skiff update -m 128m web")));
}

TEST(Ending, AnEndThatNobodySawIsCalledThat) {
    auto facts = exited(0);
    facts.state.status = engine::ContainerStatus::unknown;
    facts.state.exit_code = std::nullopt;
    EXPECT_THAT(explain_ending(facts, 0).how, HasSubstr("nobody saw how"));
    EXPECT_THAT(explain_ending(facts, 0).causes, Contains(HasSubstr("together with its monitor")));
    facts.state.status = engine::ContainerStatus::exited;
    facts.state.exit_code = 255;
    facts.state.host_went_down = true;
    EXPECT_THAT(explain_ending(facts, 0).how, HasSubstr("the host went down"));
}

TEST(Ending, ARestartPolicyHasItsSentence) {
    using When = engine::RestartPolicy::When;
    auto facts = exited(3);
    EXPECT_THAT(explain_ending(facts, 0).causes, Not(Contains(HasSubstr("again by itself"))));
    facts.policy = {.when = When::on_failure, .most = 2};
    facts.restarts = 2;
    EXPECT_THAT(explain_ending(facts, 0).causes, Contains("it does not start again by itself (--restart on-failure:2): it has done so 2 times"));
    facts.was_stopped = true;
    EXPECT_THAT(explain_ending(facts, 0).causes, Contains("it does not start again by itself (--restart on-failure:2): somebody stopped it"));

    facts.was_stopped = false;
    facts.policy = {.when = When::always, .most = 0};
    facts.state.status = engine::ContainerStatus::restarting;
    facts.next_start_ns = 3 * k_second;
    const auto waiting = explain_ending(facts, 0);
    EXPECT_EQ(waiting.how, "it ended with exit code 3 after 3.0 s");
    EXPECT_THAT(waiting.causes, Contains("it starts again by itself in 3.0 s (--restart always; restart 2)"));
    EXPECT_THAT(waiting.advice, Contains(HasSubstr("skiff stop web")));

    facts.state.error = "no such program";
    EXPECT_THAT(explain_ending(facts, 0).how, HasSubstr("could not be started again"));
    EXPECT_THAT(explain_ending(facts, 0).causes, Contains("no such program"));
}

TEST(Ending, ALifeAfterARestartKnowsTheOneBefore) {
    engine::PostMortem facts;
    facts.policy = {.when = engine::RestartPolicy::When::always, .most = 0};
    facts.state.status = engine::ContainerStatus::running;
    facts.restarts = 3;
    facts.before = engine::PostMortem::Before{.exit_code = 9, .oom_killed = true, .ended_ns = k_second, .used = {}};
    const auto ending = explain_ending(facts, 6 * k_second);
    EXPECT_THAT(ending.causes, Contains(HasSubstr("started again by itself (--restart always), 3 times so far; the life before ended with exit code 9")));
    EXPECT_THAT(ending.causes, Contains(HasSubstr("for want of memory")));
}

TEST(Ending, OneThatIsPausedForMemorySaysWhatItNeedsAndOneKilledThereWhy) {
    engine::PostMortem facts;
    facts.name = "web";
    facts.limits.memory = 48 << 20;
    facts.limits.oom = {.policy = "pause", .headroom = 16 << 20, .deadline_ns = 30 * k_second, .pressure = ""};
    facts.state.status = engine::ContainerStatus::paused;
    facts.state.out_of_memory = monitor::MemoryMark{.promised = 48 << 20, .hard = 64 << 20, .usage = 50 << 20, .since_ns = k_second, .deadline_ns = {}};
    const auto paused = explain_ending(facts, 6 * k_second);
    EXPECT_THAT(paused.how, HasSubstr("it needs more memory than it was given, and has been paused for 5.0 s"));
    EXPECT_THAT(paused.advice, Contains("skiff update --memory 96m web"));

    auto killed = exited(137);
    killed.limits = facts.limits;
    killed.state.oom_killed = killed.state.oom_deadline = true;
    EXPECT_THAT(explain_ending(killed, 0).causes, Contains(HasSubstr("nobody gave it more within 30.0 s (--oom-deadline)")));
}

TEST(Ending, WhatHasNotEndedIsNotExplained) {
    engine::PostMortem facts;
    facts.name = "web";
    EXPECT_EQ(explain_ending(facts, 0).how, "it was never started");
    facts.state.status = engine::ContainerStatus::running;
    facts.state.started_ns = k_second;
    EXPECT_EQ(explain_ending(facts, 6 * k_second).how, "it has not ended: it has been running for 5.0 s");
}

}  // namespace
}  // namespace skiff::explain
