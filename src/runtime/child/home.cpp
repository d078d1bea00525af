// SPDX-License-Identifier: Apache-2.0
// Where the user is at home: the field of the container's own passwd(5). Its lines are the image's, so nothing of them is
// believed but what was asked for, and a file that is none (a pipe, a device) is not read.
#include <sys/stat.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

constexpr unsigned long k_longest_file = 4UL << 20;
constexpr uint64_t k_no_id = ~uint64_t{0};

/// One line under way, byte by byte: NAME:PASSWORD:UID:GID:COMMENT:HOME:SHELL.
struct Line {
    unsigned field = 0;
    uint64_t uid = k_no_id;
    unsigned long size = 0;   ///< of the home directory, which stands in `home`
    bool is_sound = true;
    char home[PATH_MAX];

    void take(char c) noexcept {
        if (c == ':') {
            ++field;
        } else if (field == 2) {
            const bool is_digit = c >= '0' && c <= '9';
            if (!is_digit || (uid != k_no_id && uid > UINT32_MAX)) is_sound = false;
            else uid = (uid == k_no_id ? 0 : uid * 10) + static_cast<uint64_t>(c - '0');
        } else if (field == 5) {
            if (size + 1 < sizeof home) home[size++] = c;
            else is_sound = false;
        }
    }
    bool is_home_of(uint64_t wanted) const noexcept { return is_sound && field >= 5 && uid == wanted && size > 0 && home[0] == '/'; }
    void begin() noexcept { field = 0, uid = k_no_id, size = 0, is_sound = true; }
};

bool search(int file, uint64_t uid, Line& line) noexcept {
    char piece[4096];
    unsigned long read_so_far = 0;
    line.begin();
    while (read_so_far < k_longest_file) {
        const long got = call(SYS_read, file, piece, sizeof piece);
        if (got <= 0) return line.is_home_of(uid);  // the last line may have no end
        for (long i = 0; i < got; ++i) {
            if (piece[i] != '\n') {
                line.take(piece[i]);
                continue;
            }
            if (line.is_home_of(uid)) return true;
            line.begin();
        }
        read_so_far += static_cast<unsigned long>(got);
    }
    return false;
}

}  // namespace

int find_home(World& world, const Step& step) noexcept {
    // Inside: what a symlink leads to is the container's own. Nothing here may end the birth: the home is then "/".
    const Closing file(open_path(AT_FDCWD, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_NO_MAGICLINKS));
    if (file.fd < 0) return k_nothing_to_do;
    struct stat status{};
    if (call(SYS_newfstatat, file.fd, "", &status, AT_EMPTY_PATH) < 0 || !S_ISREG(status.st_mode)) return k_nothing_to_do;
    Line line;
    if (!search(file.fd, step.number, line)) return k_nothing_to_do;
    constexpr unsigned long k_behind_name = 5;  // "HOME="
    char* entry = world.orders->home;
    for (unsigned long i = 0; i < line.size; ++i) entry[k_behind_name + i] = line.home[i];
    entry[k_behind_name + line.size] = 0;
    return 0;
}

}  // namespace skiff::runtime::child
