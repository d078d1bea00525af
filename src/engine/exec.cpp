// SPDX-License-Identifier: Apache-2.0
// `exec`: one more process in a running container. Attached, it is spawned here and has our streams; detached, it is
// the monitor's child.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/format.hpp"
#include "base/text.hpp"
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/host_facts.hpp"
#include "engine/house.hpp"
#include "engine/merged_tree.hpp"
#include "engine/spec_builder.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/protected_program.hpp"
#include "kernel/root.hpp"
#include "monitor/client.hpp"

namespace skiff::engine {
namespace {

constexpr int k_moment_ms = 1000;

/// docker's two events: it does in two steps what is one for us.
void note_beginning(const Engine::House& house, const ContainerRecord& record, const ExecRequest& request, const std::string& exec_id) {
    const std::string command = join(request.command, " ");
    note_event(house, record, "exec_create: " + command, {{"execID", exec_id}});
    note_event(house, record, "exec_start: " + command, {{"execID", exec_id}});
}

int failure_code_of(const Error& error) { return error.is(Kind::no_command) ? 127 : error.is(Kind::bad_command) ? 126 : 1; }

Result<oci::Process> process_for(const ContainerRecord& record, const ExecRequest& request, const Running& running) {
    if (running.is_paused) return Error::conflict("container {} is paused", shown(record)).hint("unpause it before exec");
    auto config = record.config;
    if (request.privileged) config.privileged = true;
    config.devices.clear();  // the container's devices are what they are
    SpecFacts facts;
    {
        auto request_of_facts = config;
        request_of_facts.privileged = false;
        facts = TRY(probe_facts(request_of_facts));
    }
    // The tree as the container sees it now, entered by its first process's root.
    const auto root = TRY(kernel::Root::open(format("/proc/{}/root", running.record.init->pid)));
    facts.user = TRY(resolve_user(request.user.empty() ? record.config.user : request.user, request.user.empty() ? record.config.extra_groups : std::vector<std::string>{},
                                  [&](std::string_view path) { return read_file_inside(root, path); }));
    facts.rows = request.rows, facts.columns = request.columns;
    return build_exec_process(record, request, facts);
}

}  // namespace

Result<kernel::Child> Engine::exec(const std::string& reference, const ExecRequest& request) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY(find_running(*house_, record));
    const auto process = process_for(record, request, running);
    if (!process) {
        // Its /proc goes a moment before it does: that it ends is the reason then.
        const bool is_missing = process.error().is_errno(ENOENT) || process.error().is_errno(ESRCH);
        if (TRY(kernel::wait_until_ended(running.init, is_missing ? k_moment_ms : 0))) return Error::conflict("container {} is not running", shown(record));
        return process.error();
    }

    const auto file = TRY(kernel::make_memory_file("process.json"));  // nothing of it remains, however this ends
    TRY(kernel::write_all(file, bytes_of(oci::to_json(*process))));

    kernel::Program program;
    program.path = TRY(runtime_program());
    const auto image = TRY(kernel::open_protected_program(program.path));  // else it would execute itself a second time
    program.image = image;
    program.arguments = {"skiff-runtime", "--root", house_->states.path(), "exec", "--for-skiff", "--process", "/proc/self/fd/3", "--event", "/proc/self/fd/4", record.id};
    if (const char* path = secure_getenv("SKIFF_RUNTIME")) program.environment.push_back(format("SKIFF_RUNTIME={}", path));
    // Who stays with the command tells its end, whatever becomes of us.
    const std::string exec_id = ContainerId::random().string();
    auto end = event_about(record, "exec_die", {{"execID", exec_id}});
    end.key = format("exec_die {}", exec_id);
    const auto notice = TRY(kernel::make_memory_file("event"));
    TRY(kernel::write_all(notice, bytes_of(house_->event_journal() + "\n" + codec::to_line(end))));
    program.descriptors = {{kernel::FdView::of(0), 0}, {kernel::FdView::of(1), 1}, {kernel::FdView::of(2), 2}, {file, 3}, {notice, 4}};
    if (!request.stdin_open) program.descriptors.erase(program.descriptors.begin());
    note_beginning(*house_, record, request, exec_id);  // before its end can be told
    return kernel::spawn(program);
}

Result<> Engine::exec_detached(const std::string& reference, const ExecRequest& request) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY(find_running(*house_, record));
    const auto process = TRY(process_for(record, request, running));
    auto client = TRY_DOING(meet_monitor(*house_, record), "exec in {}", shown(record));
    const std::string exec_id = ContainerId::random().string();
    TRY(client.exec(exec_id, oci::to_json(process)));
    note_beginning(*house_, record, request, exec_id);
    const auto started = client.expect_started();
    if (!started) note_event(*house_, record, "exec_die", {{"execID", exec_id}, {"exitCode", format("{}", failure_code_of(started.error()))}});
    if (!started) return started.error();
    return {};
}

}  // namespace skiff::engine
