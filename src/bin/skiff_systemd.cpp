// SPDX-License-Identifier: Apache-2.0
#include "systemd/program.hpp"

int main(int argc, char** argv) { return skiff::systemd::run_program(argc, argv); }
