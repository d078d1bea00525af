// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {
    {'f', "force", Option::Takes::nothing, {}, "Kill it first where it runs; one that does not exist is no error", {}},
    {'v', "volumes", Option::Takes::nothing, {}, "Remove its anonymous volumes as well", {}},
};
constexpr RefusedOption k_refused[] = {{'l', "link", "containers have no links"}};

Result<int> rm(Session& session, const Given& given) {
    engine::RemoveOptions options;
    options.force = given.flag("force"), options.volumes = given.flag("volumes");
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) -> Result<> {
        auto removed = engine.remove(name, options);
        if (removed || !options.force || !removed.error().is(Kind::not_found)) return removed;
        session.complain(removed.error());  // docker says so too, and exits 0
        return {};
    });
}

}  // namespace

const Command k_rm = {"rm", "[OPTIONS] CONTAINER…", "Remove containers", {}, "skiff rm web\nskiff rm -f web", {k_options, {}, k_refused, false}, 1, k_any, rm};

}  // namespace skiff::cli
