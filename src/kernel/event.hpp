// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// A flag that processes share by descriptor (eventfd(2)): readable once raised.
namespace skiff::kernel {

Result<Fd> make_event();
Result<> raise_event(FdView event);
/// Lowers it again; false where it was not raised. Also for a queue of inotify(7): what has happened is taken.
bool lower_event(FdView event);

}  // namespace skiff::kernel
