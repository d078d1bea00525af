// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> tag(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.tag_image(given.arguments()[0], given.arguments()[1]));
    return 0;
}

}  // namespace

const Command k_tag = {"tag", "IMAGE NAME[:TAG]", "Give an image one more name", {}, "skiff tag debian:12 mine:latest", {}, 2, 2, tag};

}  // namespace skiff::cli
