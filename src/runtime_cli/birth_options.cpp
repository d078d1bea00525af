// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/birth_options.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"

namespace skiff::runtime_cli {

Result<runtime::Bundle> load_bundle(const Arguments& arguments) {
    return runtime::Bundle::load(arguments.has("bundle") ? arguments.value("bundle") : ".");
}

Result<kernel::Fd> connect_console(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Error::invalid("--console-socket {} is longer than a socket's path may be", path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (number < 0) return Error::system(errno, "make a socket");
    kernel::Fd socket = kernel::Fd::adopt(number);
    if (connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Error::system(errno, "connect to the console socket {}", path);
    return socket;
}

Result<int> preserved_fds(const Arguments& arguments) {
    int count = 0;
    if (arguments.has("preserve-fds")) {
        const auto number = parse_uint(arguments.value("preserve-fds"));
        if (!number || *number > 1024) return Error::invalid("--preserve-fds {} is not a number of descriptors", quoted(arguments.value("preserve-fds")));
        count = static_cast<int>(*number);
    }
    if (const char* announced = std::getenv("LISTEN_FDS"))
        if (const auto number = parse_uint(announced); number && *number < 1024) count += static_cast<int>(*number);
    for (int fd = 3; fd < 3 + count; ++fd)
        if (fcntl(fd, F_GETFD) < 0) return Error::invalid("descriptor {} is to be preserved, but it is not open", fd);
    return count;
}

Result<runtime::CreateOptions> birth_options(const Arguments& arguments, kernel::Fd& console) {
    runtime::CreateOptions options;
    options.preserve_fds = TRY(preserved_fds(arguments));
    if (arguments.has("console-socket")) {
        console = TRY(connect_console(arguments.value("console-socket")));
        options.console_socket = console;
    }
    options.pid_file = arguments.value("pid-file");
    options.pivot = !arguments.has("no-pivot");
    options.new_keyring = !arguments.has("no-new-keyring");
    return options;
}

}  // namespace skiff::runtime_cli
