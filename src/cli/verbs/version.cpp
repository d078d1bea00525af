// SPDX-License-Identifier: Apache-2.0
#include <sys/utsname.h>

#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;

constexpr Option k_options[] = {{'f', "format", Option::Takes::value, "FORMAT", "json, or a template such as '{{.Client.Version}}'", {}}};

/// Docker's two halves: scripts ask for either. There is no server; its half is the engine in this program.
Json document() {
    utsname host{};
    uname(&host);
    const Json half = Json::object({
        {"Version", SKIFF_VERSION},
        {"Os", "linux"},
        {"Arch", std::string_view(host.machine) == "x86_64" ? "amd64" : host.machine},
        {"KernelVersion", host.release},
        {"Compiler", __VERSION__},
    });
    return Json::object({{"Client", half}, {"Server", half}});
}

Result<int> version(Session& session, const Given& given) {
    const Json all = document();
    if (const auto format = given.value("format")) {
        session.print(TRY(render_document(all, *format)));
        return 0;
    }
    const auto line = [&](std::string_view label, std::string_view key) { session.print_line(std::string(label) + all.find_path({"Client", key})->string()); };
    session.print_line("skiff, a container engine without a daemon");
    line(" Version:   ", "Version");
    line(" OS/Arch:   linux/", "Arch");
    line(" Kernel:    ", "KernelVersion");
    line(" Compiler:  ", "Compiler");
    return 0;
}

}  // namespace

const Command k_version = {"version", "[OPTIONS]", "Show the version", {}, "skiff version --format '{{.Client.Version}}'", {k_options, {}, {}, false}, 0, 0, version};

}  // namespace skiff::cli
