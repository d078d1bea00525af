// SPDX-License-Identifier: Apache-2.0
// The engine and its command line.
#include <string>
#include <vector>

#include "cli/main.hpp"

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    return skiff::cli::run_command_line(words);
}
