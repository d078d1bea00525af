// SPDX-License-Identifier: Apache-2.0
// The container's end: how it ended, the last bytes, exit.json, the goodbye to clients, and the cleaning up.
#include "monitor/worker.hpp"

#include <fcntl.h>
#include <signal.h>

#include "base/time.hpp"
#include "cgroup/group.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/event.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "monitor/keeper.hpp"
#include "monitor/notices.hpp"
#include "runtime/state.hpp"

namespace skiff::monitor {
namespace {

/// How long a client may take to clean up before the monitor does it itself.
constexpr int64_t k_patience_ns = 2'000'000'000;
/// What is taken from the container's pipes after its end. Less than that fits into them; more comes only from processes
/// outside its PID namespace that hold them open, and those do not hold the end up.
constexpr size_t k_last_batches = 64;

Result<std::unique_ptr<cgroup::Group>> group_of(const World& world) {
    const auto states = TRY(runtime::StateDir::open(world.order.states));
    const auto record = TRY(states.load(world.order.id));
    const auto hierarchies = TRY(cgroup::probe_hierarchies());
    return cgroup::open_group(hierarchies, record.cgroup);
}

/// An out-of-memory event also comes when nothing was killed.
bool was_out_of_memory(const World& world) {
    const bool was_told = world.oom && kernel::lower_event(world.oom);
    if (!was_told && !world.shared->was_adopted) return false;  // while nobody was there, nobody could be told
    const auto count = [&]() -> Result<uint64_t> { return TRY(group_of(world))->oom_kills(); };
    const auto kills = count();
    return kills ? *kills > 0 : was_told;  // the group is gone: the event is all there is
}

Result<Accounting> account(const World& world) {
    const cgroup::Stats stats = TRY(TRY(group_of(world))->stats());
    Accounting used;
    if (stats.cpu) {
        used.cpu_ns = static_cast<int64_t>(stats.cpu->usage_ns);
        used.throttled_ns = static_cast<int64_t>(stats.cpu->throttled_ns);
    }
    if (stats.memory) {
        used.memory_peak = static_cast<int64_t>(stats.memory->peak);
        used.memory_limit = static_cast<int64_t>(stats.memory->limit.value_or(0));
        used.limit_hits = static_cast<int64_t>(stats.memory->limit_hits);
        used.oom_kills = static_cast<int64_t>(stats.memory->oom_kills);
    }
    if (stats.block_io) {
        used.read_bytes = static_cast<int64_t>(stats.block_io->read_bytes);
        used.written_bytes = static_cast<int64_t>(stats.block_io->written_bytes);
    }
    return used;
}

}  // namespace

/// Whether the container's fate is known by now, asking everybody who may know.
Result<bool> Worker::learn_fate() {
    Shared& shared = *world_->shared;
    if (shared.fate != Shared::Fate::unknown) return true;
    if (!init_has_ended_) return false;
    TRY(reap_the_ended(*world_));  // it may be our own child by now
    if (shared.fate != Shared::Fate::unknown) return true;
    if (keeper_.pidfd && keeper_.is_parent) return false;  // it will say so

    // Its parents were killed both; init reaps it, and the kernel keeps what became of it for who holds a pidfd.
    if (world_->init) {
        if (const auto seen = kernel::ending_of_zombie(world_->init)) {
            shared.learn(*seen);
            return true;
        }
    }
    const auto ending = kernel::ending_of_stranger(world_->init);
    if (ending && !*ending) return false;
    if (ending) shared.learn(**ending);
    else shared.fate = Shared::Fate::lost;
    return true;
}

Result<> Worker::drain() {
    for (const bool is_error : {false, true}) {
        const kernel::Fd& source = is_error ? world_->err : world_->out;
        for (size_t batch = 0; source && batch < k_last_batches; ++batch) {
            const auto taken = TRY(intake_.take_from(source, is_error));
            if (taken.how != kernel::Moved::some) break;
            guests_.hand_out(is_error, taken.bytes);
        }
    }
    return intake_.finish();
}

Result<> Worker::record_end() {
    TRY(drain());
    Shared& shared = *world_->shared;
    ExitRecord record{.ending = shared.ending(), .started_ns = shared.started_ns, .finished_ns = wall_ns(), .used = {}};
    record.oom_deadline = memory_.end();
    record.oom_killed = record.oom_deadline || was_out_of_memory(*world_);

    if (world_->order.leftovers.empty())  // with --rm the figures would go with the container
        if (auto used = account(*world_)) record.used = *used;

    for (RunningExec& exec : shared.execs)  // of a pair that was killed whole: their ends were another's to see
        if (exec.pid > 0) note_exec_end(*world_, std::string_view(exec.id, sizeof exec.id), std::nullopt);
    note_end(*world_, record);  // before exit.json: should we be killed between the two, the next one does both again

    const std::string& path = world_->order.exit_file;
    const size_t slash = path.rfind('/');
    auto write = [&]() -> Result<> {
        const kernel::Fd directory = TRY(kernel::open_directory(path.substr(0, slash + 1)));
        return kernel::replace_file(directory, path.substr(slash + 1), to_text(record), 0600, kernel::Durability::visible);
    };
    (void)write();  // the directory is gone: then nobody asks for it, and the clients below still hear
    shared.is_over = true;
    guests_.tell_end(record);
    return {};
}

/// Until every client has what it is owed. One of them may clean up; else, after a while, it is done here.
Result<> Worker::say_goodbye() {
    const int64_t deadline = boottime_ns() + k_patience_ns;
    bool has_left = false;
    while (true) {
        std::erase_if(guests_.all(), [](const Guest& guest) { return guest.is_gone || (!guest.wants_end() && !guest.is_behind()); });
        const bool is_done = guests_.all().empty() || is_cleaned_up_ || world_->order.cleanup.empty();
        const int64_t left_ns = deadline - boottime_ns();
        if (!has_left && (is_done || left_ns <= 0)) {
            leave(is_cleaned_up_);
            has_left = true;
        }
        if (has_left && !guests_.anyone_behind()) return {};
        TRY(serve_once(has_left ? -1 : static_cast<int>(left_ns / 1'000'000) + 1));
    }
}

/// From here on another monitor of this container may begin: nothing of ours is in its way.
void Worker::leave(bool is_cleaned_up) {
    (void)kernel::remove_file_at(world_->directory, k_control_socket);
    world_->listener.reset();
    if (keeper_.pidfd) {
        (void)kernel::send_signal(keeper_.pidfd, SIGKILL);  // it has nothing left to keep; its descriptors go with it
        (void)kernel::wait_until_ended(keeper_.pidfd, -1);
        keeper_.pidfd.reset();
    }
    world_->directory.reset();
    if (is_cleaned_up) return inherit();
    const auto& cleanup = world_->order.cleanup;
    if (cleanup.empty()) return;
    kernel::Program program;
    program.path = cleanup.front();
    program.arguments = cleanup;
    program.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    program.new_session = true;
    if (oom_score_) set_oom_score(*oom_score_);
    if (auto child = kernel::spawn(program)) (void)child->release();  // it failed: the next command finds what is left
}

/// Deletes what a client that cleaned up left to this process, so that nobody has to wait for it.
void Worker::inherit() {
    const Order& order = world_->order;
    if (order.heir_file.empty()) return;
    const auto self = kernel::identify(getpid());
    if (!self) return;  // the file then names a process that is dead: the next command does it
    const std::string will = format("{}.{}.{}", order.heir_file, self->pid, self->start_ticks);
    if (!kernel::exists(will).value_or(false)) return;
    for (const std::string& tree : order.leftovers)
        if (!kernel::remove_tree(tree)) return;  // the same
    (void)kernel::remove_file(will);
}

}  // namespace skiff::monitor
