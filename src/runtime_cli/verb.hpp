// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/state.hpp"
#include "runtime_cli/arguments.hpp"

/// The command line of the runtime, which is runc's: a file a verb, each with its table of options.
namespace skiff::runtime_cli {

/// Options that stand before the verb.
struct Globals {
    std::string root = "/run/skiff-runtime";
    bool root_is_given = false;
    std::string log, log_format = "text";
    bool debug = false, warns = true;
    bool systemd_cgroup = false;

    Result<runtime::StateDir> states() const { return runtime::StateDir::open(root); }
    /// With --debug, what logs each step of a birth; otherwise empty. `this` must outlive it.
    runtime::Listener listener() const;
    /// A warning: to the log, and to standard error where there is none.
    void warn(const std::string& sentence) const;
};

struct Verb {
    std::string_view name;
    std::string_view operands;           ///< "ID", "ID PROGRAM [ARGUMENT…]"
    std::string_view summary;
    std::span<const Option> options = {};
    size_t least = 0, most = 0;          ///< operands
    Arguments::Mixing mixing = Arguments::Mixing::anywhere;
    bool enters_container = false;       ///< bears processes: runs from a protected copy of the binary
    int failure_code = 1;
    std::string_view refusal = {};       ///< why there is no such verb here; carry_out is then empty
    /// The exit code of the program.
    Result<int> (*carry_out)(const Globals& globals, const Arguments& arguments) = nullptr;
};

extern const Verb k_create, k_start, k_run, k_exec, k_state, k_kill, k_delete, k_list, k_ps, k_pause, k_resume, k_update, k_events, k_spec, k_features,
                  k_checkpoint, k_restore, k_mounts;

/// The whole program: `argv` as main got it.
int run_program(int argc, char** argv);

}  // namespace skiff::runtime_cli
