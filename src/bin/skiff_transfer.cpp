// SPDX-License-Identifier: Apache-2.0
// Whatever meets hostile bytes: see image/transfer_protocol.hpp and transfer/jail.hpp.
#include "transfer/stages.hpp"

#ifdef SKIFF_SANITIZED
/// Leaks are looked for through /proc, which the jail does not have.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
#endif

int main(int argument_count, char** arguments) { return skiff::transfer::run_stage(argument_count, arguments); }
