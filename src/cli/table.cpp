// SPDX-License-Identifier: Apache-2.0
#include "cli/table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::cli {
namespace {

constexpr size_t k_narrowest = 10, k_gap = 3;

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

size_t columns_of(std::string_view text) { return static_cast<size_t>(std::count_if(text.begin(), text.end(), starts_code_point)); }

std::string lay_out(const std::vector<std::string>& rows) {
    std::vector<size_t> widths;
    for (const std::string& row : rows) {
        const auto cells = split(row, '\t');
        if (cells.size() > widths.size()) widths.resize(cells.size(), k_narrowest);
        for (size_t i = 0; i + 1 < cells.size(); ++i) widths[i] = std::max(widths[i], columns_of(cells[i]) + k_gap);
    }
    std::string all;
    for (const std::string& row : rows) {
        const auto cells = split(row, '\t');
        for (size_t i = 0; i < cells.size(); ++i) {
            all += cells[i];
            if (i + 1 < cells.size()) all.append(widths[i] - columns_of(cells[i]), ' ');
        }
        all += '\n';
    }
    return all;
}

std::string ellipsis(std::string_view text, size_t width) {
    if (columns_of(text) <= width) return std::string(text);
    std::string cut;
    size_t columns = 0;
    for (const char c : text) {
        if (starts_code_point(c) && ++columns >= width) break;
        cut += c;
    }
    return cut + "…";
}

}  // namespace skiff::cli
