// SPDX-License-Identifier: Apache-2.0
// From argv to a verb: the global options, the table of verbs, and where failures are told.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "base/text.hpp"
#include "kernel/family.hpp"
#include "kernel/host.hpp"
#include "monitor/alarm.hpp"
#include "monitor/monitor.hpp"
#include "oci/defaults.hpp"
#include "runtime_cli/init.hpp"
#include "runtime_cli/log.hpp"
#include "runtime_cli/protect.hpp"
#include "runtime_cli/rootless.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_global_options = {
    Option{"root", 0, "DIR", "where the state of containers is kept (default: /run/skiff-runtime; without root $XDG_RUNTIME_DIR/skiff-runtime)"},
    Option{"log", 0, "FILE", "append errors and warnings to FILE instead of standard error"},
    Option{"log-format", 0, "text|json", "the form of the log"},
    Option{"debug", 0, {}, "log each step of a birth, too"},
    Option{"log-level", 0, "error|warning|debug", "what is logged at least (crun's spelling; debug is --debug)"},
    Option{"cgroup-manager", 0, "cgroupfs|systemd", "crun's spelling: systemd is --systemd-cgroup"},
    Option{"rootless", 0, "true|false|auto", "whether the caller is not the host's root; auto (the default) looks. false refuses to do without control groups"},
    Option{"systemd-cgroup", 0, {}, "systemd makes the cgroup, as a scope; cgroupsPath is SLICE:PREFIX:NAME (cgroup version 2 alone)"},
    Option{"help", 'h', {}, "this text"},
    Option{"version", 'v', {}, "the versions of the program and of the specification"},
};

constexpr std::array k_verbs = {&k_create, &k_start, &k_run, &k_exec, &k_state, &k_kill, &k_delete,
                                                 &k_list, &k_ps, &k_pause, &k_resume, &k_update, &k_events, &k_spec, &k_features,
                                                 &k_checkpoint, &k_restore, &k_mounts};

std::string usage() {
    std::string text = "skiff-runtime: an OCI runtime\n\nusage: skiff-runtime [OPTIONS] VERB …\n\n" + describe_options(k_global_options) + "\nverbs:\n";
    for (const Verb* verb : k_verbs) text += format("  {:<10} {}\n", verb->name, verb->summary);
    return text + "\n`skiff-runtime VERB --help` tells a verb's options.\n";
}

std::string usage_of(const Verb& verb) {
    return format("usage: skiff-runtime {} [OPTIONS] {}\n\n{}\n\n{}", verb.name, verb.operands, verb.summary, describe_options(verb.options));
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int fail(const Globals& globals, const Error& failure, int code) {
    const Error error = kernel::with_missing_calls(failure);
    log_line(globals, "error", error.text());
    // Whoever gave a log reads it there; a person at a terminal reads this.
    if (!globals.log.empty()) std::fprintf(stderr, "skiff-runtime: %s\n", error.text().c_str());
    return code;
}

/// Where failures are to be told when the line itself is wrong: engines read them in the log (containerd, podman).
Globals log_of(std::span<const std::string> words) {
    for (size_t length = words.size(); length > 0; --length)  // the longest beginning that makes sense: what failed stands behind it
        if (const auto typed = Arguments::parse(words.first(length), k_global_options, Arguments::Mixing::options_first)) {
            Globals globals;
            globals.log = typed->value("log");
            if (typed->value("log-format") == "json") globals.log_format = "json";
            return globals;
        }
    return {};
}

Result<Globals> globals_from(const Arguments& typed) {
    Globals globals;
    globals.root_is_given = typed.has("root");
    const std::string rootless = typed.has("rootless") ? typed.value("rootless") : "auto";
    if (rootless != "true" && rootless != "false" && rootless != "auto") return Error::invalid("--rootless {}: true, false or auto", quoted(rootless));
    if (rootless == "false" && is_rootless())
        return Error::forbidden("--rootless=false, but no control group can be made here: this is not the host's root").hint("leave it at auto");
    globals.root = globals.root_is_given ? typed.value("root") : default_state_directory(rootless == "true" || is_rootless());
    globals.log = typed.value("log");
    globals.systemd_cgroup = typed.has("systemd-cgroup") || typed.value("cgroup-manager") == "systemd";
    globals.debug = typed.has("debug") || typed.value("log-level") == "debug";
    globals.warns = typed.value("log-level") != "error";
    if (typed.has("log-format")) globals.log_format = typed.value("log-format");
    return globals;
}

Result<> check(const Globals& globals, const Arguments& typed) {
    if (globals.log_format != "text" && globals.log_format != "json") return Error::invalid("--log-format {}: text or json", quoted(globals.log_format));
    if (const std::string level = typed.value("log-level"); typed.has("log-level") && level != "error" && level != "warning" && level != "debug")
        return Error::invalid("--log-level {}: error, warning or debug", quoted(level));
    const std::string manager = typed.value("cgroup-manager");
    if (manager == "disabled") return Error::unsupported("--cgroup-manager disabled is not supported: a container's processes could not be told from others");
    if (!manager.empty() && manager != "cgroupfs" && manager != "systemd") return Error::invalid("--cgroup-manager {}: cgroupfs or systemd", quoted(manager));
    if (manager == "cgroupfs" && typed.has("systemd-cgroup")) return Error::invalid("--cgroup-manager cgroupfs and --systemd-cgroup contradict each other");
    if (globals.root.empty()) return Error::invalid("--root is empty");
    return {};
}

int carry_out(const Verb& verb, const Globals& globals, std::span<const std::string> words, char** argv) {
    auto typed = Arguments::parse(words, verb.options, verb.mixing);
    if (!typed || !verb.refusal.empty()) {
        if (std::find(words.begin(), words.end(), "--help") != words.end() || std::find(words.begin(), words.end(), "-h") != words.end()) {
            print(usage_of(verb));
            return 0;
        }
        if (!verb.refusal.empty()) return fail(globals, Error::unsupported("{}", verb.refusal), verb.failure_code);
        return fail(globals, std::move(typed).error().context("{}", verb.name), verb.failure_code);
    }
    const size_t count = typed->operands().size();
    if (count < verb.least || count > verb.most)
        return fail(globals, Error::invalid("{}: usage: skiff-runtime {} [OPTIONS] {}", verb.name, verb.name, verb.operands), verb.failure_code);
    if (verb.enters_container)
        if (auto guarded = run_from_protected_copy(argv); !guarded) return fail(globals, guarded.error(), verb.failure_code);
    auto code = verb.carry_out(globals, *typed);
    return code ? *code : fail(globals, code.error(), verb.failure_code);
}

/// The small process that stays with a container of the engine's; its directory says which.
int run_monitor_mode(int argc, char** argv) {
    const bool adopts = argc > 2 && std::strcmp(argv[2], "--adopt") == 0;
    if (adopts ? argc != 4 && argc != 5 : argc != 3) {
        std::fprintf(stderr, "usage: skiff-runtime monitor DIRECTORY\n       skiff-runtime monitor --adopt DIRECTORY [STREAM[,STREAM...]]\n");
        return 2;
    }
    if (auto guarded = run_from_protected_copy(argv); !guarded) {
        std::fprintf(stderr, "skiff-runtime: %s\n", guarded.error().text().c_str());
        return 1;
    }
    return adopts ? monitor::run_adopter(argv[3], argc == 5 ? argv[4] : "") : monitor::run_monitor(argv[2]);
}

}  // namespace

int run_program(int argc, char** argv) {
    kernel::take_usual_signals();
    // Not verbs of a runtime: what skiff itself starts this program for.
    if (argc > 1 && std::strcmp(argv[1], "init") == 0) return run_init(argc - 1, argv + 1);
    if (argc > 1 && std::strcmp(argv[1], "monitor") == 0) return run_monitor_mode(argc, argv);
    if (argc > 1 && std::strcmp(argv[1], "alarm") == 0) return monitor::run_alarm({argv + 1, argv + argc});

    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    auto typed = Arguments::parse(words, k_global_options, Arguments::Mixing::options_first);
    if (!typed) return fail(log_of(words), typed.error(), 1);
    auto globals = globals_from(*typed);
    if (!globals) return fail(log_of(words), globals.error(), 1);
    if (auto sound = check(*globals, *typed); !sound) return fail(log_of(words), sound.error(), 1);
    if (typed->has("version")) {
        print(format("skiff-runtime version {}\nspec: {}\n", SKIFF_VERSION, oci::k_runtime_spec_version));
        return 0;
    }
    const auto& operands = typed->operands();
    if (typed->has("help") || operands.empty() || operands[0] == "help") {
        print(usage());
        return operands.empty() && !typed->has("help") ? 1 : 0;
    }
    for (const Verb* verb : k_verbs)
        if (verb->name == operands[0]) return carry_out(*verb, *globals, std::span(operands).subspan(1), argv);
    return fail(*globals, Error::invalid("unknown verb {}", quoted(operands[0])).hint("`skiff-runtime --help` lists them"), 1);
}

}  // namespace skiff::runtime_cli
