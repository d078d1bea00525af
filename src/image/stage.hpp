// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

namespace skiff::image {

/// One jailed process and the pipe of its report. Dropping it kills it.
struct Stage { kernel::Child child; kernel::Fd report; };

/// Starts skiff-transfer with these arguments and descriptors, and one for its report.
Result<Stage> start_stage(const std::string& transfer, std::vector<std::string> arguments, std::vector<kernel::Program::Given> descriptors);

/// Waits for its end and what it says about it.
Result<TransferReport> finish_stage(Stage stage);

}  // namespace skiff::image
