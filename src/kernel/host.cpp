// SPDX-License-Identifier: Apache-2.0
// Whether a call exists is asked by making it with arguments that no kernel accepts: EINVAL, EBADF or EFAULT is its
// answer, ENOSYS (or a filter's EPERM) everybody else's.
#include "kernel/host.hpp"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/kernel_version.hpp"
#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr long k_bad = -1;  // no descriptor, and every flag at once

struct Question { std::string_view name, since; long number; long arguments[5]; };

constexpr Question k_questions[] = {
    {"openat2", "5.6", SYS_openat2, {k_bad, 0, 0, 0, 0}},
    {"clone3", "5.3", SYS_clone3, {0, 0, 0, 0, 0}},
    {"pidfd_open", "5.3", SYS_pidfd_open, {k_bad, k_bad, 0, 0, 0}},
    {"pidfd_send_signal", "5.1", SYS_pidfd_send_signal, {k_bad, 0, 0, k_bad, 0}},
    {"close_range", "5.9", SYS_close_range, {0, 0, k_bad, 0, 0}},
};

bool answers(const Question& question) {
    const auto& a = question.arguments;
    const long result = syscall(question.number, a[0], a[1], a[2], a[3], a[4]);
    return result >= 0 || errno == EINVAL || errno == EBADF || errno == EFAULT;
}

std::string release_of_kernel() {
    utsname name{};
    return uname(&name) == 0 ? name.release : "of unknown release";
}

}  // namespace

std::vector<CallFact> probe_calls() {
    std::vector<CallFact> calls;
    for (const Question& question : k_questions) calls.push_back({question.name, question.since, answers(question)});
    return calls;
}

bool Host::has_call(std::string_view name) const {
    return std::any_of(calls.begin(), calls.end(), [&](const CallFact& call) { return call.name == name && call.is_there; });
}

bool Host::has_namespace(std::string_view name) const { return std::find(namespaces.begin(), namespaces.end(), name) != namespaces.end(); }

Result<Host> probe_host() {
    Host host;
    utsname name{};
    if (uname(&name) != 0) return Error::system(errno, "ask for the kernel's release");
    host.release = name.release;
    host.version = running_kernel();

    host.calls = probe_calls();
    host.mounts = probe_mounts();
    constexpr unsigned k_ask_for_version = 1;  // LANDLOCK_CREATE_RULESET_VERSION
    host.landlock_abi = std::max(0, static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, k_ask_for_version)));

    host.namespaces = TRY(list_directory("/proc/self/ns"));
    std::erase_if(host.namespaces, [](const std::string& entry) { return entry.ends_with("_for_children"); });
    return host;
}

Result<> require_calls(const std::vector<CallFact>& calls) {
    std::vector<std::string> missing;
    for (const CallFact& call : calls)
        if (!call.is_there) missing.push_back(format("{} (Linux {})", call.name, call.since));
    if (missing.empty()) return {};
    return Error::unsupported("this kernel ({}) lacks {}, or a filter forbids it", release_of_kernel(), join(missing, ", "))
        .hint("containers need Linux 5.11 or newer");
}

Error with_missing_calls(const Error& error) {
    if (!error.is_errno(ENOSYS) && !error.is_errno(EPERM)) return error;
    const auto all = require_calls(probe_calls());
    return all ? error : all.error();
}

}  // namespace skiff::kernel
