// SPDX-License-Identifier: Apache-2.0
// Threads have network namespaces of their own, so a visit to another one disturbs nobody.
#include "kernel/network_namespace.hpp"

#include <sched.h>

#include <cerrno>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr const char* k_own = "/proc/thread-self/ns/net";

void go_back_to(FdView own) { MUST(setns(own.number(), CLONE_NEWNET) == 0, "a thread cannot go back to its own network namespace"); }

}  // namespace

Result<> in_network(FdView network, const std::function<Result<>()>& work) {
    const Fd own = TRY(open_file(k_own, O_RDONLY));
    if (setns(network.number(), CLONE_NEWNET) != 0) return Error::system(errno, "enter the network namespace");
    auto done = work();
    go_back_to(own);
    return done;
}

Result<> write_network_settings(const NetworkSettings& settings) {
    for (const auto& [file, value] : settings) {
        auto written = write_setting("/proc/sys/" + file, value);
        if (!written && !written.error().is_errno(ENOENT)) return written;  // a kernel without IPv6 needs none of it off
    }
    return {};
}

Result<Fd> make_network_namespace(const NetworkSettings& settings) {
    const Fd own = TRY(open_file(k_own, O_RDONLY));
    if (unshare(CLONE_NEWNET) != 0) return Error::system(errno, "make a network namespace");
    auto made = open_file(k_own, O_RDONLY);
    auto written = made ? write_network_settings(settings) : Result<>();
    go_back_to(own);
    if (!written) return std::move(written).error();
    return made;
}

}  // namespace skiff::kernel
