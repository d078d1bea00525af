// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_table.hpp"

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {

std::string unescaped_field(std::string_view field) {
    std::string plain;
    for (size_t i = 0; i < field.size(); ++i) {
        const auto code = field[i] == '\\' ? parse_uint(field.substr(i + 1, 3), 8) : std::nullopt;
        if (code && i + 3 < field.size()) {
            plain += static_cast<char>(*code);
            i += 3;
        } else {
            plain += field[i];
        }
    }
    return plain;
}

Result<std::vector<std::string>> mounts_inside(FdView directory) {
    const std::string path = TRY(read_link(proc_path(directory)));
    const std::string prefix = path == "/" ? path : path + "/";
    std::vector<std::string> found;
    const std::string table = TRY(read_whole_file("/proc/self/mountinfo"));
    for (const std::string_view line : split(table, '\n')) {
        const auto fields = split(line, ' ');
        if (fields.size() < 5) continue;
        std::string point = unescaped_field(fields[4]);
        if (point.size() > prefix.size() && point.starts_with(prefix)) found.push_back(std::move(point));
    }
    return found;
}

}  // namespace skiff::kernel
