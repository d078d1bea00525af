// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {{'f', "force", Option::Takes::nothing, {}, "Though a stopped container uses it, or it has several names", {}}};
constexpr RefusedOption k_refused[] = {{0, "no-prune", "skiff has no untagged parents to keep"}};

Result<int> rmi(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), false, [&](const std::string& name) -> Result<> {
        auto removed = engine.remove_image(name, given.flag("force"));
        if (!removed && given.flag("force") && removed.error().is(Kind::not_found)) {
            session.complain(removed.error());  // docker says so too, and exits 0
            return {};
        }
        for (const engine::Removed& one : TRY(std::move(removed))) session.print_line((one.untagged ? "Untagged: " : "Deleted: ") + one.name);
        return {};
    });
}

}  // namespace

const Command k_rmi = {"rmi", "[OPTIONS] IMAGE…", "Remove images, or names of theirs", {}, "skiff rmi debian:12", {k_options, {}, k_refused, false}, 1, k_any, rmi};

}  // namespace skiff::cli
