// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Pipes with a name (fifo(7)), which a process that was not there when they were made can open again.
namespace skiff::kernel {

/// A pipe with a name in `directory` (mkfifo(3), mode 0600), in place of what stood there. What is in it is there as long as
/// anybody holds an end.
Result<> make_named_pipe(FdView directory, const std::string& name);
enum class PipeEnd {
    reading,  ///< without waiting for a writer; reads do not wait
    writing,  ///< writes do not wait. Error with ENXIO: nobody reads
    both,     ///< who holds it never sees an end or a SIGPIPE; reads and writes wait
};
/// Error (invalid): it is no pipe.
Result<Fd> open_named_pipe(FdView directory, const std::string& name, PipeEnd end);

}  // namespace skiff::kernel
