// SPDX-License-Identifier: Apache-2.0
// A filter's listener on its way to whoever answers.
#include "runtime/seccomp_agent.hpp"

#include "base/text.hpp"
#include "kernel/stream_socket.hpp"

namespace skiff::runtime {

constexpr int k_patience_ms = 10'000;

Result<> hand_to_agent(kernel::FdView listener, const oci::RuntimeSpec& spec, const Record& record, Status status, pid_t pid) {
    if (!spec.linux_.seccomp) return Error::internal("a filter notifies, and config.json has none");
    const oci::Seccomp& seccomp = *spec.linux_.seccomp;
    const std::string state = process_state_document(record, status, spec.oci_version, pid, seccomp.listener_metadata);
    auto agent = kernel::connect_stream(seccomp.listener_path, k_patience_ms);
    if (!agent) return std::move(agent).error().context("hand the seccomp listener to linux.seccomp.listenerPath").hint("a seccomp agent must listen there before the container starts");
    return kernel::send_stream(*agent, bytes_of(state), listener).context("hand the seccomp listener to {}", seccomp.listener_path);
}

Result<> hand_to_agent(Newborn& newborn, const oci::RuntimeSpec& spec, const Record& record, Status status) {
    const kernel::FdView listener = TRY(newborn.hears_listener());
    TRY(hand_to_agent(listener, spec, record, status, newborn.pid()));
    return newborn.says(child::Stage::listener);
}

}  // namespace skiff::runtime
