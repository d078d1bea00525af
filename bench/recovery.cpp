// SPDX-License-Identifier: Apache-2.0
// recovery ROOT RUNROOT TIMES: prints the microseconds of each of TIMES looks for what dead commands left, one a line.
#include <cstdio>
#include <cstdlib>

#include "base/time.hpp"
#include "engine/house.hpp"
#include "engine/recover.hpp"

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    auto house = skiff::engine::Engine::House::open({argv[1], argv[2]});
    if (!house) return std::fprintf(stderr, "recovery: %s\n", house.error().text().c_str()), 1;
    for (int times = std::atoi(argv[3]); times > 0; --times) {
        const int64_t begun = skiff::boottime_ns();
        if (!skiff::engine::recover(**house)) return 1;
        std::printf("%.1f\n", static_cast<double>(skiff::boottime_ns() - begun) / 1000);
    }
}
