// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace skiff::transfer {

/// The program skiff-transfer: `inflate`, `unpack root|layer`, `pack root|layer`,
/// `pack overlay DIR DIR...`, `assemble`, `split` or `join`, with the
/// descriptors that image/transfer_protocol.hpp draws. Returns the exit code: 0 went well, 1 the report says why not, 2 it was not called as drawn.
int run_stage(int argument_count, char** arguments);

}  // namespace skiff::transfer
