// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_pipe.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "kernel/file.hpp"

namespace skiff::kernel {

Result<> make_named_pipe(FdView directory, const std::string& name) {
    if (mkfifoat(directory.number(), name.c_str(), 0600) == 0) return {};
    if (errno != EEXIST) return Error::system(errno, "make the pipe {}", name);
    TRY(remove_file_at(directory, name));
    if (mkfifoat(directory.number(), name.c_str(), 0600) != 0) return Error::system(errno, "make the pipe {}", name);
    return {};
}

Result<Fd> open_named_pipe(FdView directory, const std::string& name, PipeEnd end) {
    const int flags = end == PipeEnd::both ? O_RDWR : (end == PipeEnd::reading ? O_RDONLY : O_WRONLY) | O_NONBLOCK;
    Fd pipe = TRY(open_at(directory, name, flags | O_NOFOLLOW));
    if (!S_ISFIFO(TRY(status_of(pipe)).st_mode)) return Error::invalid("{} is not a pipe", name);
    return pipe;
}

}  // namespace skiff::kernel
