// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/process.hpp"

/// Programs of the host that do a part of a verb's work: ps(1), criu(8).
namespace skiff::runtime {

/// The first executable file called `name` in the caller's PATH (its default where that is not set). Error (not_found).
Result<std::string> find_host_program(const std::string& name);

/// What a program said and how it ended.
struct HostAnswer {
    kernel::Ending ending;
    std::string output, errors;
};
/// Runs it to its end, with the caller's environment and nothing on its standard input.
Result<HostAnswer> ask_host_program(const std::string& path, std::vector<std::string> arguments);

}  // namespace skiff::runtime
