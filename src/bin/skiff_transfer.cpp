// SPDX-License-Identifier: Apache-2.0
// Whatever meets hostile bytes: see image/transfer_protocol.hpp and transfer/jail.hpp.
#include "transfer/stages.hpp"

int main(int argument_count, char** arguments) { return skiff::transfer::run_stage(argument_count, arguments); }
