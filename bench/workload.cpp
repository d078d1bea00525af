// SPDX-License-Identifier: Apache-2.0
// /bin/true for benchmarks: ends at once, with the code it was given. A runtime that never ran it cannot know the code.
//
//   workload CODE | workload sleep
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc < 2) return 0;
    if (argv[1][0] == 's') pause();
    int code = 0;
    for (const char* digit = argv[1]; *digit >= '0' && *digit <= '9'; ++digit) code = code * 10 + (*digit - '0');
    return code;
}
