// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/verb.hpp"

int main(int argc, char** argv) { return skiff::runtime_cli::run_program(argc, argv); }
