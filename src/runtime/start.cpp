// SPDX-License-Identifier: Apache-2.0
// start: the first process executes the user's program, and whoever asked learns whether it could.
#include <signal.h>

#include <cerrno>
#include <optional>

#include "kernel/file.hpp"
#include "kernel/namespace.hpp"
#include "kernel/packet_socket.hpp"
#include "runtime/birth.hpp"
#include "runtime/child/handshake.hpp"
#include "runtime/hooks.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/newborn.hpp"
#include "runtime/prepare.hpp"
#include "runtime/seccomp_agent.hpp"

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

/// What the first process says on its last steps; empty: execve has closed the socket.
struct Answer { std::optional<Message> message; kernel::Fd descriptor; };
Result<Answer> listen_to(kernel::FdView socket) {
    Answer answer;
    Message message;
    auto got = kernel::receive_packet(socket, std::as_writable_bytes(std::span(&message, 1)));
    if (!got && got.error().is_errno(ECONNRESET)) return answer;
    if (!got) return std::move(got).error();
    if (got->size == 0) return answer;
    if (got->size != sizeof message) return Error::internal("the first process spoke out of turn");
    if (!got->descriptors.empty()) answer.descriptor = std::move(got->descriptors.front());
    answer.message = message;
    return answer;
}

/// Kills it, and waits until it has ended.
void end_container(const ContainerId& id, const Record& record, const StateDir& states) {
    constexpr int k_patience_ms = 10'000;
    (void)kill(id, states, SIGKILL);  // it may have ended by itself
    if (const auto init = kernel::open_process(*record.init)) (void)kernel::wait_until_ended(*init, k_patience_ms);
}

/// The filter's listener goes to its agent. Where it cannot, the container ends here: its program must not run without.
Result<> pass_listener_on(kernel::FdView socket, Answer& answer, const Bundle& bundle, const Record& record) {
    const kernel::Fd init = TRY(kernel::open_process(*record.init));
    if (!answer.descriptor) answer.descriptor = TRY_DOING(kernel::take_descriptor(init, answer.message->error), "take the seccomp listener");
    if (auto handed = hand_to_agent(answer.descriptor, bundle.spec, record, Status::created, record.init->pid); !handed) {
        constexpr int k_patience_ms = 10'000;
        (void)kernel::send_signal(init, SIGKILL);
        (void)kernel::wait_until_ended(init, k_patience_ms);  // before the listener closes, and what waits for it goes on
        return handed;
    }
    const Message go_on{.stage = Stage::listener};
    return kernel::send_packet(socket, std::as_bytes(std::span(&go_on, 1)));
}

/// Says go, and waits until execve has closed the socket or a report says why not.
Result<> let_go(kernel::FdView socket, const Bundle& bundle, const Record& record) {
    const Message go{.stage = Stage::go};
    TRY(kernel::send_packet(socket, std::as_bytes(std::span(&go, 1))));
    Answer answer = TRY(listen_to(socket));
    if (answer.message && answer.message->stage == Stage::listener) {
        TRY(pass_listener_on(socket, answer, bundle, record));
        answer = TRY(listen_to(socket));
    }
    if (!answer.message) return {};
    const Message& failure = *answer.message;
    if (failure.stage != Stage::failed) return Error::internal("the first process spoke out of turn");
    const bool is_program_trouble = failure.error == ENOENT || failure.error == EACCES || failure.error == ENOEXEC || failure.error == EPERM;
    return sentence_for(failure, is_program_trouble ? Op::execute : Op::say, what_of_last_steps(), bundle.spec.process->args.front());
}

}  // namespace

Result<> run_start_hooks(const ContainerId& id, const oci::RuntimeSpec& spec, const Record& record, const Teller& teller) {
    if (spec.hooks.start_container.empty()) return {};
    return run_hooks("startContainer", spec.hooks.start_container, state_document(record, Status::created, spec.oci_version), &teller,
                     [&](const oci::Hook& hook, kernel::FdView in, kernel::FdView out) { return bear_start_hook(id, spec, record, hook, in, out); });
}

Result<> start(const ContainerId& id, const StateDir& states, const Listener& listener) {
    const Teller teller(listener);
    const Record record = TRY(states.load(id));
    const kernel::Fd socket = TRY(knock(id, record, states));
    const Bundle bundle = TRY(load_kept_bundle(record, states));
    // A hook that fails stops the container (runtime-spec runtime.md, "Lifecycle").
    if (auto ran = run_start_hooks(id, bundle.spec, record, teller); !ran) {
        end_container(id, record, states);
        return ran;
    }
    const int64_t begun = boottime_ns();
    TRY(let_go(socket, bundle, record));
    teller.tell(Chapter::program, format("say go at {}", k_start_socket), "and wait until execve has closed the connection", begun);
    (void)kernel::remove_file(states.path_of(id) + "/" + k_start_socket);  // spares later look-ups a knock
    auto ran = run_hooks("poststart", bundle.spec.hooks.poststart, state_document(record, Status::running, bundle.spec.oci_version), &teller);
    if (!ran) end_container(id, record, states);
    return ran;
}

}  // namespace skiff::runtime
