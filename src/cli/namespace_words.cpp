// SPDX-License-Identifier: Apache-2.0
#include "cli/namespace_words.hpp"

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/namespace.hpp"

namespace skiff::cli {
namespace {

Result<engine::NamespaceSet> namespaces_of_word(Session& session, const std::string& word) {
    engine::NamespaceSet found;
    if (engine::check_kept_name(word)) {
        const auto kept = kept_namespaces(session).find(word);
        if (!kept && !kept.error().is(Kind::not_found) && !kept.error().is(Kind::forbidden)) return kept.error();
        if (kept) {
            for (const auto& one : kept->namespaces)
                if (one.is_there) found[one.kind] = one.inode;
            return found;
        }
    }
    const pid_t pid = TRY(process_meant_by(session, word));
    for (const auto& kind : kernel::namespace_kinds()) {
        const auto link = kernel::read_link(format("/proc/{}/ns/{}", pid, kind.name));
        if (!link && link.error().is(Kind::not_found)) continue;  // this kernel has none of that kind
        if (!link) return link.error().context("look at the {} namespace of process {}", kind.name, pid);
        if (const auto name = kernel::parse_namespace_name(*link)) found[name->kind] = name->inode;
    }
    if (found.empty()) return Error::not_found("process {} has ended", pid);
    return found;
}

}  // namespace

engine::KeptNamespaces kept_namespaces(const Session& session) { return engine::KeptNamespaces(session.paths().runroot); }

Result<pid_t> process_meant_by(Session& session, const std::string& word) {
    if (const auto pid = parse_uint(word); pid && *pid > 0 && *pid <= INT32_MAX && TRY(kernel::exists(format("/proc/{}", *pid))))
        return static_cast<pid_t>(*pid);
    engine::Engine engine = TRY(session.open_engine());
    const auto document = engine.inspect_container(word);
    if (!document && !document.error().is(Kind::not_found)) return document.error();
    if (!document) return Error::not_found("no process and no container is called {}", quoted(word));
    const codec::Json* pid = document->find_path({"State", "Pid"});
    const auto number = pid ? pid->to_int64().value_or(0) : 0;
    if (number <= 0) return Error::conflict("container {} does not run: it has no namespaces", quoted(word));
    return static_cast<pid_t>(number);
}

Result<std::vector<engine::NamespaceSet>> namespaces_meant_by(Session& session, const std::vector<std::string>& words) {
    std::vector<engine::NamespaceSet> sets(words.size());
    // Processes before containers: for these a user enters his own namespace, and sees none of the others from there.
    for (const bool is_number : {true, false})
        for (size_t i = 0; i < words.size(); ++i)
            if (parse_uint(words[i]).has_value() == is_number) sets[i] = TRY(namespaces_of_word(session, words[i]));
    return sets;
}

std::string command_of(pid_t pid) {
    auto text = kernel::read_whole_file(format("/proc/{}/comm", pid), 256).value_or("");
    while (text.ends_with('\n')) text.pop_back();
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';  // the process chose these bytes
    return text;
}

}  // namespace skiff::cli
