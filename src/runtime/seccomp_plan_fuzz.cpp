// SPDX-License-Identifier: Apache-2.0
// Whatever profile is read: its program is one that the kernel would take, and it answers every call.
#include <linux/audit.h>

#include <cstdlib>

#include "base/bytes.hpp"
#include "oci/defaults_seccomp.hpp"
#include "runtime/seccomp_plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
    using namespace skiff;
    const auto profile = oci::read_seccomp_profile(text_of(std::as_bytes(std::span(data, size))), {"CAP_SYS_ADMIN"}, {6, 1});
    if (!profile) return 0;
    const auto plan = runtime::plan_seccomp(*profile);
    if (!plan) return 0;
    if (plan->instruction_count() == 0 || plan->instruction_count() > 4096) std::abort();
    for (const uint32_t arch : {uint32_t{AUDIT_ARCH_X86_64}, uint32_t{AUDIT_ARCH_I386}, uint32_t{AUDIT_ARCH_AARCH64}})
        for (int number = -1; number < 640; number += 7) {
            seccomp_data call{};
            call.nr = number;
            call.arch = arch;
            call.args[0] = size;
            if (!kernel::simulate_seccomp(plan->instructions(), call)) std::abort();
        }
    return 0;
}
