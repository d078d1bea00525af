// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/table.hpp"

#include <algorithm>
#include <cstdio>

#include "base/text.hpp"

namespace skiff::runtime_cli {

Result<bool> wants_json(const Arguments& arguments) {
    const std::string format_name = arguments.has("format") ? arguments.value("format") : "table";
    if (format_name != "table" && format_name != "json") return Error::invalid("--format {}: table or json", quoted(format_name));
    return format_name == "json";
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max({widths[i], row[i].size(), size_t{11}});
    }
    for (const auto& row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) line += i + 1 == row.size() ? row[i] : row[i] + std::string(widths[i] + 1 - row[i].size(), ' ');
        std::printf("%s\n", line.c_str());
    }
}

}  // namespace skiff::runtime_cli
