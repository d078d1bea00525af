// SPDX-License-Identifier: Apache-2.0
#include "image/transfer_protocol.hpp"

#include <utility>

#include "base/text.hpp"
#include "codec/json.hpp"

namespace skiff::image {
namespace {

using codec::Json;

constexpr std::pair<Kind, std::string_view> k_kinds[] = {
    {Kind::invalid, "invalid"}, {Kind::unsupported, "unsupported"}, {Kind::corrupt, "corrupt"},
    {Kind::no_space, "no_space"}, {Kind::forbidden, "forbidden"}, {Kind::system, "system"},
};

std::string_view name_of(Kind kind) {
    for (const auto& [known, name] : k_kinds)
        if (known == kind) return name;
    return "system";
}

std::string without_control_characters(std::string_view text) {
    std::string clean;
    for (const char c : text) clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return clean;
}

}  // namespace

std::string to_report_text(const Result<TransferReport>& outcome) {
    if (outcome) return Json::object({{"entries", outcome->entries}, {"bytes", outcome->bytes}}).to_text() + "\n";
    const Error& error = outcome.error();
    std::string text = error.text().substr(0, k_longest_report / 8);
    // JSON is UTF-8, names in archives are whatever they like: what is not plain is shown as a question mark.
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    return Json::object({{"error", Json::object({{"kind", name_of(error.kind())}, {"text", text}})}}).to_text() + "\n";
}

Result<TransferReport> parse_report(std::string_view line) {
    const auto refuse = [&] { return Error::internal("skiff-transfer reported {}", quoted(line.substr(0, 200))); };
    const auto json = codec::parse_json(line);
    if (!json) return refuse();
    if (const Json* error = json->find("error")) {
        const Json* kind = error->find("kind");
        const Json* text = error->find("text");
        if (!kind || !kind->is_string() || !text || !text->is_string()) return refuse();
        for (const auto& [known, name] : k_kinds)
            if (name == kind->string()) return Error::make(known, "{}", without_control_characters(text->string()));
        return refuse();
    }
    const Json* entries = json->find("entries");
    const Json* bytes = json->find("bytes");
    const auto entry_count = entries ? entries->to_uint64() : std::nullopt;
    const auto byte_count = bytes ? bytes->to_uint64() : std::nullopt;
    if (!entry_count || !byte_count) return refuse();
    return TransferReport{*entry_count, *byte_count};
}

}  // namespace skiff::image
