// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/birth_options.hpp"

#include <fcntl.h>

#include <cstdlib>

#include "base/text.hpp"
#include "kernel/stream_socket.hpp"

namespace skiff::runtime_cli {

Result<runtime::Bundle> load_bundle(const Arguments& arguments) {
    return runtime::Bundle::load(arguments.has("bundle") ? arguments.value("bundle") : ".", arguments.value("config"));
}

Result<Sockets> Sockets::connect(const Arguments& arguments) {
    Sockets sockets;
    if (arguments.has("console-socket")) sockets.console = TRY_DOING(kernel::connect_stream(arguments.value("console-socket")), "--console-socket");
    if (arguments.has("pidfd-socket")) sockets.pidfd = TRY_DOING(kernel::connect_stream(arguments.value("pidfd-socket")), "--pidfd-socket");
    return sockets;
}

int announced_fds() {
    const char* announced = std::getenv("LISTEN_FDS");
    const auto number = announced ? parse_uint(announced) : std::nullopt;
    return number && *number < 1024 ? static_cast<int>(*number) : 0;
}

Result<int> preserved_fds(const Arguments& arguments) {
    int count = announced_fds();
    if (arguments.has("preserve-fds")) {
        const auto number = parse_uint(arguments.value("preserve-fds"));
        if (!number || *number > 1024) return Error::invalid("--preserve-fds {} is not a number of descriptors", quoted(arguments.value("preserve-fds")));
        count += static_cast<int>(*number);
    }
    for (int fd = 3; fd < 3 + count; ++fd)
        if (fcntl(fd, F_GETFD) < 0) return Error::invalid("descriptor {} is to be preserved, but it is not open", fd);
    return count;
}

Result<runtime::CreateOptions> birth_options(const Arguments& arguments, const Sockets& sockets) {
    runtime::CreateOptions options;
    options.preserve_fds = TRY(preserved_fds(arguments));
    options.console_socket = sockets.console;
    options.pidfd_socket = sockets.pidfd;
    options.listen_fds = announced_fds();
    options.keeps_bundle = true;
    options.pid_file = arguments.value("pid-file");
    options.pivot = !arguments.has("no-pivot");
    options.new_keyring = !arguments.has("no-new-keyring");
    return options;
}

}  // namespace skiff::runtime_cli
