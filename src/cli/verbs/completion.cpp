// SPDX-License-Identifier: Apache-2.0
// skiff completion bash, and skiff manual: made from the option tables.
#include "base/text.hpp"
#include "cli/help.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> completion(Session& session, const Given& given) {
    const std::string& shell = given.arguments()[0];
    if (shell != "bash") return Error::unsupported("there is a completion for bash, none for {}", quoted(shell));
    session.print(bash_completion());
    return 0;
}

Result<int> manual(Session& session, const Given& given) {
    if (given.arguments().empty()) {
        session.print(manual_page(nullptr));
        return 0;
    }
    const Found found = find_command(given.arguments());
    if (!found.command) return Error::not_found("{} is not a command of skiff", quoted(given.arguments()[0]));
    session.print(manual_page(found.command));
    return 0;
}

}  // namespace

const Command k_completion = {"completion", "bash", "Print a completion script for the shell", {}, "source <(skiff completion bash)", {}, 1, 1, completion};
const Command k_manual = {"manual", "[COMMAND]", "Print a manual page, for man", {}, "skiff manual run | man -l -", {}, 0, 2, manual};

}  // namespace skiff::cli
