// SPDX-License-Identifier: Apache-2.0
#include "cgroup/number_file.hpp"

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {

Result<uint64_t> number_in(kernel::FdView directory, const std::string& file) {
    auto text = kernel::read_short_file_at(directory, file);
    if (!text && text.error().is_errno(ENOENT)) return 0;
    return parse_uint(trim(TRY(std::move(text)))).value_or(0);
}

Result<std::map<std::string, uint64_t, std::less<>>> table_in(kernel::FdView directory, const std::string& file) {
    std::map<std::string, uint64_t, std::less<>> table;
    const std::string text = TRY(kernel::read_short_file_at(directory, file));
    for (const std::string_view line : split(text, '\n')) {
        const Halves halves = split_once(line, ' ');
        if (halves.after) table[std::string(halves.before)] = parse_uint(*halves.after).value_or(0);
    }
    return table;
}

}  // namespace skiff::cgroup
