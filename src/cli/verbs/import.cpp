// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/file.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'c', "change", Takes::values, "INSTRUCTION", "Apply a Containerfile instruction: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR", {}},
    {'m', "message", Takes::value, "TEXT", "Comment for the image's history", {}},
    {0, "platform", Takes::value, "OS/ARCH", "What the filesystem is for, where it is not this machine: linux/arm64", {}},
};

Result<int> import(Session& session, const Given& given) {
    engine::ImportRequest request;
    if (given.arguments().size() > 1) request.reference = given.arguments()[1];
    request.message = given.value_or("message", "");
    request.changes = given.values("change");
    request.platform = given.value_or("platform", "");

    const std::string& source = given.arguments()[0];
    if (source.starts_with("http://") || source.starts_with("https://"))
        return Error::unsupported("{}: skiff cannot import from the network", source).hint("fetch it first, and pipe it: curl … | skiff import - NAME");
    kernel::Fd file;
    kernel::FdView archive = kernel::FdView::of(0);
    if (source != "-") {
        file = TRY_DOING(kernel::open_file(source, O_RDONLY), "import");
        archive = file;
        if (S_ISDIR(TRY(kernel::status_of(file)).st_mode))
            return Error::invalid("{} is a directory, not an archive", source).hint("tar -C {} -c . | skiff import - NAME", source);
    } else if (kernel::is_terminal(archive)) {
        return Error::invalid("standard input is a terminal, not an archive").hint("pipe a tar archive into it");
    }
    engine::Engine engine = TRY(session.open_engine());
    session.print_line(TRY(engine.import_image(archive, request)));
    return 0;
}

}  // namespace

const Command k_import = {"import", "[OPTIONS] FILE|- [NAME[:TAG]]", "Make an image of a filesystem in a tar archive", "The archive may be compressed by gzip or zstd. Prints the image's id.", "skiff import debian.tar debian:12\nmmdebstrap bookworm - | skiff import - debian:12", {k_options, {}, {}, false}, 1, 2, import};

}  // namespace skiff::cli
