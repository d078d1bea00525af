// SPDX-License-Identifier: Apache-2.0
// Verbs that are one call each: start, state, kill, delete, pause, resume.
#include <signal.h>

#include <array>
#include <cstdio>

#include "codec/json.hpp"
#include "oci/defaults.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/matching.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_kill_options = {Option{"all", 'a', {}, "to every process of the container, also when the first one has ended"}, k_regex};
constexpr std::array k_delete_options = {Option{"force", 'f', {}, "kill it first; an unknown id is then no error"}, k_regex};

Result<ContainerId> id_of(const Arguments& arguments) { return ContainerId::parse(arguments.operands()[0]); }

Result<int> start(const Globals& globals, const Arguments& arguments) {
    TRY(runtime::start(TRY(id_of(arguments)), TRY(globals.states()), globals.listener()));
    return 0;
}

Result<int> state(const Globals& globals, const Arguments& arguments) {
    const ContainerId id = TRY(id_of(arguments));
    const runtime::StateDir states = TRY(globals.states());
    const runtime::Record record = TRY(states.load(id));
    const runtime::Status status = TRY(runtime::look_up_status(id, record, states));
    std::printf("%s\n", runtime::state_document(record, status, oci::k_runtime_spec_version).c_str());
    return 0;
}

Result<int> kill(const Globals& globals, const Arguments& arguments) {
    const int signal = arguments.operands().size() > 1 ? TRY(kernel::parse_signal(arguments.operands()[1])) : SIGTERM;
    const runtime::StateDir states = TRY(globals.states());
    const auto kill_one = [&](const ContainerId& id) { return arguments.has("all") ? runtime::kill_all(id, states, signal) : runtime::kill(id, states, signal); };
    if (arguments.has("regex")) return for_each_matching(globals, arguments.operands()[0], kill_one);
    TRY(kill_one(TRY(id_of(arguments))));
    return 0;
}

Result<int> remove(const Globals& globals, const Arguments& arguments) {
    const runtime::StateDir states = TRY(globals.states());
    const auto remove_one = [&](const ContainerId& id) -> Result<> {
        std::vector<std::string> warnings;
        TRY(runtime::remove(id, states, arguments.has("force"), &warnings));
        for (const std::string& warning : warnings) globals.warn(warning);
        return {};
    };
    if (arguments.has("regex")) return for_each_matching(globals, arguments.operands()[0], remove_one);
    TRY(remove_one(TRY(id_of(arguments))));
    return 0;
}

Result<int> pause(const Globals& globals, const Arguments& arguments) {
    TRY(runtime::pause(TRY(id_of(arguments)), TRY(globals.states())));
    return 0;
}

Result<int> resume(const Globals& globals, const Arguments& arguments) {
    TRY(runtime::resume(TRY(id_of(arguments)), TRY(globals.states())));
    return 0;
}

}  // namespace

const Verb k_start = {.name = "start", .operands = "ID", .summary = "Run the program of a created container.", .options = {}, .least = 1, .most = 1, .enters_container = true, .carry_out = start};
const Verb k_state = {.name = "state", .operands = "ID", .summary = "Print the state document.", .options = {}, .least = 1, .most = 1, .carry_out = state};
const Verb k_kill = {.name = "kill", .operands = "ID [SIGNAL]", .summary = "Send a signal (TERM, SIGTERM or 15; default: TERM) to the first process.", .options = k_kill_options, .least = 1, .most = 2, .carry_out = kill};
const Verb k_delete = {.name = "delete", .operands = "ID", .summary = "Give back what a stopped container holds.", .options = k_delete_options, .least = 1, .most = 1, .carry_out = remove};
const Verb k_pause = {.name = "pause", .operands = "ID", .summary = "Freeze every process.", .options = {}, .least = 1, .most = 1, .carry_out = pause};
const Verb k_resume = {.name = "resume", .operands = "ID", .summary = "Thaw every process.", .options = {}, .least = 1, .most = 1, .carry_out = resume};

}  // namespace skiff::runtime_cli
