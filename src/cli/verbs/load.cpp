// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include "base/format.hpp"
#include "cli/human.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/file.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {
    {'i', "input", Option::Takes::value, "FILE", "Read from a file instead of standard input", {}},
    {'q', "quiet", Option::Takes::nothing, {}, "Do not tell of each layer (told on a terminal only)", {}},
};
constexpr RefusedOption k_refused[] = {{0, "platform", "of an image for several platforms this machine's is taken"}};

Result<int> load(Session& session, const Given& given) {
    kernel::Fd file;
    kernel::FdView archive = kernel::FdView::of(0);
    if (const auto path = given.value("input")) {
        file = TRY_DOING(kernel::open_file(*path, O_RDONLY), "load");
        archive = file;
        if (S_ISDIR(TRY(kernel::status_of(file)).st_mode)) return Error::invalid("{} is a directory, not an archive", *path).hint("tar -C {} -c . | skiff load", *path);
    } else if (kernel::is_terminal(archive)) {
        return Error::invalid("standard input is a terminal, not an archive").hint("use -i FILE, or pipe an archive into it");
    }
    engine::Engine engine = TRY(session.open_engine());
    std::function<void(const std::string&, uint64_t)> tell;
    if (!given.flag("quiet") && kernel::is_terminal(kernel::FdView::of(1)))
        tell = [](const std::string& layer, uint64_t size) {
            const std::string line = format("{}: Loading layer {}\n", layer.substr(7, 12), human_size(static_cast<int64_t>(size)));
            (void)kernel::write_all(kernel::FdView::of(1), bytes_of(line));  // what matters is said at the end
        };
    for (const engine::LoadedImage& image : TRY(engine.load_images(archive, tell))) {
        for (const auto& [name, before] : image.renamed)
            session.print_line(format("The image {} already exists, renaming the old one with ID {} to empty string", name, before));
        for (const std::string& name : image.names) session.print_line("Loaded image: " + name);
        if (image.names.empty()) session.print_line("Loaded image ID: " + image.id);
    }
    return 0;
}

}  // namespace

const Command k_load = {"load", "[OPTIONS]", "Bring in the images of an archive",
                        "The archive is one of docker save, podman save, skopeo or buildah (docker-archive), or an OCI image layout; it, and its layers, may be compressed by gzip or zstd. Every digest is checked before an image appears.",
                        "skiff load -i debian.tar\nskiff load <web.tar.gz", {k_options, {}, k_refused, false}, 0, 0, load};

}  // namespace skiff::cli
