// SPDX-License-Identifier: Apache-2.0
// start: the first process executes the user's program, and whoever asked learns whether it could.
#include <sys/socket.h>

#include "kernel/file.hpp"
#include "kernel/namespace.hpp"
#include "kernel/packet_socket.hpp"
#include "runtime/birth.hpp"
#include "runtime/child/handshake.hpp"
#include "runtime/hooks.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/newborn.hpp"
#include "runtime/prepare.hpp"

namespace skiff::runtime {
namespace {

using child::Message;
using child::Op;
using child::Stage;

/// What the last steps are called when they fail: the plan that had their words is gone with its process.
std::string what_of_last_steps() { return "the last step before execve"; }

/// The first process's ear, if it still waits: that it answers is the proof, no other look-up is needed.
Result<kernel::Fd> knock(const ContainerId& id, const Record& record, const StateDir& states) {
    const kernel::Fd directory = TRY(kernel::open_directory(states.path_of(id)));
    if (auto socket = kernel::connect_for_packets(directory, k_start_socket)) return std::move(*socket);
    const Status status = TRY(look_up_status(id, record, states));
    return Error::conflict("cannot start container {}: it is {}", id.string(), name_of(status));
}

/// Says go, and waits until execve has closed the socket or a report says why not.
Result<> let_go(kernel::FdView socket, const std::string& program) {
    const Message go{.stage = Stage::go};
    TRY(kernel::send_packet(socket, std::as_bytes(std::span(&go, 1))));
    Message answer;
    auto got = kernel::receive_packet(socket, std::as_writable_bytes(std::span(&answer, 1)));
    if (!got) {
        if (got.error().is_errno(ECONNRESET)) return {};
        return std::move(got).error();
    }
    if (got->size == 0) return {};
    if (got->size != sizeof answer || answer.stage != Stage::failed) return Error::internal("the first process spoke out of turn");
    const bool is_program_trouble = answer.error == ENOENT || answer.error == EACCES || answer.error == ENOEXEC || answer.error == EPERM;
    return sentence_for(answer, is_program_trouble ? Op::execute : Op::say, what_of_last_steps(), program);
}

}  // namespace

Result<> run_start_hooks(const oci::RuntimeSpec& spec, const Record& record, const Teller& teller) {
    if (spec.hooks.start_container.empty()) return {};
    const kernel::Fd init = TRY(kernel::open_process(*record.init));
    const uint64_t namespaces = TRY(kernel::namespaces_that_differ(record.init->pid));
    return run_hooks("startContainer", spec.hooks.start_container, state_document(record, Status::created, spec.oci_version), &teller,
                     {.inside = init, .namespaces = namespaces});
}

Result<> start(const ContainerId& id, const StateDir& states, const Listener& listener) {
    const Teller teller(listener);
    const Record record = TRY(states.load(id));
    const kernel::Fd socket = TRY(knock(id, record, states));
    const Bundle bundle = TRY(Bundle::load(record.bundle));
    TRY(run_start_hooks(bundle.spec, record, teller));
    const int64_t begun = boottime_ns();
    TRY(let_go(socket, bundle.spec.process->args.front()));
    teller.tell(Chapter::program, format("say go at {}", k_start_socket), "and wait until execve has closed the connection", begun);
    (void)kernel::remove_file(states.path_of(id) + "/" + k_start_socket);  // spares later look-ups a knock
    return run_hooks("poststart", bundle.spec.hooks.poststart, state_document(record, Status::running, bundle.spec.oci_version), &teller);
}

}  // namespace skiff::runtime
