// SPDX-License-Identifier: Apache-2.0
// The filter, and its listener where it has one (seccomp(2), seccomp_unotify(2)).
#include <linux/seccomp.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {

int load_filter(World& world, const Step& step) noexcept {
    const long listener = call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, step.flags, step.program);
    if (listener < 0) return static_cast<int>(listener);
    if ((step.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0) return 0;
    // From here on a call that the filter notifies of waits for an answer, and nobody can give one before he has the
    // listener: the plan has made sure that this way of sending it is none.
    const int sent = send_listener(world, static_cast<int>(listener), step.number == 1);
    if (sent < 0) return sent;
    wait_for_agent(world);
    // Held by us, too, it would stay open when its agent dies, and what we call then would wait for ever.
    close_fd(static_cast<int>(listener));
    return 0;
}

}  // namespace skiff::runtime::child
