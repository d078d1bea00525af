// SPDX-License-Identifier: Apache-2.0
// skiff completion bash, and skiff manual: made from the option tables.
#include "base/text.hpp"
#include "cli/help.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/file.hpp"

namespace skiff::cli {
namespace {

Result<int> completion(Session& session, const Given& given) {
    const std::string& shell = given.arguments()[0];
    if (shell != "bash") return Error::unsupported("there is a completion for bash, none for {}", quoted(shell));
    session.print(bash_completion());
    return 0;
}

constexpr Option k_manual_options[] = {{0, "into", Option::Takes::value, "DIR", "Write every page into a directory, as files for man", {}}};

Result<> write_page(kernel::FdView directory, std::string_view name, const std::string& text) {
    return kernel::replace_file(directory, format("{}.1", name), text, 0644, kernel::Durability::visible);
}

Result<> write_all_pages(const std::string& path) {
    const auto directory = TRY_DOING(kernel::open_directory(path), "--into");
    TRY(write_page(directory, "skiff", manual_page(nullptr)));
    for (const Route& route : routes())
        if (route.shown != Route::Shown::no) TRY(write_page(directory, manual_name(*route.command), manual_page(route.command)));
    return {};
}

Result<int> manual(Session& session, const Given& given) {
    if (const auto directory = given.value("into")) {
        if (!given.arguments().empty()) return Error::invalid("--into writes every page: name no command beside it");
        TRY(write_all_pages(*directory));
        return 0;
    }
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
const Command k_manual = {"manual", "[OPTIONS] [COMMAND]", "Print a manual page, for man", {}, "skiff manual run | man -l -", {k_manual_options, {}, {}, false}, 0, 2, manual};

}  // namespace skiff::cli
