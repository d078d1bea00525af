// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/protect.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/protected_program.hpp"

namespace skiff::runtime_cli {

Result<> run_from_protected_copy(char** argv) {
    const kernel::Fd self = TRY(kernel::open_file("/proc/self/exe", O_RDONLY));
    if (kernel::is_protected_program(self)) return {};
    const kernel::Fd program = TRY(kernel::protect_program(self));
    syscall(SYS_execveat, program.number(), "", argv, environ, AT_EMPTY_PATH);
    return Error::system(errno, "execute the protected copy of this program");
}

}  // namespace skiff::runtime_cli
