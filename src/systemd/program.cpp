// SPDX-License-Identifier: Apache-2.0
#include "systemd/program.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "systemd/bus.hpp"

namespace skiff::systemd {
namespace {

Result<> hold_the_place() {
    TRY(kernel::write_all(kernel::FdView::of(1), bytes_of(std::string_view("started\n"))));
    std::array<std::byte, 64> nothing;
    while (TRY(kernel::read_some(kernel::FdView::of(0), nothing)) > 0) {}
    return {};
}

Result<> carry_out(const std::vector<std::string>& words) {
    const std::vector<std::string> properties(words.begin() + 2, words.end());
    if (words[0] != "start" && words[0] != "set" && words[0] != "stop") return Error::invalid("{} is none of start, set and stop", quoted(words[0]));
    Bus bus = TRY(Bus::connect());
    if (words[0] == "set") return bus.set(words[1], properties);
    if (words[0] == "stop") return bus.stop(words[1]);
    TRY(bus.start_with_this_process(words[1], properties));
    return hold_the_place();
}

}  // namespace

int run_program(int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    if (words.size() < 2) {
        std::fprintf(stderr, "usage: skiff-systemd start|set|stop UNIT [NAME=SIGNATURE:VALUE...]\n");
        return 2;
    }
    const auto done = carry_out(words);
    if (done) return 0;
    std::fprintf(stderr, "%s\n", done.error().text().c_str());
    return 1;
}

}  // namespace skiff::systemd
