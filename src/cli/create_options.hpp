// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "cli/option_table.hpp"
#include "engine/requests.hpp"

/// The options that run and create share, and what they ask of the engine.
namespace skiff::cli {

std::span<const Option> create_options();
/// Docker's that we do not have, each with its reason.
std::span<const RefusedOption> refused_create_options();

/// Which streams -a names; none named means output and errors, and input with -i.
struct AttachedStreams { bool in = false, out = false, err = false; };
Result<AttachedStreams> parse_attached(const Given& given);

/// What was typed as a request; the files that options name are read. Error (invalid): names the option.
Result<engine::CreateRequest> build_create_request(const Given& given);

/// --cidfile: refuses a file that exists; writes the id.
Result<> check_id_file(const Given& given);
Result<> write_id_file(const Given& given, const std::string& id);

/// The error of a create whose image is missing, with the advice that --pull asks for.
Error explain_missing_image(Error error);
/// Refuses the values of --pull that need a registry, and unknown ones.
Result<> check_pull(const Given& given);

}  // namespace skiff::cli
