// SPDX-License-Identifier: Apache-2.0
#include "kernel/held_locks.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

/// "fe:00:1466475" of each line "12: FLOCK  ADVISORY  WRITE 26804 fe:00:1466475 0 EOF"; who waits has "->" behind the number.
Result<std::unordered_set<std::string>> places_locked() {
    std::unordered_set<std::string> places;
    const std::string text = TRY(read_whole_file("/proc/locks"));
    for (const auto line : split(text, '\n')) {
        auto words = split(line, ' ');
        std::erase(words, "");
        if (words.size() == 8 && words[1] == "FLOCK" && words[3] == "WRITE") places.emplace(words[5]);
    }
    return places;
}

}  // namespace

Result<std::unordered_set<std::string>> entries_seen_locked(FdView directory) {
    std::unordered_set<std::string> names;
    const auto places = TRY(places_locked());
    if (places.empty()) return names;

    Fd listing = TRY(open_at(directory, ".", O_RDONLY | O_DIRECTORY));
    struct stat status{};
    if (fstat(listing.number(), &status) != 0) return Error::system(errno, "look at a directory");
    const std::unique_ptr<DIR, CloseDirectory> stream(fdopendir(listing.number()));
    if (!stream) return Error::system(errno, "list a directory");
    (void)listing.release();

    errno = 0;
    while (const dirent* entry = readdir(stream.get())) {
        if (places.contains(format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), entry->d_ino))) names.emplace(entry->d_name);
        errno = 0;
    }
    if (errno != 0) return Error::system(errno, "list a directory");
    return names;
}

}  // namespace skiff::kernel
