// SPDX-License-Identifier: Apache-2.0
#include "monitor/keeper.hpp"

#include <signal.h>
#include <unistd.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "kernel/event.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"
#include "kernel/signal_queue.hpp"
#include "monitor/notices.hpp"

namespace skiff::monitor {
namespace {

/// A worker that ends at once again and again would only burn the processor: after so many within a second each, the
/// next one comes a second later.
constexpr int k_quick_deaths = 5;
constexpr int k_pause_ms = 1000;

RunningExec* find_exec(Shared& shared, pid_t pid) {
    for (RunningExec& exec : shared.execs)
        if (exec.pid == pid) return &exec;
    return nullptr;
}

void note_if_exec(const World& world, const kernel::EndedChild& ended) {
    if (const RunningExec* exec = find_exec(*world.shared, ended.pid)) note_exec_end(world, std::string_view(exec->id, sizeof exec->id), ended.ending);
}

/// Whoever removed the container by force took its run directory, too: no worker could do anything there any more.
bool is_removed(const World& world) {
    const auto is_there = kernel::is_linked(world.directory);
    return is_there && !*is_there;
}

/// After it was reaped: until then its pid is nobody else's.
void forget_exec(Shared& shared, pid_t pid) {
    if (RunningExec* exec = find_exec(shared, pid)) exec->pid = RunningExec::k_free;
}

}  // namespace

Result<> reap_the_ended(World& world) {
    while (const auto ended = TRY(kernel::peek_at_ended_child())) {
        // Written down first: should we be killed between the two lines, the one who reaps it instead says the same.
        if (ended->pid == world.shared->pid && world.shared->fate == Shared::Fate::unknown) {
            world.shared->learn(ended->ending);
            kernel::reap(ended->pid);
            TRY(kernel::raise_event(world.learnt));
        } else {
            note_if_exec(world, *ended);  // before: should we be killed between the two, it is noted again, and shown once
            kernel::reap(ended->pid);
            forget_exec(*world.shared, ended->pid);
        }
    }
    return {};
}

int keep(World& world, kernel::Fd worker, kernel::Fd root_mount, const std::function<int(kernel::Fd keeper)>& work) {
    kernel::name_this_process("skiff:[keeper]", "skiff:[keeper] " + world.order.name);
    auto children = kernel::SignalQueue::of({SIGCHLD});
    if (!children || !reap_the_ended(world)) return 1;

    int quick_deaths = 0;
    int64_t born_ns = boottime_ns();
    std::vector<kernel::Watched> watched(4);
    while (true) {
        watched[0] = {.fd = children->fd()};
        watched[1] = {.fd = worker};
        watched[2] = {.fd = root_mount ? kernel::FdView(world.init) : kernel::FdView()};
        watched[3] = {.fd = world.keeper_call};
        const auto something_happened = kernel::wait_for_events(watched, k_short_rest_ms);
        if (something_happened && !*something_happened) kernel::release_program_pages();
        if (!something_happened || (!*something_happened && !kernel::wait_for_events(watched))) return 1;

        if (watched[0].is_ready()) {
            while (children->next().value_or(std::nullopt)) {}
        }
        if (!reap_the_ended(world)) return 1;
        if (watched[2].is_ready()) root_mount.reset();  // unmounts the root here, beside everybody's path
        kernel::lower_event(world.keeper_call);
        if (world.shared->input_ended) world.input.reset();
        if (!watched[1].is_ready()) continue;

        if (world.shared->is_over || is_removed(world)) return 0;
        quick_deaths = boottime_ns() - born_ns < 1'000'000'000 ? quick_deaths + 1 : 0;
        if (quick_deaths > k_quick_deaths) {
            std::vector<kernel::Watched> nothing;
            (void)kernel::wait_for_events(nothing, k_pause_ms);
        }
        born_ns = boottime_ns();
        auto me = kernel::open_process(getpid());
        if (!me) return 1;
        auto next = kernel::fork_child([&] {
            worker.reset();
            root_mount.reset();
            kernel::reset_signals();
            return work(std::move(*me));
        });
        if (!next) return 1;
        worker = next->release();
    }
}

Result<kernel::Child> fork_keeper(World& world, const std::function<int(kernel::Fd keeper)>& work) {
    kernel::Fd me = TRY(kernel::open_process(getpid()));
    return kernel::fork_child([&] {
        kernel::reset_signals();
        world.memory_usage.reset();  // the kernel raises them as long as anybody has them
        world.memory_pressure.reset();
        return keep(world, std::move(me), kernel::Fd(), work);
    });
}

void set_oom_score(int score) { (void)kernel::write_setting("/proc/self/oom_score_adj", format("{}", score)); }

std::optional<int> guard_against_oom() {
    const auto before = kernel::read_whole_file("/proc/self/oom_score_adj", 32);
    const auto number = before ? parse_int(trim(*before)) : std::nullopt;
    if (!number || !kernel::write_setting("/proc/self/oom_score_adj", "-999")) return std::nullopt;
    return static_cast<int>(*number);
}

}  // namespace skiff::monitor
