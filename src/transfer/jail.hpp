// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "transfer/layer_apply.hpp"

/// The jails in which hostile bytes are met (defence D11). Each is entered by the whole process before it reads its
/// first byte, and cannot be left. Inside: no network, no new privileges, a handful of system calls, no memory that is
/// both written and executed, no file beyond what Landlock leaves (where the kernel has it), and limits on memory,
/// descriptors and file sizes.
namespace skiff::transfer {

/// Where a stage that has nothing but streams writes to.
enum class StreamTo { pipe, file };

/// For inflating, and for taking archives apart and together: no files at all but the streams that are open, no
/// capabilities. Reads, writes and ends. Files grow only where `to` is one.
Result<> enter_stream_jail(StreamTo to);

/// For unpacking: sees nothing but `directory`, which becomes "/"; keeps the capabilities to own, make and mark files
/// there (CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP; for layers SYS_ADMIN too, for trusted.overlay.opaque).
Result<> enter_unpack_jail(kernel::FdView directory, TreeKind kind);

/// For packing and for following a recipe: sees nothing but `directory`, which becomes "/", and writes nothing there. Keeps
/// the capabilities to read what others own (DAC_READ_SEARCH; for layers SYS_ADMIN too, for trusted.overlay.opaque).
Result<> enter_pack_jail(kernel::FdView directory, TreeKind kind);

/// The same for what an overlay of these directories of the host (topmost first) shows: a whole root filesystem.
Result<> enter_overlay_jail(const std::vector<std::string>& layers);

}  // namespace skiff::transfer
