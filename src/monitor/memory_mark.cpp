// SPDX-License-Identifier: Apache-2.0
#include "monitor/memory_mark.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "codec/json.hpp"
#include "kernel/file.hpp"

namespace skiff::monitor {
namespace {

using Stage = MemoryMark::Stage;

constexpr std::array<std::pair<Stage, std::string_view>, 3> k_stages{{{Stage::asking, "asking"}, {Stage::paused, "paused"}, {Stage::killing, "killing"}}};
constexpr size_t k_longest = 4096;

Result<MemoryMark> parse(std::string_view text) {
    const codec::Json document = TRY(codec::parse_json(text));
    const auto fields = TRY(codec::JsonFields::of(document, "memory"));
    MemoryMark mark;
    const std::string stage = TRY(fields.required_text("stage"));
    const auto found = std::ranges::find(k_stages, stage, &decltype(k_stages)::value_type::second);
    if (found == k_stages.end()) return Error::corrupt("memory.stage is {}", stage);
    mark.stage = found->first;
    mark.promised = TRY(fields.number<uint64_t>("promised"));
    mark.hard = TRY(fields.number<uint64_t>("hard"));
    mark.usage = TRY(fields.number<uint64_t>("usage"));
    mark.since_ns = TRY(fields.number<int64_t>("since_ns"));
    mark.deadline_ns = TRY(fields.optional_number<int64_t>("deadline_ns"));
    return mark;
}

}  // namespace

Result<MemoryMark> parse_memory_mark(std::string_view text) {
    auto mark = parse(text);
    if (!mark) return std::move(mark).error().as(Kind::corrupt);
    return mark;
}

std::string to_text(const MemoryMark& mark) {
    const auto* stage = std::ranges::find(k_stages, mark.stage, &decltype(k_stages)::value_type::first);
    codec::Json json = codec::Json::object({{"stage", stage->second}, {"promised", mark.promised}, {"hard", mark.hard}, {"usage", mark.usage}, {"since_ns", mark.since_ns}});
    if (mark.deadline_ns) json.set("deadline_ns", *mark.deadline_ns);
    return json.to_text();
}

Result<std::optional<MemoryMark>> read_memory_mark(kernel::FdView run_directory) {
    const auto text = kernel::read_whole_file_at(run_directory, k_memory_mark, k_longest);
    if (!text && text.error().is_errno(ENOENT)) return std::optional<MemoryMark>();
    if (!text) return text.error();
    return std::optional<MemoryMark>(TRY(parse_memory_mark(*text)));
}

Result<> write_memory_mark(kernel::FdView run_directory, const MemoryMark& mark) {
    return kernel::replace_file(run_directory, k_memory_mark, to_text(mark), 0600, kernel::Durability::visible);
}

}  // namespace skiff::monitor
